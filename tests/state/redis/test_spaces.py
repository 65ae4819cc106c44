"""Spaces in Redis: made on first use, known to all, bounded, and none of their keys stays for ever."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from apicontract.plans import Plan, RateLimit
from apicontract.provenance import DOCUMENTED
from mockserver.clock import rfc3339
from mockserver.dataset.tracked import Event
from mockserver.faults.fault import Delay, Dribble, Fault
from mockserver.faults.reading import read_rule
from mockserver.limits.spending import Spending
from mockserver.scenarios.catalogue import ready_scenario
from mockserver.scenarios.fault_state import FaultState
from mockserver.scenarios.running import Running, Snapshot
from mockserver.settings import Settings
from mockserver.state.redis import state as module
from mockserver.state.redis.link import Link
from mockserver.state.redis.space import RedisSpace
from mockserver.state.space import RefusedStateError, Space, StateError
from mockserver.state.spaces import Spaces
from tests.journal.test_journal import asked
from tests.lab import WEBSITES
from tests.redis import RedisServer, shared
from tests.servers import serving
from tests.state.redis.states import APIS, KEY, new_name, sharing, state

NOW = 1_770_465_620.0
EVENT = Event("site", "session", "pageview", "/", None, "desktop", "Firefox", "Linux", "DE", "Berlin", 50)
RULE = {"operation": "listWebsites", "status": 500, "times": 3, "probability": 0.5, "from": "2026-01-01T00:00:00Z"}


async def every_key(redis: RedisServer, pattern: str) -> list[tuple[bytes, int]]:
    """The keys of a pattern, and in how many seconds each goes."""
    link = Link(redis.url)
    names = await link.ask("KEYS", pattern)
    found = [(name, int(await link.ask("TTL", name))) for name in sorted(names)]
    await link.close()
    return found


async def use(space: Space) -> None:
    """Leave something of every kind in a space."""
    space.activity.track(EVENT, NOW)
    await space.publish()
    async with space.transaction():
        space.clock.advance(61)
        space.fault_state = FaultState()
        space.fault_state.arm(read_rule(RULE, APIS, NOW))


def test_what_one_process_changes_every_other_knows(redis: RedisServer) -> None:
    async def shared() -> None:
        async with sharing(redis, Settings(now=NOW), 3) as (first, second, third):
            await use(first)
            for other in (second, third):
                await other.refresh()
                assert rfc3339(other.clock.now()) == "2026-02-07T12:01:21.000Z"
                assert other.fault_state is not None
                assert other.fault_state.faults == (first.fault_state or FaultState()).faults
                assert other.activity.live("site", NOW, 300) == 1
            async with second.transaction():
                await second.reset()
            await first.refresh()
            assert (first.clock.now(), first.fault_state, first.activity.live("site", NOW, 300)) == (NOW, None, 0)

    asyncio.run(shared())


def test_a_lab_comes_out_as_it_went_in(redis: RedisServer) -> None:
    async def told() -> None:
        async with sharing(redis, Settings(now=NOW), 2) as (first, second):
            async with first.transaction():
                fault_state = first.fault_state = FaultState(
                    delay=Fault(delay=Delay("lognormal", 20.0, 0.5), seed=3), delayed=4
                )
                for body in (RULE, {"fault": "CONNECTION_RESET_BY_PEER", "every": 3}):
                    fault_state.arm(read_rule(body, APIS, NOW)).strike()
                fault_state.faults[0] = fault_state.arm(
                    read_rule({"chunkedDribbleDelay": {"numberOfChunks": 3, "totalDuration": 9}}, APIS, NOW)
                )
                scenario = ready_scenario("server-errors-then-fine", APIS)
                fault_state.defined["mine"] = scenario
                fault_state.running[scenario.name] = Running(scenario)
                fault_state.running[scenario.name].resume(Snapshot("Started", NOW, ("2", NOW + 1), [(2, 1)]))
            await second.refresh()
            other = second.fault_state
            assert other is not None
            assert other.faults == fault_state.faults
            assert Dribble(3, 9) in [armed.rule.fault.dribble for armed in other.faults]
            assert (other.delay, other.delayed, other.count) == (fault_state.delay, 4, 3)
            assert [one.snapshot for one in other.running.values()] == [
                one.snapshot for one in fault_state.running.values()
            ]
            assert other.running[scenario.name].scenario == scenario

    asyncio.run(told())


async def change(space: Space, then: Callable[[], Awaitable[None]]) -> None:
    """Turn a space's clock, and do something else before the others know."""
    async with space.transaction():
        space.clock.advance(61)
        await then()


async def fail() -> None:
    """Fail."""
    raise ZeroDivisionError


def test_what_fails_is_not_shared_and_not_kept(redis: RedisServer) -> None:
    async def failed() -> None:
        async with sharing(redis, Settings(now=NOW), 2) as (first, second):
            with pytest.raises(ZeroDivisionError):
                await change(first, fail)
            for space in (first, second):
                await space.refresh()
                assert space.clock.now() == NOW

    asyncio.run(failed())


def test_changes_of_many_processes_at_once_are_all_kept(redis: RedisServer) -> None:
    async def once(space: Space) -> None:
        async with space.transaction():
            space.clock.advance(1)

    async def many() -> None:
        async with sharing(redis, Settings(now=NOW), 4) as spaces:
            await asyncio.gather(*(once(space) for space in spaces for _ in range(25)))
            for space in spaces:
                await space.refresh()
                assert space.clock.now() == NOW + 100

    asyncio.run(many())


def test_a_change_that_never_arrived_holds_nowhere(redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    async def cut_off() -> None:
        async with sharing(redis, Settings(now=NOW), 1) as (space,):
            assert isinstance(space, RedisSpace)
            link = space._link

            async def cut() -> None:
                monkeypatch.setattr(link, "run", refuse)

            with pytest.raises(StateError):
                await change(space, cut)
            monkeypatch.undo()
            await space.refresh()
            assert space.clock.now() == NOW

    async def refuse(*_arguments: object) -> None:
        raise StateError("cut off")

    asyncio.run(cut_off())


async def lost(space: Space) -> None:
    """Wait until it may be held by others."""
    assert isinstance(space, RedisSpace)
    while await space._link.ask("EXISTS", space._place.prefix + b"lock"):
        pass


def test_a_space_that_was_held_too_long_is_not_overwritten(redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.state.redis.space.HELD_MS", 1)

    async def late() -> None:
        async with sharing(redis, Settings(now=NOW), 2) as (first, second):
            with pytest.raises(StateError, match="took too long"):
                await change(first, lambda: lost(first))
            await second.refresh()
            await first.refresh()
            assert first.clock.now() == second.clock.now() == NOW

    asyncio.run(late())


def test_every_key_goes_when_nobody_comes_back_and_begins_with_the_namespace(redis: RedisServer) -> None:
    name = new_name()

    async def left() -> list[tuple[bytes, int]]:
        for test in (b"", b"one"):
            async with sharing(redis, Settings(now=NOW), 1, name, test) as (space,):
                await use(space)
        return await every_key(redis, f"*{name}*")

    keys = asyncio.run(left())
    assert len(keys) == 6
    for key, seconds in keys:
        assert key.startswith(name.encode() + b":")
        assert 0 < seconds <= (3_600 if b":test:" in key else module.KEPT_SECONDS)


def test_a_reset_leaves_other_namespaces_and_other_tests_alone(redis: RedisServer) -> None:
    async def apart() -> None:
        name = new_name()
        async with (
            sharing(redis, Settings(now=NOW), 1, name, b"a") as (a,),
            sharing(redis, Settings(now=NOW), 1, name, b"b") as (b,),
            sharing(redis, Settings(now=NOW), 1, test=b"a") as (other,),
        ):
            for space in (a, b, other):
                await use(space)
            async with a.transaction():
                await a.reset()
            for space in (a, b, other):
                await space.refresh()
            assert [space.clock.now() - NOW for space in (a, b, other)] == [0, 61, 61]

    asyncio.run(apart())


@dataclass
class Held:
    """How many tests there are, and how many had to go."""

    tests: list[bytes]
    evicted: int


def test_the_test_that_was_not_used_for_the_longest_time_makes_room(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    name = new_name()

    async def crowd() -> Held:
        one = state(redis, Settings(now=NOW), name)
        spaces = {test: one.space(test) for test in (b"a", b"b", b"c", b"d")}
        for test in (b"a", b"b", b"c"):
            await spaces[test].refresh()
            await use(spaces[test])
        await spaces[b"a"].refresh()
        await spaces[b"d"].refresh()
        here: Spaces[object] = Spaces(lambda _name: object())
        held = Held(sorted(await one.tests(here)), (await one.count_tests(here)).evicted)
        await spaces[b"b"].refresh()
        assert spaces[b"b"].clock.now() == NOW, "it begins anew"
        assert spaces[b"b"].activity.live("site", NOW, 300) == 0
        await one.close()
        return held

    assert asyncio.run(crowd()) == Held([b"a", b"c", b"d"], 1)


def test_what_somebody_else_has_written_is_refused_and_not_run(redis: RedisServer) -> None:
    async def foreign() -> None:
        async with sharing(redis, Settings(now=NOW), 2) as (first, second):
            await use(first)
            assert isinstance(first, RedisSpace)
            await first._link.ask("HSET", first._place.prefix + b"about", "document", '{"fault_state": 3}')
            await first._link.ask("HINCRBY", first._place.prefix + b"about", "version", 1)
            with pytest.raises(StateError, match="not written by this version"):
                await second.refresh()

    asyncio.run(foreign())


def test_no_key_of_a_client_lies_in_redis(own_redis: RedisServer) -> None:
    known = ("zv_demo_pro", "zv_demo_enterprise", "ap_demo_site")
    keys = (*known, "unknown-secret-0123")
    with serving("--quiet", *shared(own_redis)) as server:
        for key in keys:
            server.get(WEBSITES, key)
            server.get(f"{WEBSITES}?api_key={key}", key, headers={"Cookie": f"session={key}"})
            server.request("POST", "/e/ZV_abc123xyz", json={"session_id": "session-0001", "token": key})
        for key in known:
            server.get(f"{WEBSITES}/{key}?q={key}")
        assert server.get("/__mock/requests/count").json()["count"] == 15
    written = b"".join(path.read_bytes() for path in Path(own_redis.folder).rglob("*") if path.is_file())
    assert WEBSITES.encode() in written
    assert [key for key in keys if key.encode() in written] == []


def test_requests_that_were_judged_before_a_change_are_not_counted(redis: RedisServer) -> None:
    spending = Spending(KEY, Plan("small", "S", 3, 7, DOCUMENTED), RateLimit(60, {}, DOCUMENTED), True, True)

    async def late() -> None:
        async with sharing(redis, Settings(now=NOW), 2) as (first, second):
            async with first.transaction():
                first.clock.advance(61)
            assert await second.exchange([spending], time.perf_counter()) is None
            assert second.clock.now() == NOW + 61, "it has read the change"
            found = await second.exchange([spending], time.perf_counter())
            assert found is not None
            assert found[0] is not None
            assert (found[0].minute_used, found[0].month_used) == (1, KEY.used_this_month + 1)

    asyncio.run(late())


def test_what_is_tracked_is_not_confirmed_where_it_was_lost_with_the_question_of_another_request(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lose() -> None:
        async with sharing(redis, Settings(now=NOW), 1) as (space,):
            assert isinstance(space, RedisSpace)
            link = space._link
            run, begun, broken = link.run, asyncio.Event(), asyncio.Event()

            async def cut(*arguments: Any) -> Any:
                begun.set()
                await broken.wait()
                monkeypatch.setattr(link, "run", run)
                raise StateError("cut off")

            monkeypatch.setattr(link, "run", cut)
            other = asyncio.create_task(space.refresh())
            await begun.wait()
            space.activity.track(EVENT, NOW)
            publishing = asyncio.create_task(space.publish())
            counting = asyncio.create_task(space.exchange([], time.perf_counter()))
            await asyncio.sleep(0)
            broken.set()
            found = await asyncio.gather(other, publishing, counting, return_exceptions=True)
            assert [type(one) for one in found] == [StateError] * 3
            await space.refresh()

    asyncio.run(lose())


def test_what_could_not_be_published_is_forgotten_also_where_the_claim_is_refused(redis: RedisServer) -> None:
    """A server that others do not agree with would keep the entry of every request that it refuses."""

    async def refused() -> None:
        name = new_name()
        async with sharing(redis, Settings(now=NOW), 1, name) as (space,):
            assert isinstance(space, RedisSpace)
            await space._link.ask("ZREM", space._agreement._key, space._agreement._claim)
            async with sharing(redis, Settings(now=NOW, scale=2), 1, name):
                space._agreement._said = 0.0
                assert space.journal is not None
                space.activity.track(EVENT, NOW)
                space.journal.add(*asked())
                with pytest.raises(RefusedStateError, match="scale 2"):
                    await space.publish()
                assert space._journal is not None
                assert (space._tracked.has_news, space._journal.has_news) == (False, False)

    asyncio.run(refused())
