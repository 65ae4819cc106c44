"""A value as the bytes of a media type: JSON, XML, CSV, events, forms, text and samples of binary formats."""

from __future__ import annotations

import csv
import html
import io
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import orjson
import yaml

from apicontract.parameters import essence_of, is_json_type
from apicontract.schemas import Schema
from mockserver.pipeline.samples import SAMPLES, sample_file
from mockserver.pipeline.xmlbody import write_xml

JSON = Any
BOUNDARY = "mockserver-boundary"
_EVENT = ("event", "id", "retry", "data")
_LINES = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"})
_TEXTS = frozenset(
    {"application/javascript", "application/graphql", "application/jwt", "application/sql", "application/toml"}
)


def encode(value: JSON, *, sort_keys: bool = False) -> bytes:
    """Return a value as JSON, including integers beyond 64 bits, which orjson refuses."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS if sort_keys else None)
    except orjson.JSONEncodeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=sort_keys).encode()


def represent(value: JSON, content_type: str, schema: Schema | None) -> tuple[str, bytes]:
    """Return the content type to send and the body."""
    essence = essence_of(content_type)
    if is_json_type(essence):
        return content_type, encode(value)
    if essence.startswith("multipart/"):
        return f"{essence}; boundary={BOUNDARY}", _multipart(value)
    if is_binary_type(essence) or (_is_binary(schema) and not is_text_type(essence)):
        return content_type, sample_file(essence, value)
    if is_xml_type(essence):
        is_written = isinstance(value, str) and value.lstrip().startswith("<")
        if is_written:
            return content_type, value.encode()
        node, resolve = (schema.node, schema.document.resolve) if schema is not None else ({}, _itself)
        return content_type, write_xml(value, node, resolve)
    return content_type, _WRITERS.get(essence, _plain)(value)


def is_xml_type(essence: str) -> bool:
    """Whether a media type is XML."""
    return essence in ("application/xml", "text/xml") or essence.endswith("+xml")


def is_text_type(essence: str) -> bool:
    """Whether a media type is text, which any string can be."""
    return essence.startswith("text/") or is_xml_type(essence) or essence in _TEXTS or essence in _WRITERS


def is_binary_type(essence: str) -> bool:
    """Whether a media type has a binary format of its own, or none (`application/octet-stream`)."""
    kind = essence.partition("/")[0]
    is_media = kind in ("image", "audio", "video", "font") and not essence.endswith("+xml")
    return is_media or essence in SAMPLES or essence == "application/octet-stream"


def _itself(node: JSON) -> JSON:
    return node


def _plain(value: JSON) -> bytes:
    if isinstance(value, str):
        return value.encode()
    return b"" if value is None else encode(value)


def _lines(value: JSON) -> bytes:
    return value.encode() if isinstance(value, str) else b"".join(encode(item) + b"\n" for item in _listed(value))


def _sequence(value: JSON) -> bytes:
    return b"".join(b"\x1e" + encode(item) + b"\n" for item in _listed(value))


def _events(value: JSON) -> bytes:
    """Return server-sent events: one for each item; a text that is a stream already is sent as it is."""
    if isinstance(value, str) and any(value.startswith(f"{name}:") for name in ("", *_EVENT)):
        return value.rstrip("\n").encode() + b"\n\n"
    return b"".join(map(_event, _listed(value)))


def _event(item: JSON) -> bytes:
    fields = item if isinstance(item, dict) and item and item.keys() <= set(_EVENT) else {"data": item}
    lines = []
    for name in _EVENT:
        if name in fields:
            text = _plain(fields[name]).decode()
            lines += [f"{name}: {line}" for line in text.splitlines() or [""]]
    return ("\n".join(lines) + "\n\n").encode()


def _csv(value: JSON) -> bytes:
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, dict):
        lists = [member for member in value.values() if isinstance(member, list)]
        value = lists[0] if len(lists) == 1 else [value]
    rows = _listed(value)
    text = io.StringIO()
    if rows and all(isinstance(row, dict) for row in rows):
        names = list(dict.fromkeys(name for row in rows for name in row))
        table = csv.DictWriter(text, names)
        table.writeheader()
        table.writerows({name: _cell(cell) for name, cell in row.items()} for row in rows)
    else:
        csv.writer(text).writerows([_cell(cell) for cell in (row if isinstance(row, list) else [row])] for row in rows)
    return text.getvalue().encode()


def _cell(value: JSON) -> str:
    return _plain(value).decode()


def _form(value: JSON) -> bytes:
    if not isinstance(value, dict):
        return _plain(value)
    pairs = [(name, _cell(item)) for name, member in value.items() for item in _listed(member)]
    return urlencode(pairs).encode()


def _html(value: JSON) -> bytes:
    if isinstance(value, str) and value.lstrip().startswith("<"):
        return value.encode()
    return f"<!doctype html>\n<title>Mock</title>\n<pre>{html.escape(_cell(value))}</pre>\n".encode()


def _yaml(value: JSON) -> bytes:
    return value.encode() if isinstance(value, str) else yaml.safe_dump(value, sort_keys=False).encode()


def _multipart(value: JSON) -> bytes:
    parts = value.items() if isinstance(value, dict) else (("file", item) for item in _listed(value))
    written = [_part(str(name), item) for name, member in parts for item in _listed(member)]
    return b"".join(written) + f"--{BOUNDARY}--\r\n".encode()


def _part(name: str, value: JSON) -> bytes:
    kind = "text/plain; charset=utf-8" if isinstance(value, str) else "application/json"
    quoted = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{quoted}"\r\nContent-Type: {kind}\r\n\r\n'
    return head.encode() + _plain(value) + b"\r\n"


def _listed(value: JSON) -> list[JSON]:
    return value if isinstance(value, list) else [value]


_WRITERS: dict[str, Callable[[JSON], bytes]] = {
    **dict.fromkeys(_LINES, _lines),
    "application/json-seq": _sequence,
    "text/event-stream": _events,
    "text/csv": _csv,
    "text/html": _html,
    "application/x-www-form-urlencoded": _form,
    **dict.fromkeys(("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"), _yaml),
}


def _is_binary(schema: Schema | None) -> bool:
    node = schema.resolved if schema is not None else None
    return isinstance(node, dict) and node.get("format") == "binary"
