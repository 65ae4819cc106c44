"""Batches of requests where something in the mock fails: nobody waits forever, and only those it meets are told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from mockserver.engine.batches import Batches
from mockserver.limits.quota import Quota
from mockserver.limits.spending import Spending
from mockserver.pipeline.answer import Answer
from mockserver.pipeline.pipeline import Pipeline
from mockserver.pipeline.request import Request
from mockserver.settings import Settings
from mockserver.state.memory import MemorySpace
from mockserver.state.space import Space, StateError
from tests.lab import WEBSITES
from tests.state.redis.states import APIS

NOTHING = f"{WEBSITES}/00000000-0000-4000-8000-000000000000"
HEADERS = [(b"x-api-key", b"zv_demo_pro")]


class FailingSpace(MemorySpace):
    """A space whose exchanges fail with what `failures` holds."""

    __slots__ = ("failures",)

    def __init__(self, *failures: Exception) -> None:
        super().__init__(Settings())
        self.failures = list(failures)

    async def exchange(self, spendings: Sequence[Spending | None], since: float) -> list[Quota | None] | None:
        """Fail, or count."""
        await asyncio.sleep(0)
        if self.failures:
            raise self.failures.pop(0)
        return await super().exchange(spendings, since)


class Waiter:
    """A client: the status of its answer, 0 if it was declined."""

    def __init__(self) -> None:
        self.told: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def respond(self, answer: Answer) -> None:
        """Note an answer."""
        self.told.set_result(answer.status)

    def decline(self) -> None:
        """Note that the application is to answer."""
        self.told.set_result(0)


def answered(space: Space, change: Callable[[Pipeline[Space]], None] = lambda _: None, **options: Any) -> list[int]:
    """What three clients are told, one after another; the second one asks for a website that does not exist."""
    pipeline = Pipeline(APIS, space)
    change(pipeline)

    async def run() -> list[int]:
        recorded: list[int] = []
        batches = Batches(
            Settings(**options), lambda _request, answer: recorded.append(answer.status), lambda _request: {}
        )
        told = []
        for path in (WEBSITES, NOTHING, WEBSITES):
            waiter = Waiter()
            batches.add(pipeline, pipeline.receive("GET", path.encode(), b"", HEADERS, dict(HEADERS)), waiter)
            told.append(await waiter.told)
        assert recorded == [status for status in told if status]
        return told

    return asyncio.run(run())


def failing(name: str) -> Callable[[Pipeline[Space]], None]:
    """Let a step of a pipeline fail where a website is asked for."""

    def change(pipeline: Pipeline[Space]) -> None:
        step = getattr(pipeline, name)

        def fail(request: Request, *arguments: Any) -> Any:
            if request.raw_path.endswith(NOTHING.encode()):
                raise ZeroDivisionError
            return step(request, *arguments)

        setattr(pipeline, name, fail)

    return change


def test_what_exists_is_answered_and_what_does_not_is_not_found() -> None:
    assert answered(FailingSpace()) == [200, 404, 200]


def test_an_exchange_that_fails_for_an_unknown_reason_is_a_500_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert answered(FailingSpace(ZeroDivisionError())) == [500, 404, 200]
    assert "ZeroDivisionError" in caplog.text


def test_a_state_that_is_away_is_a_503_or_no_obstacle() -> None:
    assert answered(FailingSpace(StateError("away"))) == [503, 404, 200]
    assert answered(FailingSpace(StateError("away")), state_failure="open") == [200, 404, 200]


def test_a_request_that_cannot_be_judged_is_left_to_the_application() -> None:
    assert answered(FailingSpace(), failing("judge")) == [200, 0, 200]


def test_a_request_that_cannot_be_completed_is_a_500_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert answered(FailingSpace(), failing("complete")) == [200, 500, 200]
    assert "ZeroDivisionError" in caplog.text


def test_a_request_that_cannot_be_answered_without_the_state_either_is_a_500(caplog: pytest.LogCaptureFixture) -> None:
    space = FailingSpace(*[StateError("away")] * 3)
    assert answered(space, failing("complete"), state_failure="open") == [200, 500, 200]
    assert "ZeroDivisionError" in caplog.text
