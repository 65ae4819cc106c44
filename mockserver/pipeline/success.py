"""Success step: cached bodies, and those of operations without fixtures: an example or generated values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

import orjson

from apicontract.operations import MediaType, Operation
from apicontract.values import make_value
from mockserver.dataset.accounts import Key

JSON = Any
_KEPT_ANSWERS, _KEPT_BYTES = 2_000, 8_000_000
_NULL = b"null"


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


def example_data(operation: Operation, parameters: Mapping[str, JSON], seed: int) -> bytes:
    """Return the first example of the success response, else a value generated from its schema."""
    response = operation.response(operation.success)
    if response is None or response.media is None:
        return b""
    if response.examples:
        return _encoded(response.media, next(iter(response.examples.values())))
    if response.media.schema is None:
        return _NULL if response.media.is_json else b""
    asked = encode(dict(parameters), sort_keys=True).decode()
    return _encoded(response.media, make_value(response.media.schema, f"{seed}/{operation.id}/{asked}"))


def _encoded(media: MediaType, value: JSON) -> bytes:
    if isinstance(value, str) and not media.is_json:
        return value.encode()
    return encode(value)


def encode(value: JSON, *, sort_keys: bool = False) -> bytes:
    """Return a value as JSON, including integers beyond 64 bits, which orjson refuses."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS if sort_keys else None)
    except orjson.JSONEncodeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=sort_keys).encode()
