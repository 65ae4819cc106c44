"""The journal: the last requests that were answered, in a ring bounded by number and by bytes.

Taking one down costs a tuple: of a request only what is new in it is kept, and everything that can be said about it is
worked out when somebody reads (`mockserver.state.entry`). Keeping the requests themselves would cost several times as
much: the objects that the next request needs would be cold.
"""

from __future__ import annotations

from collections import deque
from itertools import islice
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from mockserver.clock import Clock
from mockserver.contract.errors import QUOTA_EXCEEDED

if TYPE_CHECKING:
    from mockserver.dataset.accounts import Key
    from mockserver.faults.fault import Fault
    from mockserver.pipeline.prefer import Preference
    from mockserver.pipeline.problem import Problem
    from mockserver.pipeline.request import Address, HeaderList, Request
    from mockserver.pipeline.resolve import Resolved

MAX_ENTRIES, MAX_BYTES = 1_000, 32_000_000
TEST_BYTES = 4_000_000  # there may be a thousand tests at once
_OVERHEAD = 1_000  # what an entry weighs beside its texts
_PAIR = 100


class Noted(NamedTuple):
    """One answered request. `now` is the space's clock, `ended` the performance counter, both after its last byte.

    `frozen`: that clock stood still. `refused`: the limit that refused it, `free_at` when that lets more through (epoch
    seconds). `size` in bytes, about; `answer_headers` are packed.
    """

    size: int
    now: float
    ended: float
    frozen: bool
    started: float
    method: str
    raw_path: bytes
    query: bytes
    peer: Address
    headers: HeaderList
    body: bytes | None
    resolved: Resolved
    key: Key | None
    problem: Problem | None
    preference: Preference | None
    fault: Fault | None
    refused: str
    free_at: float
    status: int
    answer_headers: bytes
    answer_body: bytes


class Journal(Protocol):
    """What a space remembers of its traffic, oldest first. `dropped`: how many it has forgotten to make room."""

    dropped: int

    def add(self, request: Request) -> None:
        """Take down a request that was just answered."""
        ...

    def clear(self) -> None:
        """Forget everything; numbers go on."""
        ...

    def numbered(self, after: int = 0) -> list[tuple[int, Noted]]:
        """What is remembered, with the number of each since the beginning: those later than the `after`th."""
        ...

    def __len__(self) -> int: ...


class MemoryJournal:
    """A journal in this process's memory."""

    __slots__ = ("_clock", "_count", "_entries", "_last", "dropped", "most", "most_bytes", "weight")

    def __init__(self, clock: Clock, most: int = MAX_ENTRIES, most_bytes: int = MAX_BYTES) -> None:
        self._clock = clock
        self.most, self.most_bytes = most, most_bytes
        self._entries: deque[tuple[Any, ...]] = deque()
        self._last: HeaderList = []
        self._count = 0
        self.dropped = 0
        self.weight = 0

    def add(self, request: Request) -> None:
        """See Journal."""
        clock, quota, body, entries = self._clock, request.quota, request.body, self._entries
        path, query, answer, headers = request.raw_path, request.query, request.answer_body, request.raw_headers
        size = _OVERHEAD + len(path) + len(query) + len(answer)
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
                request.key,
                request.problem,
                request.preference,
                request.fault,
                refused,
                free_at,
                request.status,
                request.head or packed(request.answer_headers),
                # kept as its parts, which answers share, where it was sent as it was put together
                answer if request.fault is not None else request.whole or answer,
            )
        )
        self._count += 1
        self.weight += size
        while len(entries) > self.most or self.weight > self.most_bytes:
            self.weight -= entries.popleft()[0]
            self.dropped += 1

    def clear(self) -> None:
        """See Journal."""
        self._entries.clear()
        self.weight = self.dropped = 0

    def numbered(self, after: int = 0) -> list[tuple[int, Noted]]:
        """See Journal."""
        first = self._count - len(self._entries) + 1
        skipped = max(0, after - first + 1)
        entries = islice(self._entries, skipped, None)
        return [(number, _whole(Noted(*entry))) for number, entry in enumerate(entries, first + skipped)]

    def __len__(self) -> int:
        return len(self._entries)


def _whole(noted: Noted) -> Noted:
    parts: Any = noted.answer_body
    if not isinstance(parts, tuple):
        return noted
    envelope, data, now = parts
    return noted._replace(answer_body=envelope.join({"data": data, "now": now}))


def packed(headers: HeaderList) -> bytes:
    """Headers as they stand in a response."""
    return b"".join([b"%b: %b\r\n" % pair for pair in headers])


def unpacked(headers: bytes) -> HeaderList:
    """The same as names and values."""
    lines = (line.partition(b": ") for line in headers.split(b"\r\n") if line)
    return [(name, value) for name, _, value in lines]
