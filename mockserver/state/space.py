"""Everything that changes while the server runs, behind one small interface."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from mockserver.clock import Clock
from mockserver.contract.plans import Plan, RateLimit
from mockserver.dataset.accounts import Key
from mockserver.limits.counter import Counter
from mockserver.limits.quota import Quota
from mockserver.state.activity import Activity


class Spending(NamedTuple):
    """What is asked of the limiter for one request.

    `counted` False: it is judged, but costs nothing (an answer that never counts). `enforce` False: never refused.
    """

    key: Key
    plan: Plan
    limit: RateLimit
    counted: bool
    enforce: bool


class Space(Protocol):
    """A world of its own: its clock, its counters, its tracked traffic. `local`: in this process's memory."""

    local: bool
    clock: Clock
    activity: Activity

    def spend_now(self, spending: Spending) -> Quota:
        """Count a request of a key, or refuse it, without waiting: only where `local`."""
        ...

    async def spend(self, spending: Spending) -> Quota:
        """Count a request of a key, or refuse it: atomically, so that N at once get exactly what is left."""
        ...


class MemorySpace:
    """A space in this process's memory: one process, no server."""

    __slots__ = ("_counters", "activity", "clock", "local")

    def __init__(self, clock: Clock) -> None:
        self.local = True
        self.clock = clock
        self.activity = Activity()
        self._counters: dict[str, Counter] = {}

    def spend_now(self, spending: Spending) -> Quota:
        """See Space. Nothing is awaited between judging and counting, so no other request comes between them."""
        key, plan, limit, counted, enforce = spending
        counter = self._counters.get(key.id)
        if counter is None:
            counter = self._counters[key.id] = Counter(key.used_this_month, key.used_total)
        return counter.spend(
            plan,
            limit.window_seconds,
            self.clock.now(),
            counted=counted,
            enforce=enforce,
            counts_refused=429 not in limit.uncounted,
        )

    async def spend(self, spending: Spending) -> Quota:
        """See Space."""
        return self.spend_now(spending)
