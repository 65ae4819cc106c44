"""Every open connection of a server: how many there may be, and how long each may hold its place without using it.

One timer looks at all of them once a second or so; a request sets no timer, and costs two attributes. What is refused
here never was a request: it stands in no journal and counts against no key, and is counted by its reason.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections import Counter
from typing import Any, NoReturn
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from mockserver.head import MAX_HEAD, MAX_HEADERS, target_of, why_not_http, without_upgrade
from mockserver.pipeline.problem import Reply, mock_problem
from mockserver.pipeline.request import HeaderList
from mockserver.settings import Settings

_PIECE = 32 * 1024
_FRAMING = 8
"""A body's chunks may weigh so many times what they carry."""
_LINGER = 2.0
"""Seconds in which a client may still read why it was refused."""
_OLD = 1.0
"""Seconds after which an unused place may be given to somebody else, where there is no other."""
_NOTHING_YET = -2
_LONG_TARGET = f"A request's target has at most {MAX_HEAD - 1} bytes"
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class HungUpError(Exception):
    """Nothing more is read from this connection: raised to end the parsing."""


class Connections:
    """At most `settings.max_connections` at once; where all are taken, the one unused for longest gives way."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.most = settings.max_connections
        self.open: set[BoundedProtocol] = set()
        self.leaving: set[BoundedProtocol] = set()
        self.refused: Counter[str] = Counter()
        self._every = min(1.0, settings.request_timeout / 4, settings.keep_alive / 4)
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def add(self, connection: BoundedProtocol) -> bool:
        """Take in a new connection; False where there is no place."""
        if self._timer is None or self._loop is not connection.loop:
            self._loop = connection.loop
            self._timer = self._loop.call_later(self._every, self._look)
        if len(self.open) >= self.most and not self._make_room():
            self.leaving.add(connection)
            return False
        self.open.add(connection)
        return True

    def leave(self, connection: BoundedProtocol, reason: str) -> None:
        """It takes no place any more; it is only heard out."""
        self.refused[reason] += 1
        self.open.discard(connection)
        self.leaving.add(connection)
        if len(self.leaving) > self.most:
            reset(self.leaving.pop().transport)

    def discard(self, connection: BoundedProtocol) -> None:
        """It is gone."""
        self.open.discard(connection)
        self.leaving.discard(connection)

    def _look(self) -> None:
        now = time.perf_counter()
        for connection in tuple(self.open):
            connection.look(now)
        for connection in tuple(self.leaving):
            connection.hurry(now)
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


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, with bounds on what a client may send and for how long it may take.

    `since`: positive, the connection has been idle since then; 0 or negative, a request is arriving, and was already
    seen doing so at minus that time. `taken`: bytes of it that came after its first piece.
    """

    bounds: Connections

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.since = time.perf_counter()
        self.taken = _NOTHING_YET
        self.stuck = 0.0
        self.refusal: Reply | None = None
        self.said = False
        self.offered: HeaderList | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Find it a place."""
        super().connection_made(transport)
        if not self.bounds.add(self):
            self.refusal = mock_problem(503, f"All {self.bounds.most} connections are taken; see --max-connections")

    def connection_lost(self, exc: Exception | None) -> None:
        """Its place is free."""
        super().connection_lost(exc)
        self.bounds.discard(self)

    def data_received(self, data: bytes) -> None:
        """Parse what came, a bounded piece at a time."""
        if self.refusal is not None:
            self._say("full")
        elif len(data) <= _PIECE:
            self._feed(data)
        else:
            for start in range(0, len(data), _PIECE):
                if self.refusal is None and not self.transport.is_closing():
                    self._feed(data[start : start + _PIECE])

    def _feed(self, data: bytes) -> None:
        rest: bytes | memoryview = data
        try:
            while rest:
                try:
                    self.parser.feed_data(rest)
                    rest = b""
                except httptools.HttpParserUpgrade as pause:
                    self._decline_upgrade()
                    rest = memoryview(rest)[pause.args[0] :]
        except httptools.HttpParserError as error:
            if not self.said:
                self.refuse("not-http", mock_problem(400, why_not_http(data, error)))
        if self.since <= 0.0:
            self._measure(len(data))

    def _decline_upgrade(self) -> None:
        """Read a head once more, as if it did not offer another protocol: a server may ignore that (RFC 9110, 7.8).

        The parser took what follows the head for the other protocol; now it takes it for what it is: the body.
        """
        parser = self.parser
        self.offered = offered = self.headers
        parser.feed_data(without_upgrade(parser.get_method(), self.url, parser.get_http_version(), offered))

    def on_message_begin(self) -> None:
        """A request begins: the connection is not idle."""
        self.since = 0.0
        self.taken = -1
        self.url = b""
        self.expect_100_continue = False
        self.headers = []

    def on_headers_complete(self) -> None:
        """Read a head, and pass it on to `on_head` unless the parser will pause behind it.

        Raises:
            HungUpError: it cannot be answered by an application.
        """
        headers, parser = self.headers, self.parser
        if len(headers) > MAX_HEADERS:  # some steps would compare each with every other
            self.hang_up_on("head", mock_problem(431, f"A request has at most {MAX_HEADERS} headers"))
        if parser.should_upgrade():
            if parser.get_method() == b"CONNECT":
                title = "CONNECT is for a proxy, and this is a server: send requests to it directly"
                self.hang_up_on("not-http", mock_problem(501, title))
            return
        if self.offered is not None:
            headers, self.offered = self.offered, None
        if len(self.url) >= MAX_HEAD:
            self.hang_up_on("head", mock_problem(414, _LONG_TARGET))
        try:
            path, query = target_of(self.url)
        except httptools.HttpParserInvalidURLError:
            title = "The request's target is a URL that cannot be read: ask for a path like /api"
            self.hang_up_on("not-http", mock_problem(400, title))
        self.headers = []  # what comes after the body are trailers: no headers of the request
        self.on_head(path, query, headers)

    def on_head(self, path: bytes, query: bytes, headers: HeaderList) -> None:
        """Begin to answer a request, whose body is still to come."""
        self.start_application(path, query, headers)

    def start_application(self, path: bytes, query: bytes, headers: HeaderList) -> None:
        """Hand a request over to the ASGI application."""
        expects = self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = b"/", expects  # uvicorn reads targets otherwise than `target_of`
        super().on_headers_complete()
        scope = self.scope
        scope["path"] = self.root_path + unquote(path.decode("latin-1"))
        scope["raw_path"], scope["query_string"], scope["headers"] = path, query, headers

    def on_message_complete(self) -> None:
        """Tell the application, unless the head will be read once more."""
        if not self.parser.should_upgrade():
            super().on_message_complete()

    def hang_up_on(self, reason: str, reply: Reply) -> NoReturn:
        """Refuse the request that is being parsed.

        Raises:
            HungUpError: always.
        """
        self.refuse(reason, reply)
        raise HungUpError

    def on_response_complete(self) -> None:
        """An answer that took the long way is out; the sweep sees to idle connections, not a timer for each answer."""
        super().on_response_complete()
        self._unset_keepalive_if_required()
        self.since = time.perf_counter()

    def pause_writing(self) -> None:
        """A client that does not read its answers is not asked for more requests."""
        super().pause_writing()
        self.flow.pause_reading()

    def resume_writing(self) -> None:
        """It reads again."""
        super().resume_writing()
        self.stuck = 0.0
        if not self.pipeline:
            self.flow.resume_reading()

    @property
    def is_answering(self) -> bool:
        """Whether a complete request waits for its answer."""
        cycle = self.cycle
        return cycle is not None and not cycle.response_complete and not cycle.more_body

    def unused(self, now: float) -> float:
        """Seconds for which it has held its place without use, as far as they were seen."""
        if self.is_answering or self.since == 0.0:
            return 0.0
        return now - abs(self.since)

    def look(self, now: float) -> None:
        """Close it where it has waited for too long."""
        settings = self.bounds.settings
        if self.transport.is_closing() or self.flow.write_paused:
            self.hurry(now, settings.request_timeout)
        elif self.is_answering:
            pass
        elif self.since > 0.0:
            if now - self.since > settings.keep_alive:
                self.transport.close()
        elif self.since == 0.0:
            self.since = -now
        elif now + self.since > settings.request_timeout:
            title = f"The request was not complete after {settings.request_timeout:g} s; see --request-timeout"
            self.refuse("slow", mock_problem(408, title))

    def hurry(self, now: float, seconds: float = _LINGER) -> None:
        """Break it off where the client has not read, or gone, for so long."""
        if not self.stuck:
            self.stuck = now
        elif now - self.stuck > seconds:
            reset(self.transport)

    def give_way(self) -> None:
        """Leave this place to another connection."""
        if self.since > 0.0:
            self.bounds.leave(self, "made-room")
            self.transport.close()
        else:
            most = self.bounds.most
            self.refuse("made-room", mock_problem(503, f"All {most} connections are taken, and this one was slow"))

    def refuse(self, reason: str, reply: Reply) -> None:
        """Answer, whatever was asked, and read no more."""
        if self.refusal is None:
            self.refusal = reply
            self._say(reason)

    def hang_up(self) -> None:
        """Say nothing more and read no more; what was written may still be read."""
        self.said = True
        if self.refusal is None:
            self.refusal = Reply(0, (), b"")
        if self.transport.can_write_eof() and not self.transport.is_closing():
            self.transport.write_eof()
        else:
            self.transport.close()

    def _say(self, reason: str) -> None:
        reply, cycle = self.refusal, self.cycle
        if self.said or reply is None:
            return
        self.bounds.leave(self, reason)
        begun = False
        if cycle is not None and not cycle.response_complete:
            begun = cycle.response_started
            cycle.disconnected = True
            cycle.message_event.set()
        if not begun and not self.transport.is_closing():
            headers = [*reply.headers, (b"content-length", b"%d" % len(reply.body)), (b"connection", b"close")]
            if reply.status == 503:
                headers.append((b"retry-after", b"1"))
            head = b"".join([b"%b: %b\r\n" % pair for pair in headers])
            self.transport.write(b"".join((STATUS_LINE[reply.status], head, b"\r\n", reply.body)))
        self.hang_up()

    def _measure(self, size: int) -> None:
        """A request is still arriving: how much of it there is."""
        if self.taken < 0:
            self.taken = 0
            return
        self.taken += size
        if self.is_in_body:
            if self.taken > _FRAMING * self.bounds.settings.max_body + MAX_HEAD:
                self.refuse("body", mock_problem(413, f"A body has at most {self.bounds.settings.max_body} bytes"))
        elif self.taken > MAX_HEAD:
            if self.headers:
                self.refuse("head", mock_problem(431, f"A request's headers have at most {MAX_HEAD} bytes"))
            else:
                self.refuse("head", mock_problem(414, _LONG_TARGET))

    @property
    def is_in_body(self) -> bool:
        """Whether the head of the request that is arriving is complete."""
        return self.cycle is not None and not self.cycle.response_complete


def reset(transport: asyncio.Transport) -> None:
    """Break a connection: a socket that lingers for no time sends RST where it would have sent FIN."""
    own = transport.get_extra_info("socket")
    if own is not None:
        with socket.socket(fileno=socket.dup(own.fileno())) as same:  # an event loop's own wrapper may set nothing
            same.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    transport.abort()
