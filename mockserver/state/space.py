"""Everything that changes while the server runs, behind one small interface."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, Protocol

from mockserver.clock import Clock
from mockserver.contract.plans import Plan, RateLimit
from mockserver.dataset.accounts import Key
from mockserver.limits.counter import Counter
from mockserver.limits.quota import Quota
from mockserver.state.activity import Activity

if TYPE_CHECKING:
    from mockserver.faults.lab import Lab
    from mockserver.state.journal import Journal


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
    """A world of its own: its clock, its counters, its tracked traffic. `local`: in this process's memory.

    `journal` None: nothing is taken down. `lab`: the faults and scenarios that are set; None where there are none.
    `keys`: by id, the keys that are not as the fixtures have them.
    """

    local: bool
    clock: Clock
    activity: Activity
    journal: Journal | None
    lab: Lab | None
    keys: dict[str, Key]

    def spend_now(self, spending: Spending) -> Quota:
        """Count a request of a key, or refuse it, without waiting: only where `local`."""
        ...

    async def spend(self, spending: Spending) -> Quota:
        """Count a request of a key, or refuse it: atomically, so that N at once get exactly what is left."""
        ...

    async def peek(self, spending: Spending) -> Quota:
        """What `spend` would answer to a request that never counts; nothing is counted."""
        ...

    async def put(self, spending: Spending, *, minute_used: int | None, month_used: int | None) -> Quota:
        """Say what a key has used in this minute and this month; None leaves it."""
        ...

    async def reset(self) -> None:
        """Be as at the start: clock, counters, tracked traffic, faults, scenarios, keys, journal."""
        ...


class MemorySpace:
    """A space in this process's memory: one process, no server."""

    __slots__ = ("_counters", "activity", "clock", "journal", "keys", "lab", "local")

    def __init__(self, clock: Clock, journal: Journal | None = None) -> None:
        self.local = True
        self.clock = clock
        self.activity = Activity()
        self.journal = journal
        self.lab: Lab | None = None
        self.keys: dict[str, Key] = {}
        self._counters: dict[str, Counter] = {}

    def spend_now(self, spending: Spending) -> Quota:
        """See Space. Nothing is awaited between judging and counting, so no other request comes between them."""
        counter = self._counters.get(spending.key.id)
        if counter is None:
            counter = self._counter(spending.key)
        return _spend(counter, spending, self.clock.now())

    async def spend(self, spending: Spending) -> Quota:
        """See Space."""
        return self.spend_now(spending)

    async def peek(self, spending: Spending) -> Quota:
        """See Space."""
        counter = replace(self._counter(spending.key))
        return _spend(counter, spending._replace(counted=False), self.clock.now())

    async def put(self, spending: Spending, *, minute_used: int | None, month_used: int | None) -> Quota:
        """See Space. The total moves with the month."""
        counter, now = self._counter(spending.key), self.clock.now()
        counter.turn(now, spending.limit.window_seconds)
        if minute_used is not None:
            counter.minute_used = minute_used
        if month_used is not None:
            counter.total_used = max(month_used, counter.total_used + month_used - counter.month_used)
            counter.month_used = month_used
        return counter.read(spending.plan, spending.limit.window_seconds, now)

    async def reset(self) -> None:
        """See Space."""
        self.reset_now()

    def reset_now(self) -> None:
        """The same at once."""
        self.clock.reset()
        self.activity.reset()
        self.keys.clear()
        self.lab = None
        self._counters.clear()
        if self.journal is not None:
            self.journal.clear()

    def _counter(self, key: Key) -> Counter:
        counter = self._counters.get(key.id)
        if counter is None:
            counter = self._counters[key.id] = Counter(key.used_this_month, key.used_total)
        return counter


def _spend(counter: Counter, spending: Spending, now: float) -> Quota:
    _, plan, limit, counted, enforce = spending
    return counter.spend(
        plan,
        limit.window_seconds,
        now,
        counted=counted,
        enforce=enforce,
        counts_refused=429 not in limit.uncounted,
    )
