"""Every open connection of a server: how many there may be, and how long each may hold its place without using it.

One timer looks at all of them once a second or so; a request sets no timer.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections import Counter
from typing import Protocol

from mockserver.engine.streams import Streams
from mockserver.settings import Settings

LINGER = 2.0
"""Seconds in which a client may still read why it was refused."""
_OLD = 1.0
"""Seconds after which an unused place may be given to somebody else, where there is no other."""
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Connection(Protocol):
    """A connection as those see it who hand out the places."""

    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport

    def unused(self, now: float) -> float:
        """Return the seconds for which it has held its place without use."""

    def give_way(self) -> None:
        """Leave this place to another connection."""

    def look(self, now: float) -> None:
        """Close it where it has waited for too long."""

    def hurry(self, now: float, seconds: float) -> None:
        """Break it off where the client has not read, or gone, for so long."""


class Connections:
    """At most `settings.max_connections` at once; where all are taken, the one unused for longest gives way."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.most = settings.max_connections
        self.streams = Streams(self.most)
        self.open: set[Connection] = set()
        self.leaving: set[Connection] = set()
        self.refused: Counter[str] = Counter()
        self._every = min(1.0, settings.request_timeout / 4, settings.keep_alive / 4)
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def add(self, connection: Connection) -> bool:
        """Take in a new connection; False where there is no place."""
        if self._timer is None or self._loop is not connection.loop:
            self._loop = connection.loop
            self._timer = self._loop.call_later(self._every, self._look)
        if len(self.open) >= self.most and not self._make_room():
            self.leaving.add(connection)
            return False
        self.open.add(connection)
        return True

    def leave(self, connection: Connection, reason: str) -> None:
        """It takes no place any more; it is only heard out."""
        self.refused[reason] += 1
        self.open.discard(connection)
        self.leaving.add(connection)
        if len(self.leaving) > self.most:
            reset(self.leaving.pop().transport)

    def discard(self, connection: Connection) -> None:
        """It is gone."""
        self.open.discard(connection)
        self.leaving.discard(connection)

    def _look(self) -> None:
        now = time.perf_counter()
        for connection in tuple(self.open):
            connection.look(now)
        for connection in tuple(self.leaving):
            connection.hurry(now, LINGER)
        self._timer = None
        if self._loop is not None and (self.open or self.leaving):
            self._timer = self._loop.call_later(self._every, self._look)

    def _make_room(self) -> bool:
        now = time.perf_counter()
        oldest = max(self.open, key=lambda connection: connection.unused(now))
        if oldest.unused(now) < _OLD:
            return False
        oldest.give_way()
        return True


def reset(transport: asyncio.Transport) -> None:
    """Break a connection: a socket that lingers for no time sends RST where it would have sent FIN."""
    own = transport.get_extra_info("socket")
    if own is not None:
        with socket.socket(fileno=socket.dup(own.fileno())) as same:  # an event loop's own wrapper may set nothing
            same.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    transport.abort()
