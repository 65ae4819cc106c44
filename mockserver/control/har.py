"""A journal as HAR 1.2 (HTTP Archive), as browsers and contract tests read it."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from mockserver.clock import rfc3339
from mockserver.journal.entry import Entry, Pairs

JSON = Any
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


def har_of(entries: Iterable[Entry], version: str) -> dict[str, JSON]:
    """The entries as a HAR document; what only the mock knows stands in `_mockserver`."""
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "mockserver", "version": version},
            "entries": [_entry_of(entry) for entry in entries],
        }
    }


def _entry_of(entry: Entry) -> dict[str, JSON]:
    milliseconds = round(entry.seconds * 1000, 3)
    return {
        "startedDateTime": rfc3339(entry.at),
        "time": milliseconds,
        "request": _request_of(entry),
        "response": _response_of(entry),
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


def _request_of(entry: Entry) -> dict[str, JSON]:
    host = next((value for name, value in entry.headers if name == "host"), "localhost")
    written: dict[str, JSON] = {
        "method": entry.method,
        "url": f"http://{host}{entry.target}",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers_of(entry.headers),
        "queryString": [
            {"name": name, "value": value} for name, value in parse_qsl(entry.query, keep_blank_values=True)
        ],
        "headersSize": -1,
        "bodySize": len(entry.body),
    }
    if entry.body:
        media = next((value for name, value in entry.headers if name == "content-type"), "")
        text, encoding = text_of(entry.body)
        written["postData"] = {"mimeType": media, "text": text, **({"_encoding": encoding} if encoding else {})}
    return written


def _response_of(entry: Entry) -> dict[str, JSON]:
    text, encoding = text_of(entry.answer_body)
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
        "headers": _headers_of(entry.answer_headers),
        "content": content,
        "redirectURL": entry.header("location") or "",
        "headersSize": -1,
        "bodySize": len(entry.answer_body),
    }


def _headers_of(headers: Pairs) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]


def text_of(body: bytes) -> tuple[str, str]:
    """A body as text, and how it is encoded: not at all where it is UTF-8."""
    try:
        return body.decode(), ""
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), "base64"
