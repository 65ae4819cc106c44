"""Step: the body of a success: computed from the fixtures, or the document's example, or made from its schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

import orjson

from apicontract.operations import MediaType, Operation
from apicontract.template import Template
from apicontract.values import make_value
from mockserver.dataset.accounts import Key

JSON = Any
_KEPT_ANSWERS, _KEPT_BYTES = 2_000, 8_000_000
_NULL = b"null"


class Asked(Protocol):
    """What a kept answer is found by."""

    @property
    def raw_path(self) -> bytes:
        """The path, percent-encoded."""

    @property
    def query(self) -> bytes:
        """The query string."""


class Answers:
    """Bodies of repeatable answers, kept as long as the data stand still: within a minute, without a tracked event."""

    def __init__(self, most: int = _KEPT_ANSWERS, most_bytes: int = _KEPT_BYTES) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._kept: dict[tuple[bytes, bytes, str], bytes] = {}
        self._bytes = 0
        self._as_of: tuple[int, int] = (-1, -1)

    def find(self, request: Asked, key: Key | None, now: float, version: int) -> bytes | None:
        """The kept body of the same question of the same key, if it still holds."""
        as_of = (int(now // 60), version)
        if as_of != self._as_of or self._bytes > self._most_bytes or len(self._kept) > self._most:
            self._kept.clear()
            self._bytes, self._as_of = 0, as_of
            return None
        return self._kept.get((request.raw_path, request.query, key.id if key else ""))

    def keep(self, request: Asked, key: Key | None, data: bytes) -> None:
        """Keep a body that was just computed, as of the last `find`."""
        self._kept[request.raw_path, request.query, key.id if key else ""] = data
        self._bytes += len(data)


def example_data(operation: Operation, parameters: Mapping[str, JSON], seed: int) -> bytes:
    """The first example of the success response, else a value made from its schema: without a dataset."""
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
    """Return a value as JSON; an integer beyond 64 bits, which orjson refuses, with all its digits."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS if sort_keys else None)
    except orjson.JSONEncodeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=sort_keys).encode()


def enveloped(envelope: Template, data: bytes, now: bytes) -> bytes:
    """The body with the envelope of its contract around it."""
    return envelope.join({"data": data, "now": now})
