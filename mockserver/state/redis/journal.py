"""The shared journal: a bounded Redis stream of batches of entries, written without secrets."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator

import msgspec

from mockserver.clock import Clock
from mockserver.faults.fault import Fault
from mockserver.journal.entry import build_entry
from mockserver.journal.journal import MemoryJournal, Reading
from mockserver.journal.masked import Answered, Asked, Masked, Masker
from mockserver.journal.redaction import Redaction
from mockserver.pipeline.answer import Answer
from mockserver.pipeline.request import Request
from mockserver.state.redis.link import Link, reading

_MOST, _MOST_BYTES = 64, 250_000
"""A batch has at most so many entries, and bodies of at most about so many bytes."""


class Batch(msgspec.Struct, frozen=True, array_like=True):
    """Entries in a row. What they share is written once; each entry names it by its place in `asked` and `pieces`."""

    asked: list[Asked]
    pieces: list[bytes]
    entries: list[tuple[int, list[int], Answered]]


_encoder = msgspec.msgpack.Encoder(enc_hook=str)
_decoder = msgspec.msgpack.Decoder(Batch)


class RedisJournal:
    """A journal in Redis. `publish` writes what was added, and everything else that is new in a space.

    Secrets are masked before anything is written.
    """

    def __init__(
        self,
        link: Link,
        prefix: bytes,
        clock: Clock,
        most: int,
        redaction: Redaction,
        publish: Callable[[], Awaitable[None]],
    ) -> None:
        self._link, self._prefix, self._most, self._publish = link, prefix, most, publish
        self._masker = Masker(redaction)
        self._new = MemoryJournal(clock, sys.maxsize, sys.maxsize)

    def add(self, request: Request, answer: Answer, fault: Fault | None = None) -> None:
        """Add an answered request to the next `publish` of its space; nothing is added while Redis is unavailable."""
        if not self._link.is_down:
            self._new.add(request, answer, fault)

    @property
    def has_news(self) -> bool:
        """Whether something was added and not taken."""
        return len(self._new) > 0

    def take(self) -> list[tuple[int, bytes]]:
        """Return what was added as batches, each with its number of entries, and forget it here."""
        if not self.has_news:
            return []
        masked = [self._masker.mask(record) for _, record in self._new.numbered()]
        self._new.clear_now()
        return [(len(batch), _encode(batch)) for batch in _batches(masked)]

    async def clear(self) -> None:
        """Remove all entries.

        Raises:
            StateError: The state is unavailable.
        """
        await self._publish()
        await self._link.run("clear", (self._prefix,))

    async def read(self, after: int = 0) -> Reading:
        """Return the entries with a number above `after`.

        Raises:
            StateError: The state is unavailable, or an entry was not written by this version.
        """
        await self._publish()
        last, dropped, *batches = await self._link.run("read", (self._prefix,), after, self._most)
        first = max(after, last - self._most) + 1
        with reading(self._link.address, self._prefix + b"journal"):
            numbered = [
                (number, masked)
                for end, text in zip(batches[::2], batches[1::2], strict=True)
                for number, masked in _decode(end, text)
            ]
        return Reading([build_entry(number, masked) for number, masked in numbered if number >= first], dropped)

    async def size(self) -> int:
        """Return the number of entries.

        Raises:
            StateError: The state is unavailable.
        """
        await self._publish()
        return int((await self._link.run("read", (self._prefix,), "size", self._most))[0])


def _batches(masked: Iterable[Masked]) -> Iterator[list[Masked]]:
    batch: list[Masked] = []
    size = 0
    for one in masked:
        batch.append(one)
        size += len(one.asked.body) + sum(map(len, one.pieces))
        if len(batch) == _MOST or size > _MOST_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _encode(batch: list[Masked]) -> bytes:
    asked: dict[int, int] = {}
    pieces: dict[bytes, int] = {}
    entries = [
        (
            asked.setdefault(id(one.asked), len(asked)),
            [pieces.setdefault(piece, len(pieces)) for piece in one.pieces],
            one.answered,
        )
        for one in batch
    ]
    shared = {id(one.asked): one.asked for one in batch}
    return _encoder.encode((list(shared.values()), list(pieces), entries))


def _decode(end: int, text: bytes) -> Iterator[tuple[int, Masked]]:
    """Yield the entries of a batch with their numbers; `end` is the number of the last one."""
    batch = _decoder.decode(text)
    for number, (asked, pieces, answered) in enumerate(batch.entries, end - len(batch.entries) + 1):
        yield number, Masked(batch.asked[asked], tuple(batch.pieces[piece] for piece in pieces), answered)
