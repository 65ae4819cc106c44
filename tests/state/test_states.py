"""What a state promises, of each that there is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from mockserver.dataset.accounts import Key
from mockserver.dataset.tracked import Event
from mockserver.faults.fault import Delay, Fault
from mockserver.journal.redaction import Redaction
from mockserver.pipeline.api import Api
from mockserver.pipeline.pipeline import Pipeline
from mockserver.scenarios.actions import create_spending, list_keys, read_limits
from mockserver.scenarios.fault_state import FaultState
from mockserver.settings import Settings
from mockserver.state.memory import MemoryState
from mockserver.state.space import Space, State
from tests.journal.test_journal import asked
from tests.redis import STATES
from tests.state.redis.states import APIS, KEYS, new_name, nothing, state

NOW = 1_770_465_620.0
EVENT = Event("site", "session", "pageview", "/", None, "desktop", "Firefox", "Linux", "DE", "Berlin", 50)
Opened = Callable[[Settings], State]


@pytest.fixture(params=STATES)
def opened(request: pytest.FixtureRequest) -> Opened:
    """Opens a state of the kind that is meant."""
    if request.param == "memory":
        return lambda settings: MemoryState(settings, Redaction(KEYS), nothing)
    redis = request.getfixturevalue("redis")
    return lambda settings: state(redis, settings, new_name())


def within(opened: Opened, settings: Settings, work: Callable[[Space], Awaitable[None]]) -> None:
    """Do something with a new space."""

    async def run() -> None:
        found = opened(settings)
        try:
            space = found.space(b"test")
            await space.refresh()
            await work(space)
        finally:
            await found.close()

    asyncio.run(run())


def time_keys_and_faults(space: Space) -> tuple[float, dict[str, Key], FaultState | None]:
    return space.clock.now(), dict(space.keys), space.fault_state


async def note(space: Space, count: int, body: bytes = b"") -> None:
    """Let so many requests be taken down."""
    assert space.journal is not None
    for _ in range(count):
        space.journal.add(*asked(body=body))
        await space.publish()


async def numbers(space: Space, after: int = 0) -> tuple[list[int], int]:
    """The numbers of what is remembered, and how many were forgotten."""
    assert space.journal is not None
    entries, dropped = await space.journal.read(after)
    return [entry.number for entry in entries], dropped


def test_a_journal_holds_as_many_as_it_may_and_is_read_from_where_one_has_read_to(opened: Opened) -> None:
    async def work(space: Space) -> None:
        await note(space, 25)
        assert await numbers(space) == (list(range(16, 26)), 15)
        assert await numbers(space, 23) == ([24, 25], 15)
        assert await numbers(space, 25) == ([], 15)

    within(opened, Settings(journal_max=10), work)


def test_a_journal_holds_as_many_bytes_as_it_may(opened: Opened) -> None:
    async def work(space: Space) -> None:
        await note(space, 12, b"x" * 900_000)
        kept, dropped = await numbers(space)
        assert kept == list(range(13 - len(kept), 13))
        assert 0 < len(kept) <= 4
        assert dropped == 12 - len(kept)

    within(opened, Settings(), work)


def test_what_is_cleared_is_gone_and_numbers_go_on(opened: Opened) -> None:
    async def work(space: Space) -> None:
        assert space.journal is not None
        await note(space, 3)
        await space.journal.clear()
        await note(space, 1)
        assert await numbers(space) == ([4], 0)

    within(opened, Settings(), work)


def test_without_a_journal_nothing_is_kept(opened: Opened) -> None:
    async def work(space: Space) -> None:
        assert space.journal is None

    within(opened, Settings(journal_max=0), work)


def test_a_space_that_is_reset_is_as_at_the_start(opened: Opened) -> None:
    started = Settings(now=NOW, rate_limit=False, refused_plans=frozenset({"free"}))
    api: Api = APIS[0]

    async def work(space: Space) -> None:
        pipeline = Pipeline(APIS, space)
        key = next(key for _, key in list_keys(pipeline.space, pipeline.apis) if key.secret == "zv_demo_pro")
        spending = create_spending(api, key)
        assert spending is not None
        before = await space.read_quota(spending)
        for _ in range(3):
            await space.spend(spending._replace(counted=True))
        space.activity.track(EVENT, NOW)
        await space.publish()
        await note(space, 2)
        async with space.transaction():
            space.clock.advance(3_600)
            space.settings = replace(space.settings, rate_limit=True, refused_plans=frozenset())
            space.fault_state = FaultState(delay=Fault(delay=Delay("fixed", 5.0)))
            await read_limits({"plan": "scale"}, key.id, tuple(APIS)).apply(pipeline.space, pipeline.apis)
        await space.refresh()
        assert (space.clock.now(), space.settings.rate_limit, space.keys[key.id].plan) == (NOW + 3_600, True, "scale")
        assert space.activity.live("site", NOW, 300) == 1
        version = space.activity.version
        async with space.transaction():
            await space.reset()
        await space.refresh()
        assert time_keys_and_faults(space) == (NOW, {}, None)
        assert (space.settings.rate_limit, set(space.settings.refused_plans)) == (False, {"free"})
        assert space.activity.live("site", NOW, 300) == 0
        assert space.activity.version > version, "answers that were kept hold no longer"
        assert await space.read_quota(spending) == before
        assert await numbers(space) == ([], 0)

    within(opened, started, work)


def test_requests_that_are_counted_together_are_counted_one_after_another(opened: Opened) -> None:
    async def work(space: Space) -> None:
        pipeline = Pipeline(APIS, space)
        key = next(key for _, key in list_keys(pipeline.space, pipeline.apis) if key.secret == "zv_demo_free")
        spending = create_spending(APIS[0], key)
        assert spending is not None
        one = spending._replace(counted=True, enforce=True)
        quotas = await space.exchange([one, None, *[one] * 10], time.perf_counter())
        assert quotas is not None
        assert [quota and (quota.minute_used, quota.refused) for quota in quotas] == [
            (1, ""),
            None,
            *((used, "") for used in range(2, 11)),
            (10, "rate-limited"),
        ]
        assert await space.exchange([], time.perf_counter()) == []
        assert await space.exchange([None], time.perf_counter()) == [None]

    within(opened, Settings(now=NOW), work)
