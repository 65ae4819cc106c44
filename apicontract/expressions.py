"""Runtime expressions of callbacks and links: `$request.body#/url`, `{$request.query.id}` within a text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

JSON = Any
_EMBEDDED = re.compile(r"\{(\$[^{}]+)\}")
_MISSING: Any = object()


@dataclass(frozen=True, slots=True)
class Exchanged:
    """One exchange, as far as a runtime expression can refer to it. Header names are in lower case."""

    url: str
    method: str
    status: int
    query: Mapping[str, str] = field(default_factory=dict)
    path: Mapping[str, JSON] = field(default_factory=dict)
    request_headers: Mapping[str, str] = field(default_factory=dict)
    request_body: JSON = None
    response_headers: Mapping[str, str] = field(default_factory=dict)
    response_body: JSON = None


def evaluate(expression: JSON, exchanged: Exchanged) -> JSON:
    """Return the value of an expression, of a text with embedded ones, or a constant as it is; None if it has none."""
    if not isinstance(expression, str):
        return expression
    if expression.startswith("$"):
        value = _value(expression, exchanged)
        return None if value is _MISSING else value
    values = [_value(match, exchanged) for match in _EMBEDDED.findall(expression)]
    if any(value is _MISSING for value in values):
        return None
    left = iter(values)
    return _EMBEDDED.sub(lambda _: _text(next(left)), expression)


def _value(expression: str, exchanged: Exchanged) -> JSON:
    whole = {"$url": exchanged.url, "$method": exchanged.method, "$statusCode": exchanged.status}
    if expression in whole:
        return whole[expression]
    source, _, rest = expression.partition(".")
    is_request = source == "$request"
    if not is_request and source != "$response":
        return _MISSING
    body = exchanged.request_body if is_request else exchanged.response_body
    if rest.partition("#")[0] == "body":
        return _pointed(body, rest.partition("#")[2])
    place, _, name = rest.partition(".")
    if place == "header":
        headers = exchanged.request_headers if is_request else exchanged.response_headers
        return headers.get(name.lower(), _MISSING)
    found = {"query": exchanged.query, "path": exchanged.path}.get(place, {}) if is_request else {}
    return found.get(name, _MISSING)


def _pointed(value: JSON, pointer: str) -> JSON:
    """Return the value at a JSON pointer."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return _MISSING
    return _MISSING if value is None else value


def _text(value: JSON) -> str:
    return value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
