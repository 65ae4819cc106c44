"""Spaces of tests: made on first use, forgotten when idle, bounded, and reset in no time."""

from __future__ import annotations

import asyncio
import time

import pytest

from mockserver.app import create_app
from mockserver.settings import Settings
from mockserver.state.spaces import Spaces


def made(_name: bytes) -> object:
    return object()


class Timer:
    """A timer that is turned by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_space_is_made_once_and_found_again() -> None:
    spaces = Spaces(made)
    assert spaces.find(b"a") is spaces.find(b"a") is not spaces.find(b"b")
    assert len(spaces) == 2


def test_a_space_that_nobody_uses_is_forgotten() -> None:
    timer = Timer()
    spaces = Spaces(made, idle=60, timer=timer)
    first, other = spaces.find(b"a"), spaces.find(b"b")
    timer.now = 59
    assert spaces.find(b"a") is first
    timer.now = 61
    assert spaces.find(b"a") is first
    assert spaces.find(b"b") is not other
    assert spaces.evicted == 0


def test_the_one_that_was_not_used_for_the_longest_time_makes_room() -> None:
    spaces = Spaces(made, most=3)
    kept = [spaces.find(name) for name in (b"a", b"b", b"c")]
    spaces.find(b"a")
    spaces.find(b"d")
    assert len(spaces) == 3
    assert spaces.evicted == 1
    assert spaces.find(b"a") is kept[0]
    assert spaces.find(b"b") is not kept[1]


def test_a_thousand_names_hold_no_more_than_is_allowed() -> None:
    spaces = Spaces(made, most=10)
    for number in range(1_000):
        spaces.find(b"%d" % number)
    assert len(spaces) == 10


def test_a_name_is_printable_and_not_endless() -> None:
    spaces = Spaces(made)
    for name in (b"", b" ", b"a\x00b", b"a\n", "ä".encode("latin-1"), b"x" * 201, b" a"):
        assert spaces.find(name) is None
    for name in (b"a", b"tests/test_a.py::test_b[1-x y]", b"x" * 200):
        assert spaces.find(name) is not None


def test_a_name_that_may_not_be_shown_is_none() -> None:
    spaces = Spaces(made)
    assert spaces.find(b"zv_demo_pro", lambda: True) is None
    assert spaces.find(b"zv_demo_pro", lambda: False) is not None


@pytest.mark.parametrize("test", ["zv_demo_pro", "case-1-zv_demo_pro", "a-key-nobody-knows"])
def test_a_credential_names_no_space(test: str) -> None:
    mock = create_app().mock
    assert mock.find_pipeline({b"x-test-id": test.encode(), b"x-api-key": b"a-key-nobody-knows"}) is None
    assert list(mock.tests) == []


def test_resetting_a_used_space_takes_less_than_a_millisecond() -> None:
    app = create_app(Settings(faults=("500; times=1",), scenarios=("retry-after-2s",)))
    pipeline = app.mock.tests.find(b"used")
    assert pipeline is not None

    async def best_of(count: int) -> float:
        best = 1.0
        for _ in range(count):
            pipeline.space.clock.advance(1)
            pipeline.space.activity.heartbeat("site", "session", pipeline.space.clock.now())
            begun = time.perf_counter()
            await app.mock.reset(pipeline)
            best = min(best, time.perf_counter() - begun)
        return best

    assert asyncio.run(best_of(20)) < 0.001
    fault_state = pipeline.space.fault_state
    assert fault_state is not None
    assert [armed.id for armed in fault_state.faults] == ["1"]
