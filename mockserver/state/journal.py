"""The journal: the last requests that were answered, in a ring bounded by number and by bytes.

Taking one down costs a tuple: the request itself is kept, and everything that can be said about it is worked out when
somebody reads (`mockserver.state.entry`).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, Protocol

from mockserver.clock import Clock

if TYPE_CHECKING:
    from mockserver.pipeline.request import Request

MAX_ENTRIES, MAX_BYTES = 1_000, 32_000_000
TEST_BYTES = 4_000_000  # there may be a thousand tests at once
_OVERHEAD = 1_000  # what a request weighs in memory beside its texts


class Noted(NamedTuple):
    """One answered request. `now` is the space's clock, `ended` the performance counter, both after its last byte."""

    number: int
    now: float
    ended: float
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
    """A journal in this process's memory. `most` 0 switches it off."""

    __slots__ = ("_bytes", "_clock", "_count", "_entries", "dropped", "most", "most_bytes")

    def __init__(self, clock: Clock, most: int = MAX_ENTRIES, most_bytes: int = MAX_BYTES) -> None:
        self._clock = clock
        self.most, self.most_bytes = most, most_bytes
        self.dropped = 0
        self._entries: deque[Noted] = deque()
        self._bytes = 0
        self._count = 0

    def add(self, request: Request) -> None:
        """See Journal."""
        entries = self._entries
        self._count = number = self._count + 1
        body = request.body
        size = _OVERHEAD + len(request.raw_path) + len(request.query) + len(request.answer_body)
        size += sum(map(len, request.headers)) + sum(map(len, request.headers.values()))
        if body:
            size += len(body)
        entries.append(Noted(number, self._clock.now(), time.perf_counter(), size, request))
        self._bytes += size
        while len(entries) > self.most or self._bytes > self.most_bytes:
            self._bytes -= entries.popleft().size
            self.dropped += 1

    def clear(self) -> None:
        """See Journal."""
        self._entries.clear()
        self._bytes = self.dropped = 0

    def __iter__(self) -> Iterator[Noted]:
        return iter(tuple(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def bytes(self) -> int:
        """What the entries weigh, about."""
        return self._bytes
