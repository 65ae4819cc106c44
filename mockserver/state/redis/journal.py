"""The journal that several processes share: a bounded stream of entries, as they may be shown, without secrets."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from mockserver.clock import Clock
from mockserver.faults.fault import Fault
from mockserver.journal.entry import Entry, entries_of
from mockserver.journal.journal import MemoryJournal, Reading
from mockserver.journal.redaction import Redaction
from mockserver.pipeline.answer import Answer
from mockserver.pipeline.request import Request
from mockserver.state.redis.link import Link, reading

_entries = msgspec.msgpack.Decoder(Entry)
_encoder = msgspec.msgpack.Encoder(enc_hook=str)


class RedisJournal:
    """See Journal. An entry is written without secrets when it is taken down: none of them lies in Redis."""

    def __init__(
        self, link: Link, prefix: bytes, idle: int, clock: Clock, most: int, most_bytes: int, redaction: Redaction
    ) -> None:
        self._link, self._keys, self._idle = link, (prefix,), idle
        self._most, self._most_bytes, self._redaction = most, most_bytes, redaction
        self._one = MemoryJournal(clock, most=1, redaction=redaction)
        self._outbox: list[bytes] = []

    def add(self, request: Request, answer: Answer, fault: Fault | None = None) -> None:
        """See Journal. It goes with the next `publish` of its space; while Redis is away nothing is taken down."""
        if self._link.is_down:
            return
        self._one.add(request, answer, fault)
        (entry,) = entries_of(self._one.numbered()[-1:], self._redaction)
        self._outbox.append(_encoder.encode(entry))

    async def send(self) -> None:
        """Send off what was taken down; nobody waits until it has arrived.

        Raises:
            StateError: there is no connection.
        """
        if self._outbox:
            taken, self._outbox = self._outbox, []
            await self._link.post("note", self._keys, self._idle, self._most, self._most_bytes, *taken)

    async def clear(self) -> None:
        """See Journal."""
        await self.send()
        await self._link.run("clear", self._keys)

    async def read(self, after: int = 0) -> Reading:
        """See Journal.

        Raises:
            StateError: it cannot be reached, or was not written by this version.
        """
        await self.send()
        dropped, *rest = await self._link.run("read", self._keys, after)
        with reading(self._link.address, self._keys[0]):
            entries = [
                replace(_entries.decode(text), number=number)
                for number, text in zip(rest[::2], rest[1::2], strict=True)
            ]
        return Reading(entries, dropped)

    async def size(self) -> int:
        """See Journal.

        Raises:
            StateError: it cannot be reached.
        """
        await self.send()
        _dropped, *rest = await self._link.run("read", self._keys, 0)
        return len(rest) // 2
