"""Sends a request through this server, as a client would: judged, counted, disturbed and taken down like any other."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from secrets import token_hex

from starlette.types import Message

from mockserver.console.visit import Visit
from mockserver.control.journal import read_journal
from mockserver.journal.entry import Entry
from mockserver.journal.journal import Reading

Headers = list[tuple[bytes, bytes]]
MARK = "x-mock-console"
"""The header of a request that the console sent: what it is for."""
AGENT = "mockserver-console"
PATIENCE = 30.0
"""Seconds: an answer that never comes, or an hour late, is not waited for."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What came back, as it may be shown. `status` 0: nothing did. `number`: its place in the journal, or 0."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    number: int


async def send(visit: Visit, method: str, path: str, query: str, headers: Headers, body: bytes, mark: str) -> Sent:
    """Send one request. The client report takes the console for a client of its own, by its user agent."""
    host = visit.request.headers.get("host", "localhost").encode("latin-1")
    mark = f"{mark}; {token_hex(4)}"
    own = [(b"host", host), (b"user-agent", AGENT.encode()), (MARK.encode(), mark.encode("latin-1", "replace"))]
    if visit.test:
        own.append((b"x-test-id", visit.test.encode("latin-1")))
    if body:
        own.append((b"content-length", b"%d" % len(body)))
    scope = {
        **visit.request.scope,
        "method": method,
        "path": path,
        "raw_path": path.encode("latin-1", "replace"),
        "query_string": query.encode("latin-1", "replace"),
        "headers": [*without(headers, {name for name, _ in own} | {b"content-length"}), *own],
        "extensions": {},
        "path_params": {},
    }
    received: list[Message] = []
    given = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> Message:
        return next(given, {"type": "http.disconnect"})

    async def take(message: Message) -> None:
        received.append(message)

    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(visit.request.app(scope, receive, take), PATIENCE)
    redaction = visit.mock.redaction
    start = next((message for message in received if message["type"] == "http.response.start"), None)
    return Sent(
        status=start["status"] if start is not None else 0,
        headers=tuple(map(redaction.pair, start["headers"] if start is not None else ())),
        body=redaction.body(
            b"".join(message.get("body", b"") for message in received if message["type"] == "http.response.body")
        ),
        number=_found((await read(visit)).entries, mark),
    )


def without(headers: Iterable[tuple[bytes, bytes]], names: Iterable[bytes]) -> Headers:
    """Headers that are not named so."""
    left_out = set(names)
    return [(name, value) for name, value in headers if name.lower() not in left_out]


async def read(visit: Visit, after: int = 0) -> Reading:
    """The journal of the space that is looked at, from a number on."""
    return await read_journal(visit.pipeline.space.journal, after)


def _found(found: list[Entry], mark: str) -> int:
    """The entry of the request that was just sent, wherever among others it stands."""
    marks = ((entry.number, dict(entry.headers).get(MARK)) for entry in reversed(found))
    return next((number for number, given in marks if given == mark), 0)
