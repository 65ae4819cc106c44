"""A journal in shared state: a bounded stream of entries without secrets."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from mockserver.clock import Clock
from mockserver.faults.fault import Fault
from mockserver.journal.entry import Entry, build_entry
from mockserver.journal.journal import MemoryJournal, Reading
from mockserver.journal.masked import Masker
from mockserver.journal.redaction import Redaction
from mockserver.pipeline.answer import Answer
from mockserver.pipeline.request import Request
from mockserver.state.redis.link import Link, reading

_entries = msgspec.msgpack.Decoder(Entry)
_encoder = msgspec.msgpack.Encoder(enc_hook=str)


class RedisJournal:
    """A journal in Redis. Entries are masked before they are sent, so that Redis holds no secrets."""

    def __init__(
        self, link: Link, prefix: bytes, idle: int, clock: Clock, most: int, most_bytes: int, redaction: Redaction
    ) -> None:
        self._link, self._keys, self._idle = link, (prefix,), idle
        self._most, self._most_bytes, self._masker = most, most_bytes, Masker(redaction)
        self._one = MemoryJournal(clock, most=1, redaction=redaction)
        self._outbox: list[bytes] = []

    def add(self, request: Request, answer: Answer, fault: Fault | None = None) -> None:
        """Queue an entry for the next `publish` of its space; while Redis is unavailable it is dropped."""
        if self._link.is_down:
            return
        self._one.add(request, answer, fault)
        entry = build_entry(0, self._masker.mask(self._one.numbered()[-1][1]))
        self._outbox.append(_encoder.encode(entry))

    async def send(self) -> None:
        """Send the queued entries without waiting for the reply.

        Raises:
            StateError: There is no connection.
        """
        if self._outbox:
            taken, self._outbox = self._outbox, []
            await self._link.post("note", self._keys, self._idle, self._most, self._most_bytes, *taken)

    async def clear(self) -> None:
        """Remove all entries."""
        await self.send()
        await self._link.run("clear", self._keys)

    async def read(self, after: int = 0) -> Reading:
        """Return the entries with a number above `after`.

        Raises:
            StateError: The state is unavailable.
            DamagedStateError: The journal was not written by this version.
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
        """Return the number of entries.

        Raises:
            StateError: The state is unavailable.
        """
        await self.send()
        _dropped, *rest = await self._link.run("read", self._keys, 0)
        return len(rest) // 2
