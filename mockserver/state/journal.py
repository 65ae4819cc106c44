"""The journal: the last requests that were answered, in a ring bounded by number and by bytes.

Taking one down costs a small tuple: the request itself is kept, and everything that can be said about it is worked out
when somebody reads (`mockserver.state.entry`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple, Protocol

from mockserver.clock import Clock

if TYPE_CHECKING:
    from mockserver.pipeline.request import Request

MAX_ENTRIES, MAX_BYTES = 1_000, 32_000_000
TEST_BYTES = 4_000_000  # there may be a thousand tests at once
_OVERHEAD = 1_000  # what a request weighs in memory beside its texts
_BATCH, _LARGE = 64, 32_768


class Noted(NamedTuple):
    """One answered request. `now` is the space's clock, `ended` the performance counter, both after its last byte.

    `frozen`: that clock stood still. `size` in bytes, about.
    """

    number: int
    now: float
    ended: float
    frozen: bool
    size: int
    request: Request


class Journal(Protocol):
    """What a space remembers of its traffic, oldest first. `dropped`: how many it has forgotten to make room."""

    @property
    def dropped(self) -> int:
        """See above."""
        ...

    def add(self, request: Request) -> None:
        """Take down a request that was just answered."""
        ...

    def clear(self) -> None:
        """Forget everything; numbers go on."""
        ...

    def __iter__(self) -> Iterator[Noted]: ...

    def __len__(self) -> int: ...


class MemoryJournal:
    """A journal in this process's memory. What it weighs is worked out for a batch at a time: that costs half."""

    __slots__ = ("_bytes", "_clock", "_count", "_dropped", "_entries", "_fresh", "most", "most_bytes")

    def __init__(self, clock: Clock, most: int = MAX_ENTRIES, most_bytes: int = MAX_BYTES) -> None:
        self._clock = clock
        self.most, self.most_bytes = most, most_bytes
        self._fresh: list[tuple[float, float, bool, Request]] = []
        self._entries: deque[tuple[int, float, float, bool, int, Request]] = deque()
        self._bytes = self._count = self._dropped = 0

    def add(self, request: Request) -> None:
        """See Journal."""
        fresh, clock = self._fresh, self._clock
        fresh.append((clock.now(), perf_counter(), clock.is_frozen, request))
        if len(fresh) >= _BATCH or (request.body and len(request.body) > _LARGE):
            self._settle()

    def clear(self) -> None:
        """See Journal."""
        self._settle()
        self._entries.clear()
        self._bytes = self._dropped = 0

    def __iter__(self) -> Iterator[Noted]:
        self._settle()
        return iter([Noted(*entry) for entry in self._entries])

    def __len__(self) -> int:
        self._settle()
        return len(self._entries)

    @property
    def dropped(self) -> int:
        """See Journal."""
        self._settle()
        return self._dropped

    @property
    def bytes(self) -> int:
        """What the entries weigh, about."""
        self._settle()
        return self._bytes

    def _settle(self) -> None:
        """Number and weigh what is new, and make room for it."""
        entries = self._entries
        for now, ended, frozen, request in self._fresh:
            self._count += 1
            size = weight(request)
            self._bytes += size
            entries.append((self._count, now, ended, frozen, size, request))
        self._fresh.clear()
        while len(entries) > self.most or self._bytes > self.most_bytes:
            self._bytes -= entries.popleft()[4]
            self._dropped += 1


def weight(request: Request) -> int:
    """What keeping a request costs, in bytes, about; names of headers are taken to be short."""
    headers = request.headers
    texts = len(request.raw_path) + len(request.query) + len(request.answer_body) + len(request.body or b"")
    return _OVERHEAD + texts + 64 * len(headers) + len(b"".join(headers.values()))
