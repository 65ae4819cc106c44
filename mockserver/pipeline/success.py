"""Success step: cached bodies, and those of operations without fixtures: an example or generated values."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Protocol

import orjson

from apicontract.directions import is_valid, list_violations, strip_unsent
from apicontract.making import MISSING
from apicontract.operations import MediaType, Operation
from apicontract.schemas import Schema
from apicontract.values import make_value
from mockserver.dataset.accounts import Key
from mockserver.pipeline.negotiation import Chosen
from mockserver.pipeline.representation import encode

JSON = Any
_logger = logging.getLogger("uvicorn.error")
_KEPT_ANSWERS, _KEPT_BYTES = 2_000, 8_000_000


class Cacheable(Protocol):
    """The request members of a cache key."""

    @property
    def raw_path(self) -> bytes:
        """The path, percent-encoded."""

    @property
    def query(self) -> bytes:
        """The query string."""


class Answers:
    """A cache of response bodies, valid until the minute ends or an event is tracked."""

    def __init__(self, most: int = _KEPT_ANSWERS, most_bytes: int = _KEPT_BYTES) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._kept: dict[tuple[bytes, bytes, str], bytes] = {}
        self._bytes = 0
        self._as_of: tuple[int, int] = (-1, -1)

    def find(self, request: Cacheable, key: Key | None, now: float, version: int) -> bytes | None:
        """Return the cached body of a request with this key, or None if missing or outdated."""
        as_of = (int(now // 60), version)
        if as_of != self._as_of or self._bytes > self._most_bytes or len(self._kept) > self._most:
            self._kept.clear()
            self._bytes, self._as_of = 0, as_of
            return None
        return self._kept.get((request.raw_path, request.query, key.id if key else ""))

    def keep(self, request: Cacheable, key: Key | None, data: bytes) -> None:
        """Cache a body that was computed after the last `find`."""
        self._kept[request.raw_path, request.query, key.id if key else ""] = data
        self._bytes += len(data)


class Made:
    """A cache of bodies made from the contract. They depend on nothing but the request's target and media type."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, bytes, bytes], tuple[bytes, bytes]] = {}
        self._bytes = 0

    def find(self, name: tuple[str, str, bytes, bytes]) -> tuple[bytes, bytes] | None:
        """Return the header lines and the body, or None."""
        return self._kept.get(name)

    def keep(self, name: tuple[str, str, bytes, bytes], made: tuple[bytes, bytes]) -> None:
        """Cache a body, and forget all others if they are too many."""
        if len(self._kept) >= _KEPT_ANSWERS or self._bytes > _KEPT_BYTES:
            self._kept.clear()
            self._bytes = 0
        self._kept[name] = made
        self._bytes += len(made[1])


def example_value(operation: Operation, chosen: Chosen, parameters: Mapping[str, JSON], seed: int) -> JSON:
    """Return the body of a success: an example, else a value made from the schema."""
    asked = encode(dict(parameters), sort_keys=True).decode()
    return declared_value(chosen.media, f"{seed}/{operation.id}/{asked}", f"{operation.id} {operation.success}")


def declared_value(media: MediaType, seed: str, where: str) -> JSON:
    """Return the first valid example of a media type, else a value made from its schema and the first example.

    An example that is not valid, and a body that could not be made valid, are logged once for each `where`.
    """
    schema = media.schema
    if schema is None:
        return next(iter(media.examples.values()), {} if media.is_json else "")
    hint: JSON = MISSING
    for name, example in media.examples.items():
        is_written = isinstance(example, str) and not media.is_json
        shown = example if is_written else strip_unsent(schema, _unquoted(schema, example), "response")
        if is_written or is_valid(schema, shown, "response"):
            return shown
        hint = shown if hint is MISSING else hint
        _report(schema, shown, f"{where}: the example {name!r} is not valid, so that its valid parts are sent")
    value = make_value(schema, seed, examples=True, sent="response", hint=hint)
    _report(schema, value, f"{where}: no valid body was found, so that an invalid one is sent")
    return value


def _unquoted(schema: Schema, example: JSON) -> JSON:
    """Return an example that is JSON within a text as its value, if that is valid."""
    if not isinstance(example, str) or schema.is_valid(example):
        return example
    try:
        value = orjson.loads(example)
    except orjson.JSONDecodeError:
        return example
    return value if is_valid(schema, value, "response") else example


def _report(schema: Schema, value: JSON, problem: str) -> None:
    violation = next(iter(list_violations(schema, value, "response")), None)
    if violation is not None:
        _log_once(f"{problem}: {'.'.join(map(str, violation.path)) or 'the body'}: {violation.message}")


@lru_cache(maxsize=4_096)
def _log_once(message: str) -> None:
    _logger.warning(message)
