"""Errors: problems in the API's format, and replies of the mock itself as RFC 9457 problem details."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.types import Send

from apicontract.errors import RATE_LIMITED
from apicontract.safetext.invisible import json_escaped
from mockserver.clock import rfc3339
from mockserver.limits.quota import Quota

JSON = Any


@dataclass(frozen=True, slots=True)
class Detail:
    """One mistake in a request. `location`: query, path, header, cookie or body; `path`: from there to the value."""

    location: str
    path: tuple[str | int, ...]
    expected: str
    provided: JSON
    is_missing: bool = False

    @property
    def message(self) -> str:
        """The mistake as a sentence without its place."""
        return f"must be {self.expected}"

    @property
    def place(self) -> str:
        """The place of the mistake: `limit`, `body`, `address.city`."""
        return ".".join(map(str, self.path)) or self.location


@dataclass(frozen=True, slots=True)
class Problem:
    """An error kind of the contract, the values for its message, and all mistakes of an invalid request."""

    kind: str
    values: Mapping[str, JSON] = field(default_factory=dict)
    details: tuple[Detail, ...] = ()


def limit_problem(quota: Quota) -> Problem:
    """Return the problem of a request that exceeds the rate limit or the monthly quota."""
    by_minute = quota.refused == RATE_LIMITED
    values = {
        "limit": quota.minute_limit if by_minute else quota.month_limit,
        "retry_after": quota.retry_after,
        "reset": rfc3339(quota.minute_reset if by_minute else quota.month_reset),
        "plan": quota.plan,
    }
    return Problem(quota.refused, values)


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete response, sent unchanged."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


async def send_reply(reply: Reply, send: Send) -> None:
    """Send a reply over ASGI."""
    headers = [*reply.headers, (b"content-length", b"%d" % len(reply.body))]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


def mock_problem(status: int, title: str, **members: JSON) -> Reply:
    """Return a reply of the mock itself, not of an API: RFC 9457 `application/problem+json`."""
    body = orjson.dumps({"title": title, "status": status, **members, "from": "mockserver"})
    return Reply(status, ((b"content-type", b"application/problem+json"),), json_escaped(body.decode()).encode())
