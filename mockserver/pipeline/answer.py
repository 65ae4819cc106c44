"""Step: the body of a success: computed from the fixtures, or the document's example, or made from its schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from mockserver.apis.call import Call, Handler
from mockserver.contract.operations import MediaType, Operation
from mockserver.contract.template import Template
from mockserver.contract.values import make_value

JSON = Any
_KEPT_ANSWERS, _KEPT_BYTES = 2_000, 8_000_000
_NULL = b"null"


class Answers:
    """Bodies of repeatable answers, kept as long as the data stand still: within a minute, without a tracked event."""

    def __init__(self) -> None:
        self._kept: dict[tuple[bytes, bytes, str], bytes] = {}
        self._bytes = 0
        self._as_of: tuple[int, int] = (-1, -1)

    def data(self, handler: Handler, call: Call, raw_path: bytes, query: bytes) -> bytes:
        """The body as JSON bytes, without the envelope.

        Raises:
            Refusal: the API's own code refuses the request.
        """
        if getattr(handler, "live", False):
            return orjson.dumps(handler(call))
        as_of = (int(call.now // 60), call.activity.version)
        if as_of != self._as_of or self._bytes > _KEPT_BYTES or len(self._kept) > _KEPT_ANSWERS:
            self._kept.clear()
            self._bytes, self._as_of = 0, as_of
        name = (raw_path, query, call.key.id if call.key else "")
        data = self._kept.get(name)
        if data is None:
            data = self._kept[name] = orjson.dumps(handler(call))
            self._bytes += len(data)
        return data


def example_data(operation: Operation, parameters: Mapping[str, JSON], seed: int) -> bytes:
    """The first example of the success response, else a value made from its schema: without a dataset."""
    response = operation.response(operation.success)
    if response is None or response.media is None:
        return b""
    if response.examples:
        return _encoded(response.media, next(iter(response.examples.values())))
    if response.media.schema is None:
        return _NULL if response.media.is_json else b""
    asked = orjson.dumps(dict(parameters), option=orjson.OPT_SORT_KEYS, default=str).decode()
    return _encoded(response.media, make_value(response.media.schema, f"{seed}/{operation.id}/{asked}"))


def _encoded(media: MediaType, value: JSON) -> bytes:
    if isinstance(value, str) and not media.is_json:
        return value.encode()
    return orjson.dumps(value)


def enveloped(envelope: Template | None, data: bytes, now: bytes) -> bytes:
    """The body with the envelope of its contract around it."""
    return data if envelope is None else envelope.join({"data": data, "now": now})
