"""Exchanges as HAR 1.2: written after a run, read for `check` from whatever tool recorded them."""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from contract_tests.model.exchange import Exchange, Request, Response

JSON = Any
_OWN = "_contract_tests"
_GZIP = b"\x1f\x8b\x08"


class HarError(Exception):
    """A file without recorded traffic. The message names the file and the way out."""


def har_of(exchanges: Iterable[Exchange]) -> dict[str, JSON]:
    """Return exchanges as a HAR document. What only this tool knows stands in `_contract_tests`."""
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "contract-tests", "version": "1"},
            "entries": [_entry_of(exchange) for exchange in exchanges],
        }
    }


def _entry_of(exchange: Exchange) -> dict[str, JSON]:
    request, response = exchange.request, exchange.response
    milliseconds = round(exchange.seconds * 1000, 3)
    started = datetime.fromtimestamp(exchange.started, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    entry: dict[str, JSON] = {
        "startedDateTime": started,
        "time": milliseconds,
        "request": _request_of(request),
        "response": _response_of(response),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        _OWN: {
            "number": exchange.number,
            "operation": request.operation,
            "parameters": request.parameters,
            "role": request.role,
            "purpose": request.purpose,
            "failure": exchange.failure,
        },
    }
    return entry


def _request_of(request: Request) -> dict[str, JSON]:
    written: dict[str, JSON] = {
        "method": request.method,
        "url": request.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers_of(request.headers),
        "queryString": [
            {"name": name, "value": value}
            for name, value in parse_qsl(urlsplit(request.url).query, keep_blank_values=True)
        ],
        "headersSize": -1,
        "bodySize": len(request.body),
    }
    if request.body:
        media = next((value for name, value in request.headers if name.lower() == "content-type"), "")
        text, encoding = _text_of(request.body)
        written["postData"] = {"mimeType": media, "text": text, **({"_encoding": encoding} if encoding else {})}
    return written


def _response_of(response: Response | None) -> dict[str, JSON]:
    if response is None:  # as browsers record a failed connection
        response = Response(0)
    text, encoding = _text_of(response.body)
    content: dict[str, JSON] = {
        "size": len(response.body),
        "mimeType": response.header("content-type") or "x-unknown",
        "text": text,
    }
    if encoding:
        content["encoding"] = encoding
    return {
        "status": response.status,
        "statusText": HTTPStatus(response.status).phrase if response.status in _STATUSES else "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers_of(response.headers),
        "content": content,
        "redirectURL": response.header("location") or "",
        "headersSize": -1,
        "bodySize": len(response.body),
    }


_STATUSES = frozenset(status.value for status in HTTPStatus)


def _headers_of(headers: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]


def _text_of(body: bytes) -> tuple[str, str]:
    """Return a body as text, and its encoding: empty where the text is UTF-8."""
    try:
        return body.decode(), ""
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), "base64"


def read_har(path: Path) -> list[Exchange]:
    """Return the exchanges of a HAR file, in its order.

    Raises:
        HarError: the file cannot be read, or is no HAR.
    """
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise HarError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise HarError(f"{path}: not JSON: {error}; export the traffic as a HAR file (HTTP Archive 1.2)") from None
    log = document.get("log") if isinstance(document, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(entries, list):
        raise HarError(f"{path}: not a HAR file: it has no list log.entries")
    exchanges = []
    for index, entry in enumerate(entries):
        if _is_elsewhere(entry):
            continue
        try:
            exchanges.append(_exchange_of(entry, index + 1))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise HarError(f"{path}: log.entries[{index}] cannot be used: {type(error).__name__}: {error}") from None
    return exchanges


def _is_elsewhere(entry: JSON) -> bool:
    """Return whether an entry is not HTTP: browsers record `data:`, `blob:`, extensions and sockets as well."""
    request = entry.get("request") if isinstance(entry, dict) else None
    url = request.get("url") if isinstance(request, dict) else None
    return isinstance(url, str) and not url.lower().startswith(("http://", "https://"))


def _exchange_of(entry: Mapping[str, JSON], position: int) -> Exchange:
    sent, received = entry["request"], entry.get("response") or {}
    raw = entry.get(_OWN)
    own: Mapping[str, JSON] = raw if isinstance(raw, dict) else {}
    content = received.get("content") or {}
    status = max(0, int(received.get("status") or 0))  # some tools write -1 for no response
    response = Response(
        status=status,
        headers=tuple((name.lower(), value) for name, value in _pairs(received.get("headers"))),
        body=_unpacked(_bytes_of(content.get("text"), content.get("encoding"))),
    )
    parameters = own.get("parameters")
    return Exchange(
        number=int(own.get("number") or position),
        request=Request(
            method=str(sent["method"]).upper(),
            url=str(sent["url"]),
            headers=tuple(_pairs(sent.get("headers"))),
            body=_posted(sent.get("postData")),
            operation=str(own.get("operation") or ""),
            parameters=parameters if isinstance(parameters, dict) else None,
            role=str(own.get("role") or ""),
            purpose=str(own.get("purpose") or ""),
        ),
        response=response if status else None,
        started=_instant(entry.get("startedDateTime")),
        seconds=max(0.0, float(entry.get("time") or 0) / 1000),
        failure=str(own.get("failure") or "") or ("" if status else "no response was recorded"),
    )


def _pairs(headers: JSON) -> list[tuple[str, str]]:
    """Return names and values, without the pseudo-headers (`:path`) that browsers record of HTTP/2."""
    return [(str(item["name"]), str(item["value"])) for item in headers or () if not str(item["name"]).startswith(":")]


def _bytes_of(text: JSON, encoding: JSON) -> bytes:
    if not isinstance(text, str):
        return b""
    if encoding == "base64":
        try:
            return base64.b64decode(text)
        except binascii.Error as error:
            raise ValueError(f"a body is no base64: {error}") from None
    return text.encode()


def _unpacked(body: bytes) -> bytes:
    """Unpack a body that a proxy recorded compressed."""
    if not body.startswith(_GZIP):
        return body
    try:
        return gzip.decompress(body)
    except (OSError, EOFError, zlib.error):
        return body


def _posted(data: JSON) -> bytes:
    if not isinstance(data, dict):
        return b""
    if isinstance(data.get("text"), str):
        return _bytes_of(data["text"], data.get("_encoding") or data.get("encoding"))
    return urlencode([(item["name"], item.get("value", "")) for item in data.get("params") or ()]).encode()


def _instant(text: JSON) -> float:
    if not isinstance(text, str) or not text:
        return 0.0
    parsed = datetime.fromisoformat(text)
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
