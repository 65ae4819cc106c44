"""Exchanges: one request with its response and times. Checks see nothing else."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn

JSON = Any
NOT_JSON: Any = object()
DEEPEST = 200
"""Levels of nesting that are read: RFC 8259 allows a limit, and recursion needs one."""
_DIGITS = 300
"""Digits of an integer that are read: a longer one has no floating-point number near it."""
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


@dataclass(frozen=True)
class Request:
    """A request as it was sent.

    `role` names the key that was used (`main`, `scoped`, …; empty: none), never the key itself. `operation` is the
    operationId that was meant, empty for an unknown path; `parameters` are the typed values that were meant, path
    parameters included. `purpose` says in a few words what the request shows.
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
    """A response. Header names are in lower case; `body` is decoded from any content encoding.

    `truncated`: the body is longer than what is read of it, so that nothing can be said about it.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    truncated: bool = False

    def header(self, name: str) -> str | None:
        """Return the first value of a header, or None."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @cached_property
    def json(self) -> JSON:
        """The body as JSON; NOT_JSON where it is not (RFC 8259: UTF-8, no NaN), or is beyond the limits that it allows.

        Those are the levels of nesting and the size of numbers. A half of a surrogate pair is no character: it is read
        as the replacement character.
        """
        try:
            text = self.body.decode("utf-8-sig")
            found = json.loads(text, parse_constant=_no_number, parse_int=_integer, parse_float=_number)
            if _SURROGATE.search(text):
                found = json.loads(
                    json.dumps(found, ensure_ascii=False).encode("utf-8", "surrogatepass").decode("utf-8", "replace")
                )
        except (ValueError, RecursionError):
            return NOT_JSON
        return found if _depth_within(found, DEEPEST) else NOT_JSON


def _integer(text: str) -> int:
    if len(text) > _DIGITS:
        _no_number(text)
    return int(text)


def _number(text: str) -> float:
    found = float(text)
    if not math.isfinite(found):
        _no_number(text)
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name:.20} cannot be read as a number")


def _depth_within(value: JSON, levels: int) -> bool:
    """Return whether a value has at most so many levels of nesting, without recursion."""
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
    """One request with its response, which is None where the connection failed; `failure` says how.

    `number` counts from 1 in the order of sending. `started` is in epoch seconds, `seconds` the time to the last byte.
    """

    number: int
    request: Request
    response: Response | None
    started: float
    seconds: float
    failure: str = ""
