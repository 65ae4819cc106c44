"""The journal: the most recent requests with their answers, bounded by number and bytes.

Recording appends a tuple; an `Entry` is built from it when the journal is read. Request objects are not retained: that
would cost twice as much, because the next request could not reuse their memory while it is in the processor's cache.
"""

from __future__ import annotations

from collections import deque
from itertools import islice
from time import perf_counter
from typing import Any, NamedTuple, Protocol

from mockserver.clock import Clock
from mockserver.faults.fault import Fault
from mockserver.journal.entry import Entry, build_entry
from mockserver.journal.masked import Masker
from mockserver.journal.record import JournalRecord
from mockserver.journal.redaction import Redaction
from mockserver.pipeline.answer import Answer
from mockserver.pipeline.lines import HeaderList
from mockserver.pipeline.request import Request
from mockserver.settings import JOURNAL_MAX

MAX_BYTES = 32_000_000
TEST_BYTES = 4_000_000  # less, because there may be a thousand tests
_OVERHEAD = 1_000  # bytes of a record without its texts
_PAIR = 100


class Reading(NamedTuple):
    """Entries of a journal, oldest first, and the number of entries dropped because it was full."""

    entries: list[Entry]
    dropped: int


class Journal(Protocol):
    """The interface of a journal."""

    def add(self, request: Request, answer: Answer, fault: Fault | None = None) -> None:
        """Record an answered request and the fault that was injected, if any."""
        ...

    async def clear(self) -> None:
        """Remove all entries; numbering continues."""
        ...

    async def read(self, after: int = 0) -> Reading:
        """Return the entries with a number above `after`, without secrets."""
        ...

    async def size(self) -> int:
        """Return the number of entries."""
        ...


class MemoryJournal:
    """A journal in memory. `Journal` documents the methods."""

    def __init__(
        self,
        clock: Clock,
        most: int = JOURNAL_MAX,
        most_bytes: int = MAX_BYTES,
        redaction: Redaction = Redaction({}),  # noqa: B008 - it never changes
    ) -> None:
        self.clock, self._masker = clock, Masker(redaction)
        self.most_bytes = most_bytes
        self._entries: deque[tuple[Any, ...]] = deque(maxlen=most)
        self._count = self._cleared = self._total = 0
        self._headers: HeaderList = []

    def add(self, request: Request, answer: Answer, fault: Fault | None = None) -> None:
        """Record an answered request."""
        size, headers = _OVERHEAD + len(request.raw_path) + len(request.query) + answer.size, request.raw_headers
        if headers is not self._headers:  # `LastHeaders` keeps those that a client repeats once
            size += sum([len(name) + len(value) + _PAIR for name, value in headers])
            self._headers = headers
        if request.body:
            size += len(request.body)
        entries, clock, judged, quota, before = self._entries, self.clock, answer.judged, answer.quota, self._total
        self._count += 1
        self._total = before + size
        entries.append(
            (  # in the order of JournalRecord, whose construction would cost as much as all the rest
                before,
                clock.now(),
                perf_counter(),
                clock.is_frozen,
                request.started,
                request.peer,
                self._headers,
                request.body,
                request.resolved,
                judged.key,
                judged.problem,
                judged.preference,
                fault,
                quota if quota is not None and quota.refused else None,
                answer.status,
                answer.lines,
                answer.pieces,
            )
        )
        if before + size - entries[0][0] > self.most_bytes:
            self._make_room()

    def _make_room(self) -> None:
        while self.weight > self.most_bytes:
            self._entries.popleft()

    @property
    def weight(self) -> int:
        """The approximate size of all records in bytes."""
        return self._total - self._entries[0][0] if self._entries else 0

    @property
    def dropped(self) -> int:
        """The number of records dropped because the journal was full."""
        return self._count - self._cleared - len(self._entries)

    async def clear(self) -> None:
        """Remove all entries."""
        self.clear_now()

    def clear_now(self) -> None:
        """Remove all entries synchronously."""
        self._cleared = self._count
        self._entries.clear()

    async def read(self, after: int = 0) -> Reading:
        """Return the entries with a number above `after`, without secrets."""
        entries = [build_entry(number, self._masker.mask(record)) for number, record in self.numbered(after)]
        return Reading(entries, self.dropped)

    async def size(self) -> int:
        """Return the number of entries."""
        return len(self._entries)

    def numbered(self, after: int = 0) -> list[tuple[int, JournalRecord]]:
        """Return the records with a number above `after`, with their numbers."""
        first = self._count - len(self._entries) + 1
        skipped = max(0, after - first + 1)
        entries = islice(self._entries, skipped, None)
        return [(number, JournalRecord(*entry)) for number, entry in enumerate(entries, first + skipped)]

    def __len__(self) -> int:
        return len(self._entries)
