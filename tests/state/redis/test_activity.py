"""Tracked traffic that several processes share: the same figures as in one, whoever joins and whenever."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import settings
from hypothesis.stateful import rule

from mockserver.dataset.tracked import Event
from mockserver.settings import Settings
from mockserver.state.redis.activity import SharedActivity
from mockserver.state.redis.space import RedisSpace
from tests.dataset.test_activity import TrackingMachine, event
from tests.redis import RedisServer
from tests.state.redis.states import new_name, sharing

NOW = 1_770_465_620.0


class AtOnce(SharedActivity):
    """What is sent off comes back at once."""

    def track(self, event: Event, now: float) -> None:
        super().track(event, now)
        for text in self.take():
            self.apply(text)

    def heartbeat(self, site: str, session: str, now: float) -> bool:
        known = (site, session) in self._sessions
        super().heartbeat(site, session, now)
        for text in self.take():
            self.apply(text)
        return known


class SharedTracking(TrackingMachine):
    """The same as in one process, while it goes from process to process by snapshots."""

    def begin_with(self) -> AtOnce:
        return AtOnce()

    @rule()
    def go_on_elsewhere(self) -> None:
        other = AtOnce()
        other.load(self.activity.dump())  # type: ignore[attr-defined]
        other.version = self.activity.version
        self.activity = other


SharedTracking.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestSharedTracking = SharedTracking.TestCase


def test_who_joins_late_loads_a_snapshot_and_what_came_after(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.state.redis.space._EVENTS_KEPT", 10)

    async def late() -> None:
        name = new_name()
        async with sharing(redis, Settings(now=NOW), 2, name) as writers:
            for number in range(47):
                writer = writers[number % 2]
                writer.activity.track(event("site", f"session {number}", path=f"/{number % 3}"), NOW)
                await writer.publish()
            first = writers[0]
            await first.refresh()
            assert isinstance(first, RedisSpace)
            assert await first._link.ask("XLEN", first._place.prefix + b"events") < 20
            async with sharing(redis, Settings(now=NOW), 1, name) as (joined,):
                assert joined.activity.live_pages("site", NOW, 300) == first.activity.live_pages("site", NOW, 300)
                assert joined.activity.days("site") == first.activity.days("site")
                assert joined.activity.live("site", NOW, 300) == 47

    asyncio.run(late())
