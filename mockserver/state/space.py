"""Everything that changes while the server runs, behind one small interface."""

from __future__ import annotations

from typing import Protocol

from mockserver.clock import Clock
from mockserver.contract.plans import Plan, RateLimit
from mockserver.dataset.accounts import Key
from mockserver.limits.counter import Counter
from mockserver.limits.quota import Quota
from mockserver.state.activity import Activity


class Space(Protocol):
    """A world of its own: its clock, its counters, its tracked traffic."""

    clock: Clock
    activity: Activity

    async def spend(self, key: Key, plan: Plan, limit: RateLimit, *, counted: bool) -> Quota:
        """Count a request of a key, or refuse it: atomically, so that N at once get exactly what is left."""
        ...

    async def peek(self, key: Key, plan: Plan, limit: RateLimit) -> Quota:
        """A key's figures, with nothing counted."""
        ...


class MemorySpace:
    """A space in this process's memory: one process, no server."""

    __slots__ = ("_counters", "activity", "clock", "enforce")

    def __init__(self, clock: Clock, *, enforce: bool = True) -> None:
        self.clock = clock
        self.enforce = enforce
        self.activity = Activity()
        self._counters: dict[str, Counter] = {}

    def _counter(self, key: Key) -> Counter:
        counter = self._counters.get(key.id)
        if counter is None:
            counter = self._counters[key.id] = Counter(key.used_this_month, key.used_total)
        return counter

    async def spend(self, key: Key, plan: Plan, limit: RateLimit, *, counted: bool) -> Quota:
        """See Space. Nothing is awaited between judging and counting, so no other request comes between them."""
        return self._counter(key).spend(
            plan,
            limit.window_seconds,
            self.clock.now(),
            counted=counted,
            enforce=self.enforce,
            counts_refused=429 not in limit.uncounted,
        )

    async def peek(self, key: Key, plan: Plan, limit: RateLimit) -> Quota:
        """See Space."""
        counter = self._counter(key)
        counter.turn(self.clock.now(), limit.window_seconds)
        return counter.read(plan, limit.window_seconds, self.clock.now())
