"""The state in this process's memory: one process, no server."""

from __future__ import annotations

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
from mockserver.state.space import Begin, Space, Tests
from mockserver.state.spaces import Spaces


def _nothing() -> FaultState | None:
    return None


class MemorySpace:
    """A space in this process's memory."""

    __slots__ = (
        "_begin",
        "_counters",
        "_started",
        "activity",
        "clock",
        "fault_state",
        "journal",
        "keys",
        "local",
        "settings",
    )

    def __init__(self, settings: Settings, journal: MemoryJournal | None = None, begin: Begin = _nothing) -> None:
        self.local = True
        self.settings = self._started = settings
        self.clock = settings.clock() if journal is None else journal.clock
        self.journal: Journal | None = journal
        self.activity = Activity()
        self.keys: dict[str, Key] = {}
        self._begin = begin
        self.fault_state = begin()
        self._counters: dict[str, Counter] = {}

    async def refresh(self) -> None:
        """See Space: there is no other process."""

    def transaction(self) -> AbstractAsyncContextManager[None]:
        """See Space."""
        return nullcontext()

    async def publish(self) -> None:
        """See Space: nobody else is to know."""

    def discard(self) -> None:
        """See Space: there is nothing unpublished."""

    def spend_now(self, spending: Spending) -> Quota:
        """See Space. Nothing is awaited between judging and counting, so no other request comes between them."""
        counter = self._counters.get(spending.key.id)
        if counter is None:
            counter = self._counter(spending.key)
        return _spend(counter, spending, self.clock.now())

    async def spend(self, spending: Spending) -> Quota:
        """See Space."""
        return self.spend_now(spending)

    async def read_quota(self, spending: Spending) -> Quota:
        """See Space."""
        counter = replace(self._counter(spending.key))
        return _spend(counter, spending._replace(counted=False), self.clock.now())

    async def set_used(self, spending: Spending, *, minute_used: int | None, month_used: int | None) -> Quota:
        """See Space. The total moves with the month."""
        counter, now = self._counter(spending.key), self.clock.now()
        counter.turn(now, spending.limit.window_seconds)
        counter.put(minute_used, month_used)
        return counter.read(spending.plan, spending.limit.window_seconds, now)

    async def reset(self) -> None:
        """See Space."""
        self.clock.reset()
        self.settings = self._started
        self.activity.reset()
        self.keys.clear()
        self.fault_state = self._begin()
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
    """See State."""

    local = True
    address = ""

    def __init__(self, settings: Settings, redaction: Redaction, begin: Begin = _nothing) -> None:
        self._settings, self._redaction, self._begin = settings, redaction, begin

    def space(self, test: bytes = b"") -> Space:
        """See State."""
        most, journal = self._settings.journal_max, None
        if most:
            weight = TEST_BYTES if test else MAX_BYTES
            journal = MemoryJournal(self._settings.clock(), most, weight, self._redaction)
        return MemorySpace(self._settings, journal, self._begin)

    async def tests(self, here: Spaces[Any], /) -> list[bytes]:
        """See State."""
        return list(here)

    async def figures(self, here: Spaces[Any], /) -> Tests:
        """See State."""
        return Tests(len(here), here.most, here.idle, here.evicted)

    async def check(self) -> None:
        """See State."""

    async def close(self) -> None:
        """See State."""
