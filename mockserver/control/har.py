"""Export journal entries as HAR 1.2 (HTTP Archive)."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from mockserver.clock import rfc3339
from mockserver.journal.entry import Entry
from mockserver.journal.masked import Pairs

JSON = Any
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


def to_har(entries: Iterable[Entry], version: str) -> dict[str, JSON]:
    """Return entries as a HAR document; additional members of the mock are in `_mockserver`."""
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "mockserver", "version": version},
            "entries": [_entry(entry) for entry in entries],
        }
    }


def _entry(entry: Entry) -> dict[str, JSON]:
    milliseconds = round(entry.seconds * 1000, 3)
    return {
        "startedDateTime": rfc3339(entry.at),
        "time": milliseconds,
        "request": _request(entry),
        "response": _response(entry),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "serverIPAddress": "",
        "connection": entry.connection,
        "_mockserver": {
            "number": entry.number,
            "operation": entry.operation,
            "key": entry.key,
            "problem": entry.problem,
            "rule": entry.rule,
            "fault": entry.fault,
        },
    }


def _request(entry: Entry) -> dict[str, JSON]:
    host = next((value for name, value in entry.headers if name == "host"), "localhost")
    written: dict[str, JSON] = {
        "method": entry.method,
        "url": f"http://{host}{entry.target}",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(entry.headers),
        "queryString": [
            {"name": name, "value": value} for name, value in parse_qsl(entry.query, keep_blank_values=True)
        ],
        "headersSize": -1,
        "bodySize": len(entry.body),
    }
    if entry.body:
        media = next((value for name, value in entry.headers if name == "content-type"), "")
        text, encoding = decode_body(entry.body)
        written["postData"] = {"mimeType": media, "text": text, **({"_encoding": encoding} if encoding else {})}
    return written


def _response(entry: Entry) -> dict[str, JSON]:
    text, encoding = decode_body(entry.answer_body)
    content: dict[str, JSON] = {
        "size": len(entry.answer_body),
        "mimeType": entry.header("content-type") or "x-unknown",
        "text": text,
    }
    if encoding:
        content["encoding"] = encoding
    return {
        "status": entry.status,
        "statusText": _PHRASES.get(entry.status, ""),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(entry.answer_headers),
        "content": content,
        "redirectURL": entry.header("location") or "",
        "headersSize": -1,
        "bodySize": len(entry.answer_body),
    }


def _headers(headers: Pairs) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]


def decode_body(body: bytes) -> tuple[str, str]:
    """Return a body as text with its encoding: "" for UTF-8, otherwise "base64"."""
    try:
        return body.decode(), ""
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), "base64"
