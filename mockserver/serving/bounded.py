"""uvicorn's HTTP protocol, within bounds, and with every answer in its place.

What is refused here never was a request: it stands in no journal and counts against no key, and is counted by its
reason. A request costs two attributes, and no timer.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from typing import Any, NoReturn
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from mockserver.engine.connections import Connections, reset
from mockserver.pipeline.lines import HeaderList
from mockserver.pipeline.problem import Reply, mock_problem
from mockserver.serving.flow import Flow, Lingering
from mockserver.serving.head import MAX_HEAD, MAX_HEADERS, target_of, why_not_http, without_upgrade

_PIECE = 32 * 1024
_READ = 256 * 1024
"""Bytes that an event loop reads at once: an application that refuses a body for its size does so in between."""
_FRAMING = 8
"""A body's chunks may weigh so many times what they carry."""
_NOTHING_YET = -2
_NEVER = math.inf
_SILENCE = Reply(0, (), b"")
_LONG_TARGET = f"A request's target has at most {MAX_HEAD - 1} bytes"


class HungUpError(Exception):
    """Nothing more is read from this connection: raised to end the parsing."""


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, with bounds on what a client may send and for how long it may take.

    `since`: positive, the connection has been idle since then; `_NEVER`, it is not; 0 or negative, a request is
    arriving, and was already seen doing so at minus that time. `taken`: bytes of it that came after its first piece.
    `cycles`: requests for the application that are not answered, oldest first; all but the last are complete.
    """

    bounds: Connections

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.since = time.perf_counter()
        self.taken = _NOTHING_YET
        self.stuck = 0.0
        self.refusal: Reply | None = None
        self.reason = ""
        self.said = False
        self.offered: HeaderList | None = None
        self.cycles: deque[RequestResponseCycle] = deque()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Find a place for the connection, or refuse it."""
        super().connection_made(transport)
        self.flow = Flow(transport, self.pipeline)
        if not self.bounds.add(self):
            self.refusal = mock_problem(503, f"All {self.bounds.most} connections are taken; see --max-connections")
            self.reason = "full"

    def connection_lost(self, exc: Exception | None) -> None:
        """Free the place of the connection; nobody waits for its answers."""
        super().connection_lost(exc)
        self.bounds.discard(self)
        for cycle in self.cycles:
            cycle.disconnected = True
            cycle.message_event.set()
        self.cycles.clear()

    def data_received(self, data: bytes) -> None:
        """Parse what came, a bounded piece at a time."""
        if self.refusal is not None:
            self._say()
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
                    break
                except httptools.HttpParserUpgrade as pause:
                    offset = pause.args[0]
                self._decline_upgrade()
                rest = memoryview(rest)[offset:]
        except httptools.HttpParserError as error:
            if self.refusal is None:
                self._refuse_unread(data, error)
        if self.since <= 0.0:
            self._measure(len(data))

    def _refuse_unread(self, data: bytes, error: httptools.HttpParserError) -> None:
        """Refuse what the parser does not take, or what this server failed to do with what it took."""
        if isinstance(error, httptools.HttpParserCallbackError):
            self.logger.error("A request could not be read", exc_info=error.__context__)
            self.refuse("failed", mock_problem(500, "The mock failed to read this request; its log says why"))
        else:
            self.refuse("not-http", mock_problem(400, why_not_http(data, error)))

    def _decline_upgrade(self) -> None:
        """Read a head once more, as if it did not offer another protocol: a server may ignore that (RFC 9110, 7.8).

        The parser took what follows the head for the other protocol; now it takes it for what it is: the body.
        """
        parser = self.parser
        self.offered = offered = self.headers
        parser.feed_data(without_upgrade(parser.get_method(), self.url, parser.get_http_version(), offered))

    def on_message_begin(self) -> None:
        """Begin a request: the connection is not idle any more."""
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
        self.cycles.append(self.cycle)

    def on_message_complete(self) -> None:
        """Tell the application, unless the head will be read once more."""
        if self.parser.should_upgrade():
            return
        super().on_message_complete()
        cycle = self.cycle
        cycle.more_body = False
        cycle.keep_alive = cycle.keep_alive and self.parser.should_keep_alive()  # a trailer may have ended it
        self.since = time.perf_counter() if cycle.response_complete else _NEVER

    def hang_up_on(self, reason: str, reply: Reply) -> NoReturn:
        """Refuse the request that is being parsed.

        Raises:
            HungUpError: always.
        """
        self.refuse(reason, reply)
        raise HungUpError

    def on_response_complete(self) -> None:
        """Go on to the next request; the sweep sees to idle connections, not a timer for each answer."""
        self.cycles.popleft()
        super().on_response_complete()
        self._unset_keepalive_if_required()
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.is_answering:
            return
        if self.refusal is not None:
            self._say()
        else:  # where the next request is arriving, it was kept waiting until now
            self.since = time.perf_counter() if self.since == _NEVER else 0.0

    def pause_writing(self) -> None:
        """Read no more requests of a client that does not read its answers."""
        super().pause_writing()
        self.flow.pause_reading()

    def resume_writing(self) -> None:
        """Read requests again: the client has read its answers."""
        super().resume_writing()
        self.stuck = 0.0
        self.flow.resume_reading()

    @property
    def is_answering(self) -> bool:
        """Whether a complete request waits for its answer."""
        return bool(self.cycles) and not self.cycles[0].more_body

    @property
    def is_in_body(self) -> bool:
        """Whether the head of the request that is arriving is complete."""
        return self.cycle is not None and self.cycle.more_body

    def unused(self, now: float) -> float:
        """Return for how many seconds the connection has been idle or its request incomplete, as far as was seen."""
        if self.is_answering or self.since == 0.0:
            return 0.0
        return now - abs(self.since)

    def look(self, now: float) -> None:
        """Close the connection, or refuse its request, after a timeout."""
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

    def hurry(self, now: float, seconds: float) -> None:
        """Reset the connection if the client has neither read nor disconnected for so many seconds."""
        if not self.stuck:
            self.stuck = now
        elif now - self.stuck > seconds:
            reset(self.transport)

    def give_way(self) -> None:
        """Close to make room for another connection."""
        if self.since > 0.0:
            self.bounds.leave(self, "made-room")
            self.transport.close()
        else:
            most = self.bounds.most
            self.refuse("made-room", mock_problem(503, f"All {most} connections are taken, and this one was slow"))

    def refuse(self, reason: str, reply: Reply) -> None:
        """Answer the request that is arriving, whatever it asks, once those before it are answered; read no more."""
        if self.refusal is not None:
            return
        self.refusal, self.reason = reply, reason
        arriving = self.cycle
        if arriving is not None and arriving.more_body:
            if arriving.response_started:
                self.refusal = _SILENCE
            if self.cycles and self.cycles[-1] is arriving:
                self.cycles.pop()
            if self.pipeline and self.pipeline[0][0] is arriving:
                self.pipeline.popleft()
            arriving.disconnected = True
            arriving.message_event.set()
        self._say()

    def finish(self) -> NoReturn:
        """Close after what was written, and parse nothing more.

        Raises:
            HungUpError: always.
        """
        self.refusal = _SILENCE
        self.transport.close()
        raise HungUpError

    def answer_early(self, cycle: RequestResponseCycle) -> None:
        """Let the answer to a request that is not complete be the last one."""
        cycle.keep_alive = False
        cycle.transport = Lingering(self.transport, self.hang_up)  # type: ignore[assignment]

    def hang_up(self) -> None:
        """Say nothing more and read no more; what was written may still be read."""
        self.said = True
        self.since = time.perf_counter()
        if self.refusal is None:
            self.refusal = _SILENCE
        self.pipeline.clear()
        while len(self.cycles) > 1:  # the first may be the one whose answer is the last
            self.cycles.pop()
        if self.transport.can_write_eof() and not self.transport.is_closing():
            self.transport.write_eof()
        else:
            self.transport.close()

    def _say(self) -> None:
        reply = self.refusal
        if self.said or reply is None or self.is_answering:
            return
        self.bounds.leave(self, self.reason)
        if reply is not _SILENCE and not self.transport.is_closing():
            headers = [*reply.headers, (b"content-length", b"%d" % len(reply.body)), (b"connection", b"close")]
            if reply.status == 503:
                headers.append((b"retry-after", b"1"))
            head = b"".join([b"%b: %b\r\n" % pair for pair in headers])
            self.transport.write(b"".join((STATUS_LINE[reply.status], head, b"\r\n", reply.body)))
        self.hang_up()

    def _measure(self, size: int) -> None:
        """Count the bytes of a request that is still arriving, and refuse it if there are too many."""
        if self.taken < 0:
            self.taken = 0
            return
        self.taken += size
        if self.is_in_body:
            if self.taken > _FRAMING * self.bounds.settings.max_body + MAX_HEAD + _READ:
                self.refuse("body", mock_problem(413, f"A body has at most {self.bounds.settings.max_body} bytes"))
        elif self.taken > MAX_HEAD:
            if self.headers:
                self.refuse("head", mock_problem(431, f"A request's headers have at most {MAX_HEAD} bytes"))
            else:
                self.refuse("head", mock_problem(414, _LONG_TARGET))
