"""An exchange: one request with its response and times. What checks see, and all that they see."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

JSON = Any
NOT_JSON: Any = object()
DEEPEST = 200
"""Levels of nesting that are read. RFC 8259 lets a reader draw the line; below it nothing here runs out of stack."""


@dataclass(frozen=True)
class Request:
    """What was sent. `role` names the key that was used (`main`, `scoped`, …; empty: none), never the key itself.

    `operation` is the operationId the plan meant, empty for a probe of an unknown path; `parameters` are the typed
    values the plan meant, path parameters included; `purpose` says in a few words what the request is to reveal.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    operation: str = ""
    parameters: Mapping[str, JSON] | None = None
    role: str = ""
    purpose: str = ""


@dataclass(frozen=True)
class Response:
    """What came back. Header names in lower case; `body` decoded from any content encoding.

    `cut`: the body was longer than what is read of one, so that nothing can be said about it.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    cut: bool = False

    def header(self, name: str) -> str | None:
        """The first value of a header, or None."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @cached_property
    def json(self) -> JSON:
        """The body as JSON; NOT_JSON where it is none: RFC 8259, so UTF-8, no NaN, and of a reasonable depth."""
        try:
            found = json.loads(self.body.decode("utf-8-sig"), parse_constant=_no_number)
        except (ValueError, RecursionError):
            return NOT_JSON
        return found if _depth_within(found, DEEPEST) else NOT_JSON


def _no_number(name: str) -> JSON:
    raise ValueError(f"{name} is no JSON")


def _depth_within(value: JSON, levels: int) -> bool:
    """Whether a value is nested no deeper than so many levels, found without recursion."""
    layer = [value]
    for _ in range(levels):
        layer = [
            child
            for node in layer
            if isinstance(node, (dict, list))
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, (dict, list))
        ]
        if not layer:
            return True
    return False


@dataclass(frozen=True)
class Exchange:
    """`number` counts from 1 in the order of sending. `started` is epoch seconds, `seconds` the time to the last byte.

    `response` None: the connection failed; `failure` says how.
    """

    number: int
    request: Request
    response: Response | None
    started: float
    seconds: float
    failure: str = ""
