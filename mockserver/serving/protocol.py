"""uvicorn's HTTP protocol with a short cut: a request of a contract is answered where it is parsed.

No task, no ASGI scope, one write. A request to a shared space waits for a batch. Everything else (the control API,
`Expect`, pipelined requests behind one that is not answered, requests that may meet a fault) takes uvicorn's own way
through the ASGI application, and both ways lead through the same pipeline.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any, NamedTuple

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from mockserver.app import MockServer, is_control
from mockserver.clock import Clock, ClockText
from mockserver.engine.deliver import WIRE, Wire
from mockserver.engine.mock import Mock
from mockserver.pipeline.answer import Answer
from mockserver.pipeline.body import is_too_large
from mockserver.pipeline.lines import HeaderList
from mockserver.pipeline.request import Peer, Request
from mockserver.serving.bounded import BoundedProtocol, HungUpError

_text = ClockText()
_logger = logging.getLogger("uvicorn.error")


class ContractProtocol(BoundedProtocol):
    """One connection."""

    mock: Mock

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        app = self.config.app
        if not isinstance(app, MockServer):
            raise TypeError("ContractProtocol serves a MockServer")
        self.mock = app.mock
        self.bounds = app.mock.connections
        self.request: Request | None = None
        self.answering = app.mock.pipeline
        self.wires: list[Wire] = []
        self.received: list[bytes] = []
        self.size = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Note when the connection was accepted."""
        super().connection_made(transport)
        if self.client is not None:
            self.client = peer = Peer(self.client)
            peer.opened = time.perf_counter()

    def on_head(self, path: bytes, query: bytes, headers: HeaderList) -> None:
        """Take the short cut if there is one for this request."""
        if is_control(path):
            self.start_application(path, query, headers)
            return
        if self.expect_100_continue or self.cycles:
            self._go_long_way(path, query, headers)
            return
        started = time.perf_counter()
        headers, named = self.mock.last_headers.find(headers)
        pipeline = self.mock.fast_path_pipeline(named)
        if pipeline is None:
            self._go_long_way(path, query, headers)
            return
        method = self.parser.get_method().decode("ascii")
        self.request = pipeline.receive(method, path, query, headers, named, self.client, started)
        self.answering = pipeline
        if self.request.reads_body and is_too_large(named, self.mock.settings.max_body):
            self._answer_too_large(self.request)

    def _go_long_way(self, path: bytes, query: bytes, headers: HeaderList) -> None:
        """Hand a request to the ASGI application, with the connection for faults below HTTP."""
        self.start_application(path, query, headers)
        self._offer_wire(self.cycle)

    def _offer_wire(self, cycle: RequestResponseCycle) -> None:
        wire = Wire(self, cycle)
        self.wires = [known for known in self.wires if not known.is_done] + [wire]
        cycle.scope["extensions"] = {WIRE: {"wire": wire}}

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Start the application, except for a request that waits for a batch."""
        if self.request is None:
            super()._start_asgi_task(cycle, app)

    def shutdown(self) -> None:
        """Close the connection, or let the answer that is due be its last one."""
        super().shutdown()
        for wire in self.wires:
            wire.stop(self.config.timeout_graceful_shutdown or 0)

    @property
    def is_in_body(self) -> bool:
        """Whether the head of the request that is arriving is complete."""
        return self.request is not None or super().is_in_body

    def on_body(self, body: bytes) -> None:
        """Collect what the operation reads; what is larger than is allowed is answered at once."""
        request = self.request
        if request is None:
            super().on_body(body)
        elif request.reads_body:
            self.size += len(body)
            self.received.append(body)
            if self.size > self.mock.settings.max_body:
                self._answer_too_large(request)

    def on_message_complete(self) -> None:
        """Answer a request that is complete, or let it wait for its batch."""
        request = self.request
        if request is None:
            super().on_message_complete()
            return
        if self.received:
            request.body = b"".join(self.received)
        if not self.answering.space.local:
            self._wait(request)
            return
        parser = self.parser
        is_old = b"connection" in request.headers and parser.get_http_version() == "1.0"
        keep_alive = parser.should_keep_alive() and not is_old
        self._answer(request, keep_alive=keep_alive)
        if not keep_alive:
            self.finish()

    def _answer_too_large(self, request: Request) -> None:
        """Answer a request before its end, or leave that to the application where the answer has to wait.

        Raises:
            HungUpError: it was answered.
        """
        if not self.answering.space.local:
            received = b"".join(self.received)
            self._forget_request()
            self._go_long_way(request.raw_path, request.query, request.raw_headers)
            super().on_body(received)
            return
        request.body = None
        self._answer(request, keep_alive=False)
        self.hang_up()
        raise HungUpError

    def _answer(self, request: Request, *, keep_alive: bool) -> None:
        self._forget_request()
        pipeline, space = self.answering, self.answering.space
        try:
            judged = pipeline.judge(request)
            quota = None if judged.spending is None else space.spend_now(judged.spending)
            answer = pipeline.complete(request, judged, quota)
        except Exception:
            _logger.exception("%s %s", request.method, request.raw_path, extra=self.mock.masking(request))
            answer = pipeline.fail(request)
        self._write(request, answer, space.clock, keep_alive=keep_alive)
        self.server_state.total_requests += 1
        self.since = request.started
        self.mock.record(space, request, answer)

    def _forget_request(self) -> None:
        self.request = None
        if self.received:
            self.received.clear()
            self.size = 0

    def _write(self, request: Request, answer: Answer, clock: Clock, *, keep_alive: bool) -> None:
        close = b"" if keep_alive else b"connection: close\r\n"
        answer.lines = lines = b"date: %b\r\n%b%b" % (_text.http_date(clock.now()), answer.lines, close)
        pieces = () if request.method == "HEAD" else answer.pieces
        self.transport.write(b"".join((STATUS_LINE[answer.status], lines, b"\r\n", *pieces)))

    def _wait(self, request: Request) -> None:
        """Have a complete request answered with the next batch of its space, in the place of its ASGI task."""
        self.start_application(request.raw_path, request.query, request.raw_headers)
        self.cycle.body += request.body or b""
        self._forget_request()
        super().on_message_complete()
        self.mock.batches.add(self.answering, request, Waiting(self, self.cycle, request, self.answering.space.clock))

    def respond(self, cycle: RequestResponseCycle, request: Request, answer: Answer, clock: Clock) -> None:
        """Send the answer to a request that waited, unless its client has gone."""
        if not cycle.disconnected and not self.transport.is_closing():
            self._write(request, answer, clock, keep_alive=cycle.keep_alive)
            cycle.response_started = cycle.response_complete = True
            if not cycle.keep_alive:
                self.transport.close()
            self.on_response_complete()

    def decline(self, cycle: RequestResponseCycle) -> None:
        """Have the application answer a request that waited."""
        self._offer_wire(cycle)
        super()._start_asgi_task(cycle, self.app)


class Waiting(NamedTuple):
    """A request that waits for a batch. `engine.batches.Client` documents the methods."""

    protocol: ContractProtocol
    cycle: RequestResponseCycle
    request: Request
    clock: Clock

    def respond(self, answer: Answer) -> None:
        """Send the answer."""
        self.protocol.respond(self.cycle, self.request, answer, self.clock)

    def decline(self) -> None:
        """Have the request answered by the application."""
        self.protocol.decline(self.cycle)
