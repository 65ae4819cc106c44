"""The open connections of a server, limited in number and idle time.

One timer checks all connections about once a second, so that requests need no timers.
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
"""Seconds for which a refused client may read the refusal."""
_OLD = 1.0
"""Seconds after which an idle connection may be closed to make room for another."""
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Connection(Protocol):
    """The interface of a connection."""

    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport

    def unused(self, now: float) -> float:
        """Return for how many seconds the connection has been idle."""

    def give_way(self) -> None:
        """Close to make room for another connection."""

    def look(self, now: float) -> None:
        """Close if a timeout has expired."""

    def hurry(self, now: float, seconds: float) -> None:
        """Reset if the client has neither read nor disconnected for `seconds`."""


class Connections:
    """At most `settings.max_connections` connections; beyond that the one idle for longest is closed."""

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
        """Add a connection; return False if there is no room."""
        if self._timer is None or self._loop is not connection.loop:
            self._loop = connection.loop
            self._timer = self._loop.call_later(self._every, self._look)
        if len(self.open) >= self.most and not self._make_room():
            self.leaving.add(connection)
            return False
        self.open.add(connection)
        return True

    def leave(self, connection: Connection, reason: str) -> None:
        """Stop counting a connection that is closing, and count the reason."""
        self.refused[reason] += 1
        self.open.discard(connection)
        self.leaving.add(connection)
        if len(self.leaving) > self.most:
            reset(self.leaving.pop().transport)

    def discard(self, connection: Connection) -> None:
        """Remove a closed connection."""
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
    """Reset a connection: with a linger time of zero a socket sends RST instead of FIN."""
    own = transport.get_extra_info("socket")
    if own is not None:
        with socket.socket(fileno=socket.dup(own.fileno())) as same:  # the event loop's wrapper cannot set options
            same.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    transport.abort()
