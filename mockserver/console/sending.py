"""Send a request through this server, which counts and records it like that of a client."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from secrets import token_hex

from starlette.types import Message

from mockserver.console.context import PageContext
from mockserver.control.journal import read_journal
from mockserver.journal.entry import Entry
from mockserver.journal.journal import Reading

Headers = list[tuple[bytes, bytes]]
MARK = "x-mock-console"
"""The header with the purpose of a request from the console."""
AGENT = "mockserver-console"
TIMEOUT = 30.0
"""The timeout in seconds, for faults that delay or omit the answer."""


@dataclass(frozen=True, slots=True)
class SendResult:
    """The answer to a request, credentials masked. `status` 0: there was none. `number`: its journal entry, or 0."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    number: int


async def send(
    context: PageContext, method: str, path: str, query: str, headers: Headers, body: bytes, mark: str
) -> SendResult:
    """Send a request. Its user agent makes the console a separate client in the client report."""
    host = context.request.headers.get("host", "localhost").encode("latin-1")
    mark = f"{mark}; {token_hex(4)}"
    own = [(b"host", host), (b"user-agent", AGENT.encode()), (MARK.encode(), mark.encode("latin-1", "replace"))]
    if context.test:
        own.append((b"x-test-id", context.test.encode("latin-1")))
    if body:
        own.append((b"content-length", b"%d" % len(body)))
    scope = {
        **context.request.scope,
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
        await asyncio.wait_for(context.request.app(scope, receive, take), TIMEOUT)
    redaction = context.mock.redaction
    start = next((message for message in received if message["type"] == "http.response.start"), None)
    return SendResult(
        status=start["status"] if start is not None else 0,
        headers=tuple(map(redaction.pair, start["headers"] if start is not None else ())),
        body=redaction.body(
            b"".join(message.get("body", b"") for message in received if message["type"] == "http.response.body")
        ),
        number=_found((await read(context)).entries, mark),
    )


def without(headers: Iterable[tuple[bytes, bytes]], names: Iterable[bytes]) -> Headers:
    """Return the headers without those of the given names."""
    left_out = set(names)
    return [(name, value) for name, value in headers if name.lower() not in left_out]


async def read(context: PageContext, after: int = 0) -> Reading:
    """Return the journal entries of the selected space after a number."""
    return await read_journal(context.pipeline.space.journal, after)


def _found(found: list[Entry], mark: str) -> int:
    """Return the number of the entry with a mark, or 0."""
    marks = ((entry.number, dict(entry.headers).get(MARK)) for entry in reversed(found))
    return next((number for number, given in marks if given == mark), 0)
