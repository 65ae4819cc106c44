"""Write HTTP Archive documents (HAR 1.2). Both tools record exchanges, and each adds members of its own."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

JSON = Any
Pairs = Sequence[tuple[str, str]]
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


def har_log(creator: str, version: str, entries: Iterable[JSON]) -> dict[str, JSON]:
    """Return a HAR document of entries, with the name and version of the tool that recorded them."""
    return {"log": {"version": "1.2", "creator": {"name": creator, "version": version}, "entries": [*entries]}}


def har_entry(
    at: float, seconds: float, request: dict[str, JSON], response: dict[str, JSON], **more: JSON
) -> dict[str, JSON]:
    """Return an entry. `at` is in epoch seconds, `seconds` the time to the last byte, `more` further members."""
    milliseconds = round(seconds * 1000, 3)
    return {
        "startedDateTime": datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "time": milliseconds,
        "request": request,
        "response": response,
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        **more,
    }


def har_request(method: str, url: str, headers: Pairs, body: bytes) -> dict[str, JSON]:
    """Return the request of an entry."""
    written: dict[str, JSON] = {
        "method": method,
        "url": url,
        "queryString": _named(parse_qsl(url.partition("?")[2], keep_blank_values=True)),
        **_common(headers, body),
    }
    if body:
        text, encoding = decode_body(body)
        written["postData"] = {"mimeType": _header(headers, "content-type"), "text": text}
        if encoding:  # HAR has no member for it
            written["postData"]["_encoding"] = encoding
    return written


def har_response(status: int, headers: Pairs, body: bytes) -> dict[str, JSON]:
    """Return the response of an entry; status 0 is a failed connection, as browsers record it."""
    text, encoding = decode_body(body)
    content = {"size": len(body), "mimeType": _header(headers, "content-type") or "x-unknown", "text": text}
    if encoding:
        content["encoding"] = encoding
    return {
        "status": status,
        "statusText": _PHRASES.get(status, ""),
        "content": content,
        "redirectURL": _header(headers, "location"),
        **_common(headers, body),
    }


def decode_body(body: bytes) -> tuple[str, str]:
    """Return a body as text with its encoding: "" for UTF-8, otherwise "base64"."""
    try:
        return body.decode(), ""
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), "base64"


def _common(headers: Pairs, body: bytes) -> dict[str, JSON]:
    return {
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _named(headers),
        "headersSize": -1,
        "bodySize": len(body),
    }


def _named(pairs: Pairs) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _header(headers: Pairs, wanted: str) -> str:
    return next((value for name, value in headers if name.lower() == wanted), "")
