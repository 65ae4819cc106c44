"""Validation step: check parameters and body against the contract. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from apicontract.directions import list_violations
from apicontract.operations import MediaType, Operation
from apicontract.parameters import MISSING, Parameter, ParameterError, parse_query
from mockserver.pipeline.content import MistakenBodyError, parse_body
from mockserver.pipeline.problem import Detail, Problem

JSON = Any
Headers = Mapping[bytes, bytes]


def read_parameters(
    operation: Operation, path_values: Mapping[str, str], query: bytes, headers: Headers
) -> tuple[dict[str, JSON], Problem | None]:
    """Return the parameters of an operation by name, with defaults, and the problem of those that are invalid."""
    values: dict[str, JSON] = {}
    texts = parse_query(query) if query else {}
    errors: list[tuple[Parameter, ParameterError]] = []
    for parameter in operation.parameters:
        try:
            value = _read(parameter, path_values, texts, headers)
        except ParameterError as error:
            errors.append((parameter, error))
            continue
        if value is not MISSING:
            values[parameter.name] = value
    return values, invalid_parameters(errors) if errors else None


def invalid_parameters(errors: Sequence[tuple[Parameter, ParameterError]]) -> Problem:
    """Return the problem for invalid parameters. Its values are those of the first."""
    error = errors[0][1]
    values = {"parameter": error.parameter, "provided": error.provided, "expected": error.expected}
    details: list[Detail] = []
    for parameter, each in errors:
        inner = [violation for violation in each.violations if violation.path]
        details += [
            Detail(parameter.location, (parameter.name, *one.path), one.expected, one.provided, one.is_missing)
            for one in inner
        ] or [Detail(parameter.location, (parameter.name,), each.expected, each.provided, each.provided is None)]
    return Problem("invalid-parameter", values, tuple(details))


def _read(
    parameter: Parameter, path_values: Mapping[str, str], query: Mapping[str, Sequence[str]], headers: Headers
) -> JSON:
    if parameter.is_ignored:
        return MISSING
    if parameter.location == "path":
        return parameter.read([path_values[parameter.name]])
    if parameter.location == "header":
        value = headers.get(parameter.name.lower().encode())
        return parameter.read(None if value is None else [value.decode("latin-1")])
    if parameter.location == "querystring":  # the whole of it: a form, or JSON
        return parameter.read(list(query)[:1] or None) if parameter.is_json else parameter.read_members(query)
    return parameter.read_among(query if parameter.location == "query" else _cookies(headers))


def _cookies(headers: Headers) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {}
    for pair in headers.get(b"cookie", b"").decode("latin-1").split(";"):
        name, _, value = pair.strip().partition("=")
        texts.setdefault(name, []).append(value)
    return texts


def read_body(operation: Operation, content_type: str, body: bytes) -> tuple[JSON, Problem | None]:
    """Return the parsed body (None if absent) and the first problem with it."""
    wanted = operation.body
    if wanted is None:
        return None, None
    if not body:
        return None, _invalid(
            wanted.content[0] if wanted.content else None, "body", None, f"a body of {wanted.names}"
        ) if wanted.required else None
    media = wanted.media(content_type)
    if media is None:
        details = {"parameter": "Content-Type", "provided": content_type or None, "expected": wanted.names}
        return None, Problem("unsupported-media-type", details)
    try:
        value, is_readable = parse_body(media, content_type, body)
    except MistakenBodyError as error:
        return None, _invalid(media, "body", _excerpt(body), error.expected, error.details)
    return value, _judge(media, value) if is_readable else None


def _judge(media: MediaType, value: JSON) -> Problem | None:
    if media.schema is None or media.schema.is_valid(value):
        return None
    violations = list_violations(media.schema, value, "request")
    if not violations:
        return None
    first = next((violation for violation in violations if violation.is_missing), violations[0])
    together = [first]
    if first.is_missing:  # name all missing members of one object together
        together = [other for other in violations if other.is_missing and other.path[:-1] == first.path[:-1]]
    names = dict.fromkeys(".".join(str(step) for step in violation.path) or "body" for violation in together)
    details = [Detail("body", each.path, each.expected, each.provided, each.is_missing) for each in violations]
    return _invalid(media, ", ".join(names), first.provided, first.expected, details)


def _invalid(
    media: MediaType | None, parameter: str, provided: JSON, expected: str, details: Sequence[Detail] = ()
) -> Problem:
    example = json.dumps(media.sample if media is not None else {}, ensure_ascii=False)
    values = {"parameter": parameter, "provided": provided, "expected": expected, "example": example}
    return Problem("invalid-body", values, tuple(details) or (Detail("body", (), expected, provided),))


def _excerpt(body: bytes) -> str:
    text = body[:80].decode("utf-8", "replace")
    return text if len(body) <= 80 else text + "…"
