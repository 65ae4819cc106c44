"""Deliver an answer with a fault to the client.

Every fault works on a connection of this server. If the application is called in process or by another server, delays,
dribbles, truncation and broken bodies still work; faults that need the connection are answered 501.
"""

from __future__ import annotations

import asyncio
import math
import time
from random import Random
from typing import Any, Protocol

from starlette.types import Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from mockserver.clock import Clock, ClockText
from mockserver.engine.connections import Connection, reset
from mockserver.engine.inject import Delivery
from mockserver.faults import fault as words
from mockserver.pipeline.answer import Answer
from mockserver.pipeline.body import GoneError
from mockserver.pipeline.problem import mock_problem, send_reply

WIRE = "mockserver.wire"
"""The ASGI extension in which the server's protocol passes its connection."""
_text = ClockText()


class ServedConnection(Connection, Protocol):
    """A connection whose answers can come before the end of their requests."""

    def answer_early(self, cycle: Any) -> None:
        """Let the answer of a request be the last one on this connection."""


class Wire:
    """The connection of a request, for faults below HTTP."""

    __slots__ = ("_connection", "_cycle", "_transport", "held_until")

    def __init__(self, connection: ServedConnection, cycle: Any) -> None:
        self._connection, self._transport, self._cycle = connection, connection.transport, cycle
        self.held_until = 0.0

    def answer_early(self) -> None:
        """Close the connection after this answer: the rest of the request is not read."""
        self._connection.answer_early(self._cycle)

    def write(self, data: bytes) -> None:
        """Send raw bytes."""
        self._transport.write(data)

    def close(self) -> None:
        """Close the connection after the written bytes were sent."""
        self._cycle.disconnected = True
        self._transport.close()

    def reset(self) -> None:
        """Reset the connection (TCP RST)."""
        self._cycle.disconnected = True
        reset(self._transport)

    def stop(self, seconds: float) -> None:
        """Close the connection if a fault holds its answer back for longer than the server's shutdown timeout."""
        if self.held_until > time.perf_counter() + seconds:
            self._transport.close()

    @property
    def is_done(self) -> bool:
        """Whether the request was answered."""
        return bool(self._cycle.response_complete or self._cycle.disconnected)


def answer_early(scope: Scope) -> None:
    """Close the connection, if there is one, after the answer to an incomplete request."""
    wire = _find_wire(scope)
    if wire is not None:
        wire.answer_early()


def _find_wire(scope: Scope) -> Wire | None:
    wire: Wire | None = (scope.get("extensions") or {}).get(WIRE, {}).get("wire")
    return wire


async def deliver(
    method: str, answer: Answer, delivery: Delivery, clock: Clock, scope: Scope, receive: Receive, send: Send
) -> None:
    """Send an answer as its fault demands, without blocking other connections."""
    wire = _find_wire(scope)
    fault = delivery.fault
    if wire is None and fault.word and words.WORDS[fault.word].wire:
        title = f"{fault.word} needs a connection of the mock server, but the application was called without one"
        await send_reply(mock_problem(501, title), send)
        return
    if wire is not None:
        wire.held_until = math.inf if fault.word == words.NEVER else time.perf_counter() + _held_seconds(delivery)
    try:
        if delivery.seconds:
            await _pause(delivery.seconds, receive)
        if fault.word == words.NEVER:
            await _until_gone(receive)
        elif wire is not None and fault.word == words.RESET:
            wire.reset()
        elif wire is not None and fault.word == words.EMPTY:
            wire.close()
        elif wire is not None and fault.word == words.GARBAGE:
            wire.write(Random(f"garbage/{fault.seed}").randbytes(512))
            wire.close()
        elif wire is not None and fault.word == words.MALFORMED:
            wire.write(_malformed(answer, clock))
            wire.close()
        else:
            await _send(method, answer, delivery, clock, wire, receive, send)
    except GoneError:
        answer.status = 0


async def _send(
    method: str, answer: Answer, delivery: Delivery, clock: Clock, wire: Wire | None, receive: Receive, send: Send
) -> None:
    """Send an answer that stays within HTTP: delayed, truncated or dribbled."""
    fault = delivery.fault
    body = answer.body
    answer.add_header(b"date", _text.http_date(clock.now()))
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    if fault.word == words.TRUNCATED:
        answer.body = body = body[: int(len(body) * fault.fraction)]
        await send(_part(body, more=wire is not None))
        if wire is not None:
            wire.close()
        return
    dribble = fault.dribble
    if dribble is None or method == "HEAD" or not body:
        await send(_part(body, more=False))
        return
    count = min(dribble.chunks, len(body))
    edges = [round(len(body) * index / count) for index in range(count + 1)]
    for index in range(count):
        await _pause(dribble.milliseconds / 1000 / count, receive)
        await send(_part(body[edges[index] : edges[index + 1]], more=index < count - 1))


def _held_seconds(delivery: Delivery) -> float:
    """Return for how long a fault holds an answer back."""
    dribble = delivery.fault.dribble
    return delivery.seconds + (dribble.milliseconds / 1000 if dribble is not None else 0.0)


def _part(body: bytes, *, more: bool) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more}


def _malformed(answer: Answer, clock: Clock) -> bytes:
    """Return WireMock's malformed response: a valid head, then bytes that are no chunk."""
    headers = [pair for pair in answer.headers if pair[0] != b"content-length"]
    answer.headers = [*headers, (b"date", _text.http_date(clock.now())), (b"transfer-encoding", b"chunked")]
    answer.body = b"lskdu018973t09sylgasjkfg1][]'./.sdlv"
    return STATUS_LINE[answer.status] + answer.lines + b"\r\n" + answer.body


async def _pause(seconds: float, receive: Receive) -> None:
    """Wait for `seconds`.

    Raises:
        GoneError: The client disconnected.
    """
    try:
        async with asyncio.timeout(seconds):
            await _until_gone(receive)
    except TimeoutError:
        return
    raise GoneError


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
