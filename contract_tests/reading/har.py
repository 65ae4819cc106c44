"""Exchanges as HAR 1.2: written after a run, read for `check` from whatever tool recorded them."""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import zlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from apicontract.har import har_entry, har_log, har_request, har_response
from contract_tests.model.exchange import Exchange, Request, Response

JSON = Any
_OWN = "_contract_tests"
_GZIP = b"\x1f\x8b\x08"


class HarError(Exception):
    """A file without recorded traffic. The message names the file and the way out."""


def har_of(exchanges: Iterable[Exchange]) -> dict[str, JSON]:
    """Return exchanges as a HAR document. What only this tool knows stands in `_contract_tests`."""
    return har_log("contract-tests", "1", map(_entry_of, exchanges))


def _entry_of(exchange: Exchange) -> dict[str, JSON]:
    request, response = exchange.request, exchange.response or Response(0)
    own = {
        "number": exchange.number,
        "operation": request.operation,
        "parameters": request.parameters,
        "role": request.role,
        "purpose": request.purpose,
        "failure": exchange.failure,
    }
    return har_entry(
        exchange.started,
        exchange.seconds,
        har_request(request.method, request.url, request.headers, request.body),
        har_response(response.status, response.headers, response.body),
        **{_OWN: own},
    )


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
