"""The journal: the last requests that were answered, in a ring bounded by number and by bytes.

Taking one down costs a tuple: of a request only what is new in it is kept, and everything that can be said about it is
worked out when somebody reads (`mockserver.journal.entry`). Keeping the requests themselves would cost several times as
much: the objects that the next request needs would be cold.
"""

from __future__ import annotations

from collections import deque
from itertools import islice
from time import perf_counter
from typing import Any, NamedTuple, Protocol

from apicontract.errors import QUOTA_EXCEEDED
from mockserver.clock import Clock
from mockserver.faults.fault import Fault
from mockserver.journal.entry import Entry, entries_of
from mockserver.journal.record import Noted, packed, whole
from mockserver.journal.redaction import Redaction
from mockserver.pipeline.answer import Answer
from mockserver.pipeline.request import HeaderList, Request
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

    __slots__ = ("_count", "_entries", "_last", "_redaction", "clock", "dropped", "most", "most_bytes", "weight")

    def __init__(
        self,
        clock: Clock,
        most: int = JOURNAL_MAX,
        most_bytes: int = MAX_BYTES,
        redaction: Redaction = Redaction({}),  # noqa: B008 - it never changes
    ) -> None:
        self.clock, self._redaction = clock, redaction
        self.most, self.most_bytes = most, most_bytes
        self._entries: deque[tuple[Any, ...]] = deque()
        self._last: HeaderList = []
        self._count = 0
        self.dropped = 0
        self.weight = 0

    def add(self, request: Request, answer: Answer, fault: Fault | None = None) -> None:
        """See Journal."""
        clock, quota, body, entries = self.clock, answer.quota, request.body, self._entries
        path, query, judged, headers = request.raw_path, request.query, answer.judged, request.raw_headers
        size = _OVERHEAD + len(path) + len(query) + len(answer.body)
        if headers == self._last:  # most clients send the same ones again and again: they are kept once
            headers = self._last
        else:
            self._last = headers
            size += sum([len(name) + len(value) + _PAIR for name, value in headers])
        if body:
            size += len(body)
        refused, free_at = "", 0.0
        if quota is not None and quota.refused:
            refused = quota.refused
            free_at = quota.month_reset if refused == QUOTA_EXCEEDED else quota.minute_reset
        entries.append(
            (  # in the order of Noted, whose making would cost as much as all the rest
                size,
                clock.now(),
                perf_counter(),
                clock.is_frozen,
                request.started,
                request.method,
                path,
                query,
                request.peer,
                headers,
                body,
                request.resolved,
                judged.key,
                judged.problem,
                judged.preference,
                fault,
                refused,
                free_at,
                answer.status,
                answer.head or packed(answer.headers),
                answer.parts or answer.body,  # the parts are shared by many answers
            )
        )
        self._count += 1
        self.weight += size
        while len(entries) > self.most or self.weight > self.most_bytes:
            self.weight -= entries.popleft()[0]
            self.dropped += 1

    async def clear(self) -> None:
        """See Journal."""
        self.clear_now()

    def clear_now(self) -> None:
        """The same at once."""
        self._entries.clear()
        self.weight = self.dropped = 0

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
        return [(number, whole(Noted(*entry))) for number, entry in enumerate(entries, first + skipped)]

    def __len__(self) -> int:
        return len(self._entries)
