"""The journal: the last requests that were answered, in a ring bounded by number and by bytes.

Adding one costs a tuple: of a request only what is new in it is kept, and an `Entry` is made of it when somebody reads.
Keeping the requests themselves would cost twice as much, because every object that is kept is memory which the next
request cannot use while it is in the processor's cache.
"""

from __future__ import annotations

from collections import deque
from itertools import islice
from time import perf_counter
from typing import Any, NamedTuple, Protocol

from mockserver.clock import Clock
from mockserver.faults.fault import Fault
from mockserver.journal.entry import Entry, entries_of
from mockserver.journal.record import Noted
from mockserver.journal.redaction import Redaction
from mockserver.pipeline.answer import Answer
from mockserver.pipeline.lines import HeaderList
from mockserver.pipeline.request import Request
from mockserver.settings import JOURNAL_MAX

MAX_BYTES = 32_000_000
TEST_BYTES = 4_000_000  # there may be a thousand tests at once
_OVERHEAD = 1_000  # what an entry weighs beside its texts
_PAIR = 100


class Reading(NamedTuple):
    """What a journal holds, oldest first, and how many it has forgotten to make room."""

    entries: list[Entry]
    dropped: int


class Journal(Protocol):
    """What a space remembers of its traffic."""

    def add(self, request: Request, answer: Answer, fault: Fault | None = None) -> None:
        """Take down a request that was just answered. `fault`: what went wrong with it on purpose."""
        ...

    async def clear(self) -> None:
        """Forget everything; numbers go on."""
        ...

    async def read(self, after: int = 0) -> Reading:
        """What is remembered, as it may be shown: those later than the `after`th since the beginning."""
        ...

    async def size(self) -> int:
        """How many are remembered."""
        ...


class MemoryJournal:
    """A journal in this process's memory."""

    def __init__(
        self,
        clock: Clock,
        most: int = JOURNAL_MAX,
        most_bytes: int = MAX_BYTES,
        redaction: Redaction = Redaction({}),  # noqa: B008 - it never changes
    ) -> None:
        self.clock, self._redaction = clock, redaction
        self.most_bytes = most_bytes
        self._entries: deque[tuple[Any, ...]] = deque(maxlen=most)
        self._count = self._cleared = self._total = 0
        self._headers: HeaderList = []

    def add(self, request: Request, answer: Answer, fault: Fault | None = None) -> None:
        """See Journal."""
        size, headers = _OVERHEAD + len(request.raw_path) + len(request.query) + answer.size, request.raw_headers
        if headers != self._headers:  # most clients repeat the same headers, which are kept once
            size += sum([len(name) + len(value) + _PAIR for name, value in headers])
            self._headers = headers
        if request.body:
            size += len(request.body)
        entries, clock, judged, quota, before = self._entries, self.clock, answer.judged, answer.quota, self._total
        self._count += 1
        self._total = before + size
        entries.append(
            (  # in the order of Noted, whose construction would cost as much as all the rest
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
        """About how many bytes are kept."""
        return self._total - self._entries[0][0] if self._entries else 0

    @property
    def dropped(self) -> int:
        """How many entries were removed to make room."""
        return self._count - self._cleared - len(self._entries)

    async def clear(self) -> None:
        """See Journal."""
        self.clear_now()

    def clear_now(self) -> None:
        """The same at once."""
        self._cleared = self._count
        self._entries.clear()

    async def read(self, after: int = 0) -> Reading:
        """See Journal."""
        return Reading(entries_of(self.numbered(after), self._redaction), self.dropped)

    async def size(self) -> int:
        """See Journal."""
        return len(self._entries)

    def numbered(self, after: int = 0) -> list[tuple[int, Noted]]:
        """What is noted, with the number of each since the beginning: those later than the `after`th."""
        first = self._count - len(self._entries) + 1
        skipped = max(0, after - first + 1)
        entries = islice(self._entries, skipped, None)
        return [(number, Noted(*entry)) for number, entry in enumerate(entries, first + skipped)]

    def __len__(self) -> int:
        return len(self._entries)
