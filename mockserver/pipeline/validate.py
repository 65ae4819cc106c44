"""Validation step: check parameters and body against the contract. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from apicontract.operations import MediaType, Operation
from apicontract.parameters import MISSING, Parameter, ParameterError, parse_query
from mockserver.pipeline.problem import Problem

JSON = Any
Headers = Mapping[bytes, bytes]


def read_parameters(
    operation: Operation, path_values: Mapping[str, str], query: bytes, headers: Headers
) -> tuple[dict[str, JSON], Problem | None]:
    """Return the parameters of an operation by name, with defaults, and the problem of the first invalid one."""
    values: dict[str, JSON] = {}
    texts = parse_query(query) if query else {}
    for parameter in operation.parameters:
        try:
            value = _read(parameter, path_values, texts, headers)
        except ParameterError as error:
            return values, invalid_parameter(error)
        if value is not MISSING:
            values[parameter.name] = value
    return values, None


def invalid_parameter(error: ParameterError) -> Problem:
    """Return the problem for an invalid parameter."""
    details = {"parameter": error.parameter, "provided": error.provided, "expected": error.expected}
    return Problem("invalid-parameter", details)


def _read(
    parameter: Parameter, path_values: Mapping[str, str], query: Mapping[str, Sequence[str]], headers: Headers
) -> JSON:
    if parameter.location == "query":
        if parameter.style == "deepObject":
            return _deep_object(parameter, query)
        if parameter.explode and "object" in parameter.types:
            return _spread_object(parameter, query)
        return parameter.read(query.get(parameter.name))
    if parameter.location == "path":
        return parameter.read([path_values[parameter.name]])
    if parameter.location == "header":
        value = headers.get(parameter.name.lower().encode())
        return parameter.read(None if value is None else [value.decode("latin-1")])
    pairs = (pair.strip().partition("=") for pair in headers.get(b"cookie", b"").decode("latin-1").split(";"))
    return parameter.read([value for name, _, value in pairs if name == parameter.name])


def _deep_object(parameter: Parameter, query: Mapping[str, Sequence[str]]) -> JSON:
    prefix = parameter.name + "["
    pairs = [
        (name[len(prefix) : -1], texts[0])
        for name, texts in query.items()
        if name.startswith(prefix) and name.endswith("]")
    ]
    return _object_of(parameter, pairs)


def _spread_object(parameter: Parameter, query: Mapping[str, Sequence[str]]) -> JSON:
    properties = parameter.schema.resolved.get("properties") or {}
    return _object_of(parameter, [(name, query[name][0]) for name in properties if name in query])


def _object_of(parameter: Parameter, pairs: list[tuple[str, str]]) -> JSON:
    if not pairs:
        return parameter.read(None)
    try:
        value = parameter.members(pairs)
    except ValueError:
        value = None
    if not parameter.schema.is_valid(value):
        raise ParameterError(parameter.name, dict(pairs), parameter.schema.expected or "valid")
    return value


def read_body(operation: Operation, content_type: str, body: bytes) -> tuple[JSON, Problem | None]:
    """Return the parsed body (None if absent) and the first problem with it."""
    wanted = operation.body
    if wanted is None:
        return None, None
    if not body:
        return None, _invalid(wanted.content[0], "body", None, f"a body of {wanted.names}") if wanted.required else None
    media = wanted.media(content_type)
    if media is None:
        details = {"parameter": "Content-Type", "provided": content_type or None, "expected": wanted.names}
        return None, Problem("unsupported-media-type", details)
    if not media.is_json:
        return body.decode("utf-8", "replace"), None
    return _judge(media, body)


def _judge(media: MediaType, body: bytes) -> tuple[JSON, Problem | None]:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        expected = f"JSON ({error.msg} at line {error.lineno}, column {error.colno})"
        return None, _invalid(media, "body", _excerpt(body), expected)
    if media.schema is None or media.schema.is_valid(value):
        return value, None
    violations = media.schema.violations(value)
    first = next((violation for violation in violations if violation.is_missing), violations[0])
    together = [first]
    if first.is_missing:  # name all missing members of one object together
        together = [other for other in violations if other.is_missing and other.path[:-1] == first.path[:-1]]
    names = dict.fromkeys(".".join(str(step) for step in violation.path) or "body" for violation in together)
    return None, _invalid(media, ", ".join(names), first.provided, first.expected)


def _invalid(media: MediaType | None, parameter: str, provided: JSON, expected: str) -> Problem:
    example = json.dumps(media.sample if media is not None else {}, ensure_ascii=False)
    values = {"parameter": parameter, "provided": provided, "expected": expected, "example": example}
    return Problem("invalid-body", values)


def _excerpt(body: bytes) -> str:
    text = body[:80].decode("utf-8", "replace")
    return text if len(body) <= 80 else text + "…"
