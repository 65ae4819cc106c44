"""Requests and responses as the servers of this folder see them, whatever framework carried them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, unquote


@dataclass(frozen=True)
class Request:
    """One request. `path` is as it was sent, without the query."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Return the first value of a header, whatever its case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def segments(self) -> list[str]:
        """Return the decoded segments of the path; what is no UTF-8 becomes a replacement character."""
        return [unquote(segment, errors="replace") for segment in self.path.split("/")[1:]]

    def pairs(self) -> list[tuple[str, str]]:
        """Return the decoded pairs of the query, in their order."""
        return parse_qsl(self.query, keep_blank_values=True, errors="replace")


@dataclass(frozen=True)
class Response:
    """One response: its JSON, and the headers beside Content-Type and Content-Length."""

    status: int
    json: Any = None
    headers: tuple[tuple[str, str], ...] = field(default=())

    def having(self, *headers: tuple[str, str]) -> Response:
        """Return the response with further headers."""
        return replace(self, headers=(*self.headers, *headers))


class RefusedError(Exception):
    """A request that is refused, with what the client is told."""

    def __init__(self, status: int, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details


def object_of(body: bytes) -> dict[str, Any] | None:
    """Return the JSON object that a body is, or None if it is none."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
