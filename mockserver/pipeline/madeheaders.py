"""Values of declared response headers that no figure of the server fills: examples, else made by name and schema."""

from __future__ import annotations

import re
from typing import Any

from apicontract.operations import Header
from apicontract.values import make_value
from mockserver.pipeline.representation import encode

JSON = Any
_DATE = "Thu, 01 Jan 2026 00:00:00 GMT"
_USUAL = {
    "etag": '"33a64df5"',
    "last-modified": _DATE,
    "expires": _DATE,
    "location": "https://example.com/created/1",
    "link": '<https://example.com/?page=2>; rel="next"',
    "set-cookie": "session=33a64df5; Path=/; HttpOnly",
    "cache-control": "no-cache",
    "content-disposition": 'attachment; filename="file"',
    "content-language": "en",
    "content-location": "/created/1",
    "vary": "Accept",
    "www-authenticate": 'Bearer realm="mock"',
}
"""Values of headers that have a syntax of their own, for those whose schema tells no more than `string`."""
_NO_VALUE = re.compile(r"[^\t\x20-\x7e\xa0-\xff]+")


def make_header(header: Header, seed: str) -> bytes:
    """Return the value of a header: its example if that is valid, else a usual or a made one."""
    schema, usual = header.schema, _USUAL.get(header.name.lower())
    node = schema.resolved
    is_stated = isinstance(node, dict) and bool(node.keys() & {"example", "examples", "default", "enum", "const"})
    if header.example is not None and schema.is_valid(header.example):
        value = header.example
    elif usual is not None and not is_stated and schema.is_valid(usual):
        value = usual
    else:
        value = make_value(schema, f"{seed}/{header.name}", examples=True, sent="response", name=header.name)
    return _NO_VALUE.sub(" ", _written(value, header)).strip().encode("latin-1")


def _written(value: JSON, header: Header) -> str:
    """Return a value in the style `simple`."""
    if header.is_json:
        return encode(value).decode()
    if isinstance(value, list):
        return ",".join(map(_scalar, value))
    if isinstance(value, dict):
        mark = "=" if header.explode else ","
        return ",".join(f"{name}{mark}{_scalar(member)}" for name, member in value.items())
    return _scalar(value)


def _scalar(value: JSON) -> str:
    return value if isinstance(value, str) else "" if value is None else encode(value).decode()
