"""The journal: the last requests that were answered, in a ring bounded by number and by bytes.

Taking one down costs a tuple: of a request only what is new in it is kept, and everything that can be said about it is
worked out when somebody reads (`mockserver.state.entry`). Keeping the requests themselves would cost several times as
much: the objects that the next request needs would be cold.
"""

from __future__ import annotations

from collections import deque
from itertools import chain, islice
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
_BATCH, _LARGE = 64, 32_768
_BETWEEN = b"\r\n"


class Noted(NamedTuple):
    """One answered request. `now` is the space's clock, `ended` the performance counter, both after its last byte.

    `frozen`: that clock stood still. `refused`: the limit that refused it, `free_at` when that lets more through (epoch
    seconds). `extra`: what its headers weigh, where no other entry shares them;
    `answer_headers` are packed.
    """

    now: float
    ended: float
    frozen: bool
    started: float
    method: str
    raw_path: bytes
    query: bytes
    peer: Address
    headers: HeaderList
    extra: int
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


_PATH, _QUERY, _EXTRA = (Noted._fields.index(name) for name in ("raw_path", "query", "extra"))
_BODY, _ANSWER = (Noted._fields.index(name) for name in ("body", "answer_body"))


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

    def numbered(self) -> list[tuple[int, Noted]]:
        """What is remembered, with the number of each since the beginning."""
        ...

    def __len__(self) -> int: ...


class MemoryJournal:
    """A journal in this process's memory. What it weighs is worked out for a batch at a time."""

    __slots__ = ("_bytes", "_clock", "_count", "_dropped", "_entries", "_fresh", "_last", "most", "most_bytes")

    def __init__(self, clock: Clock, most: int = MAX_ENTRIES, most_bytes: int = MAX_BYTES) -> None:
        self._clock = clock
        self.most, self.most_bytes = most, most_bytes
        self._fresh = 0
        self._entries: deque[tuple[Any, ...]] = deque()
        self._last: HeaderList = []
        self._bytes = self._count = self._dropped = 0

    def add(self, request: Request) -> None:
        """See Journal."""
        clock, quota, body = self._clock, request.quota, request.body
        headers, extra = request.raw_headers, 0
        if headers == self._last:  # most clients send the same ones again and again
            headers = self._last
        else:
            self._last, extra = headers, sum(len(name) + len(value) + 100 for name, value in headers)
        refused = quota.refused if quota is not None else ""
        free_at = 0.0
        if refused and quota is not None:
            free_at = quota.month_reset if refused == QUOTA_EXCEEDED else quota.minute_reset
        self._entries.append(
            (  # in the order of Noted, whose making would cost as much as all the rest
                clock.now(),
                perf_counter(),
                clock.is_frozen,
                request.started,
                request.method,
                request.raw_path,
                request.query,
                request.peer,
                headers,
                extra,
                body,
                request.resolved,
                request.key,
                request.problem,
                request.preference,
                request.fault,
                refused,
                free_at,
                request.status,
                _BETWEEN.join(chain.from_iterable(request.answer_headers)),
                request.answer_body,
            )
        )
        self._fresh += 1
        if self._fresh >= _BATCH or (body and len(body) > _LARGE):
            self._settle()

    def clear(self) -> None:
        """See Journal."""
        self._settle()
        self._entries.clear()
        self._bytes = self._dropped = 0

    def numbered(self) -> list[tuple[int, Noted]]:
        """See Journal."""
        self._settle()
        first = self._count - len(self._entries) + 1
        return [(number, Noted(*entry)) for number, entry in enumerate(self._entries, first)]

    def __len__(self) -> int:
        self._settle()
        return len(self._entries)

    @property
    def dropped(self) -> int:
        """See Journal."""
        self._settle()
        return self._dropped

    @property
    def weight(self) -> int:
        """What the entries weigh, about."""
        self._settle()
        return self._bytes

    def _settle(self) -> None:
        """Weigh what is new, and make room for it."""
        entries, fresh = self._entries, self._fresh
        self._fresh = 0
        self._count += fresh
        self._bytes += sum(map(weight, islice(reversed(entries), fresh)))
        while len(entries) > self.most or self._bytes > self.most_bytes:
            self._bytes -= weight(entries.popleft())
            self._dropped += 1


def weight(entry: tuple[Any, ...]) -> int:
    """What an entry costs, in bytes, about."""
    size: int = _OVERHEAD + entry[_EXTRA] + len(entry[_PATH]) + len(entry[_QUERY]) + len(entry[_ANSWER])
    body = entry[_BODY]
    return size + len(body) if body else size


def unpacked(headers: bytes) -> list[tuple[bytes, bytes]]:
    """Packed headers as names and values."""
    parts = headers.split(_BETWEEN)
    return list(zip(parts[0::2], parts[1::2], strict=False))
