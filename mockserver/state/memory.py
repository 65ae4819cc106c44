"""State in this process's memory."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from typing import Any

from mockserver.dataset.accounts import Key
from mockserver.dataset.activity import Activity
from mockserver.journal.journal import MAX_BYTES, TEST_BYTES, Journal, MemoryJournal
from mockserver.journal.redaction import Redaction
from mockserver.limits.counter import Counter
from mockserver.limits.quota import Quota
from mockserver.limits.spending import Spending
from mockserver.scenarios.fault_state import FaultState
from mockserver.settings import Settings
from mockserver.state.space import InitialFaults, Space, SpaceCounts
from mockserver.state.spaces import Spaces


def _nothing() -> FaultState | None:
    return None


class MemorySpace:
    """A space in memory. `Space` documents the methods."""

    __slots__ = (
        "_counters",
        "_initial_faults",
        "_started",
        "activity",
        "clock",
        "fault_state",
        "journal",
        "keys",
        "local",
        "settings",
    )

    def __init__(
        self, settings: Settings, journal: MemoryJournal | None = None, initial_faults: InitialFaults = _nothing
    ) -> None:
        self.local = True
        self.settings = self._started = settings
        self.clock = settings.clock() if journal is None else journal.clock
        self.journal: Journal | None = journal
        self.activity = Activity()
        self.keys: dict[str, Key] = {}
        self._initial_faults = initial_faults
        self.fault_state = initial_faults()
        self._counters: dict[str, Counter] = {}

    async def refresh(self) -> None:
        """Do nothing: no other process changes this space."""

    async def exchange(self, spendings: Sequence[Spending | None], _since: float) -> list[Quota | None] | None:
        """Count requests; there is no other process that could change the space."""
        return [None if spending is None else self.spend_now(spending) for spending in spendings]

    def transaction(self) -> AbstractAsyncContextManager[None]:
        """Return a context without effect: a single process needs no lock."""
        return nullcontext()

    async def publish(self) -> None:
        """Do nothing: changes are not shared."""

    def discard(self) -> None:
        """Do nothing: no change waits to be published."""

    def spend_now(self, spending: Spending) -> Quota:
        """Count or refuse a request. Atomic, because nothing is awaited between the check and the count."""
        counter = self._counters.get(spending.key.id)
        if counter is None:
            counter = self._counter(spending.key)
        return _spend(counter, spending, self.clock.now())

    async def spend(self, spending: Spending) -> Quota:
        """Count or refuse a request."""
        return self.spend_now(spending)

    async def read_quota(self, spending: Spending) -> Quota:
        """Return the quota of a key without counting a request."""
        counter = replace(self._counter(spending.key))
        return _spend(counter, spending._replace(counted=False), self.clock.now())

    async def set_used(self, spending: Spending, *, minute_used: int | None, month_used: int | None) -> Quota:
        """Set the used requests of a key; the total changes with the month."""
        counter, now = self._counter(spending.key), self.clock.now()
        counter.turn(now, spending.limit.window_seconds)
        counter.set_used(minute_used, month_used)
        return counter.read(spending.plan, spending.limit.window_seconds, now)

    async def reset(self) -> None:
        """Reset the space to its initial state."""
        self.clock.reset()
        self.settings = self._started
        self.activity.reset()
        self.keys.clear()
        self.fault_state = self._initial_faults()
        self._counters.clear()
        if self.journal is not None:
            await self.journal.clear()

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


class MemoryState:
    """State in memory. `State` documents the methods."""

    local = True
    address = ""

    def __init__(self, settings: Settings, redaction: Redaction, initial_faults: InitialFaults = _nothing) -> None:
        self._settings, self._redaction, self._initial_faults = settings, redaction, initial_faults

    def space(self, test: bytes = b"") -> Space:
        """Return a new space."""
        most, journal = self._settings.journal_max, None
        if most:
            weight = TEST_BYTES if test else MAX_BYTES
            journal = MemoryJournal(self._settings.clock(), most, weight, self._redaction)
        return MemorySpace(self._settings, journal, self._initial_faults)

    async def tests(self, here: Spaces[Any], /) -> list[bytes]:
        """Return the names of tests that have a space."""
        return list(here)

    async def count_tests(self, here: Spaces[Any], /) -> SpaceCounts:
        """Return the number of test spaces and their bounds."""
        return SpaceCounts(len(here), here.most, here.idle, here.evicted)

    async def check(self) -> None:
        """Do nothing: memory is always available."""

    async def start(self) -> None:
        """Do nothing: there are no other servers."""

    async def close(self) -> None:
        """Do nothing: there is no connection."""
