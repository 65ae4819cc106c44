"""The script that counts is `Counter`: the same figures for any sequence of requests, changes and turns of a clock."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apicontract.plans import Plan, RateLimit
from apicontract.provenance import DOCUMENTED
from mockserver.limits.quota import Quota
from mockserver.limits.spending import Spending
from mockserver.settings import Settings
from mockserver.state.memory import MemorySpace
from mockserver.state.space import Space
from tests.redis import RedisServer
from tests.state.redis.states import KEY, new_name, sharing

START = datetime(2026, 1, 31, 23, 58, 30, tzinfo=UTC).timestamp()
PLANS = [Plan("small", "S", 3, 7, DOCUMENTED), Plan("endless", "E", 2, None, DOCUMENTED)]


class Step(NamedTuple):
    """One thing that is done to a space."""

    act: str
    plan: Plan
    counted: bool
    enforce: bool
    counts_refused: bool
    minute: int | None
    month: int | None
    seconds: float


STEPS = st.lists(
    st.builds(
        Step,
        act=st.sampled_from(["spend", "spend", "spend", "read", "set", "advance", "turn back", "reset"]),
        plan=st.sampled_from(PLANS),
        counted=st.booleans(),
        enforce=st.booleans(),
        counts_refused=st.booleans(),
        minute=st.none() | st.integers(0, 4),
        month=st.none() | st.integers(0, 9),
        seconds=st.sampled_from([0.25, 1.0, 59.5, 60.0, 7_200.0, 3_000_000.0]),
    ),
    max_size=25,
)


async def do(space: Space, step: Step) -> Quota | None:
    """One step; what it answers."""
    limit = RateLimit(60, {} if step.counts_refused else {429: DOCUMENTED}, DOCUMENTED)
    spending = Spending(KEY, step.plan, limit, step.counted, step.enforce)
    if step.act == "spend":
        return await space.spend(spending)
    if step.act == "read":
        return await space.read_quota(spending)
    async with space.transaction():
        if step.act == "set":
            return await space.set_used(spending, minute_used=step.minute, month_used=step.month)
        if step.act == "advance":
            space.clock.advance(step.seconds)
        elif step.act == "turn back":
            space.clock.set(START - step.seconds)
        else:
            await space.reset()
    return None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_both_states_give_the_same_figures(redis: RedisServer, steps: list[Step]) -> None:
    started = Settings(now=START)

    async def both() -> tuple[list[Any], list[Any]]:
        memory = MemorySpace(started)
        async with sharing(redis, started, 2) as (first, second):
            mine, theirs = [], []
            for number, step in enumerate(steps):
                space = (first, second)[number % 2]
                await space.refresh()
                mine.append(await do(memory, step))
                theirs.append(await do(space, step))
            return mine, theirs

    mine, theirs = asyncio.run(both())
    assert theirs == mine


def test_a_process_whose_clock_is_behind_counts_in_the_window_that_is_open(redis: RedisServer) -> None:
    limit = RateLimit(60, {}, DOCUMENTED)
    spending = Spending(KEY, PLANS[0], limit, counted=True, enforce=True)

    async def skewed() -> list[Quota]:
        name = new_name()
        async with (
            sharing(redis, Settings(), 1, name) as (behind,),
            sharing(redis, Settings(offset=61.0), 1, name) as (ahead,),
        ):
            found = [await ahead.spend(spending), await behind.spend(spending), await ahead.spend(spending)]
            return [*found, await behind.spend(spending)]

    quotas = asyncio.run(skewed())
    assert [quota.minute_used for quota in quotas] == [1, 2, 3, 3]
    assert [quota.refused for quota in quotas] == ["", "", "", "rate-limited"]
    assert len({quota.minute_reset for quota in quotas}) == 1


def test_a_process_that_has_missed_a_reset_does_not_hold_the_windows_of_the_others(redis: RedisServer) -> None:
    spending = Spending(KEY, PLANS[1], RateLimit(60, {}, DOCUMENTED), counted=True, enforce=True)

    async def missed() -> Quota:
        async with sharing(redis, Settings(now=START), 2) as (first, second):
            for _ in range(3):
                async with first.transaction():
                    first.clock.advance(600)
            await second.refresh()
            async with first.transaction():
                await first.reset()
            await second.spend(spending)
            async with first.transaction():
                first.clock.set(START - 600)
            return await first.spend(spending)

    quota = asyncio.run(missed())
    assert (quota.minute_used, quota.minute_reset) == (1, (START - 600) // 60 * 60 + 60)
