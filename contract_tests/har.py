"""Exchanges as HAR 1.2 and back: written after a run, read for `check`, whatever tool recorded them."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from contract_tests.exchange import Exchange, Request, Response
from mockserver.contract import Contract

JSON = Any
_OWN = "_contract_tests"
_HIDDEN = "[left out]"
_CREDENTIAL_HEADERS = frozenset({"authorization", "x-api-key", "proxy-authorization"})
_CREDENTIAL_PARAMETERS = frozenset({"api_key", "apikey", "access_token"})
_COOKIES = ("cookie", "set-cookie")


class HarError(Exception):
    """A file that holds no recorded traffic. The message names the file and the way out."""


def har_of(exchanges: Iterable[Exchange]) -> dict[str, JSON]:
    """Exchanges as a HAR document. What only this tool knows stands in `_contract_tests`."""
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
    if response is None:  # as browsers note a connection that failed
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
    """Cookies are credentials of somebody, though not of a kind that can be found by value."""
    return [{"name": name, "value": _HIDDEN if name.lower() in _COOKIES else value} for name, value in headers]


def _text_of(body: bytes) -> tuple[str, str]:
    """A body as text, and how it is encoded: not at all where it is UTF-8."""
    try:
        return body.decode(), ""
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), "base64"


def read_har(path: Path) -> list[Exchange]:
    """The exchanges of a HAR file, in its order.

    Raises:
        HarError: the file cannot be read, or is no HAR.
    """
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise HarError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise HarError(f"{path}: not JSON: {error}; export the traffic as a HAR file (HTTP Archive 1.2)") from None
    log = document.get("log") if isinstance(document, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(entries, list):
        raise HarError(f"{path}: not a HAR file: it has no list log.entries")
    exchanges = []
    for index, entry in enumerate(entries):
        try:
            exchanges.append(_exchange_of(entry, index + 1))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise HarError(f"{path}: log.entries[{index}] cannot be used: {type(error).__name__}: {error}") from None
    return exchanges


def _exchange_of(entry: Mapping[str, JSON], position: int) -> Exchange:
    sent, received = entry["request"], entry.get("response") or {}
    raw = entry.get(_OWN)
    own: Mapping[str, JSON] = raw if isinstance(raw, dict) else {}
    content = received.get("content") or {}
    status = int(received.get("status") or 0)
    response = Response(
        status=status,
        headers=tuple((name.lower(), value) for name, value in _pairs(received.get("headers"))),
        body=_bytes_of(content.get("text"), content.get("encoding")),
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
    """Names and values; without the pseudo-headers (`:path`) that browsers record of HTTP/2."""
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


def of_contract(exchanges: Iterable[Exchange], contract: Contract) -> tuple[list[Exchange], str]:
    """The exchanges that are about a contract, and the target they went to.

    A recording holds other traffic, too, and its server may stand below a path of its own. Of several servers the one
    with the most requests is taken. Paths that the contract does not know are passed over: the server may well have
    more than the contract speaks of.
    """
    everything = list(exchanges)
    own = [exchange for exchange in everything if exchange.request.purpose]
    if own:  # recorded by a run: every request was meant
        parts = urlsplit(own[0].request.url)
        named = next((found for found in (_named(each.request, contract) for each in own) if found), None)
        return own, f"{parts.scheme}://{parts.netloc}{named[1] if named else ''}"
    found: dict[str, list[Exchange]] = {}
    for exchange in everything:
        named = _named(exchange.request, contract)
        if named is not None:
            parts = urlsplit(exchange.request.url)
            target = f"{parts.scheme}://{parts.netloc}{named[1]}"
            found.setdefault(target, []).append(replace(exchange, request=named[0]))
    if not found:
        return [], ""
    target = max(found, key=lambda each: len(found[each]))
    return _with_roles(found[target], contract), target


def _named(request: Request, contract: Contract) -> tuple[Request, str] | None:
    """The request with its operation and parameters, and the path before the contract's own."""
    parts = urlsplit(request.url)
    segments = parts.path.split("/")[1:]
    for start in range(len(segments)):
        match = contract.router.find("/" + "/".join(segments[start:]))
        if match is None:
            continue
        operations = match.route.operations
        operation = operations.get("GET" if request.method == "HEAD" and "HEAD" not in operations else request.method)
        if operation is None:
            continue
        texts: dict[str, list[str]] = {name: [value] for name, value in match.values.items()}
        for name, value in parse_qsl(parts.query, keep_blank_values=True):
            texts.setdefault(name, []).append(value)
        parameters: dict[str, JSON] = {name: given[0] if len(given) == 1 else given for name, given in texts.items()}
        for parameter in operation.parameters:
            if parameter.name in texts and parameter.location in ("path", "query"):
                with suppress(ValueError):  # it is wrong: the text says how
                    parameters[parameter.name] = parameter.read(texts[parameter.name])
        before = "".join(f"/{segment}" for segment in segments[:start])
        return replace(request, operation=operation.id, parameters=parameters), before
    return None


def _with_roles(exchanges: Sequence[Exchange], contract: Contract) -> list[Exchange]:
    """Exchanges with the role of their key: the one used most is `main`; one that was only ever refused is no key."""
    held = [tuple(_held(exchange.request, contract)) for exchange in exchanges]
    statuses: dict[tuple[str, ...], list[int]] = {}
    for exchange, secrets in zip(exchanges, held, strict=True):
        if secrets:
            statuses.setdefault(secrets, []).append(exchange.response.status if exchange.response else 0)
    good = [secrets for secrets, seen in statuses.items() if set(seen) != {401}]
    good.sort(key=lambda secrets: -len(statuses[secrets]))
    roles = {secrets: f"recorded-{number}" if number else "main" for number, secrets in enumerate(good)}
    return [
        replace(exchange, request=replace(exchange.request, role=roles.get(secrets, "invalid:recorded")))
        if secrets
        else exchange
        for exchange, secrets in zip(exchanges, held, strict=True)
    ]


def credentials(exchanges: Iterable[Exchange], contract: Contract) -> dict[str, str]:
    """Every credential that recorded requests carry, so that no report shows it: `recorded-1` → value."""
    found = dict.fromkeys(secret for exchange in exchanges for secret in _held(exchange.request, contract))
    worth = [value for value in found if len(value) >= 8 and "CONTRACT_TESTS_API_KEY" not in value]
    return {f"recorded-{number}": value for number, value in enumerate(worth, 1)}


def _held(request: Request, contract: Contract) -> list[str]:
    """The credentials of one request, wherever the contract or habit puts them."""
    schemes = {scheme for operation in contract.operations for needed in operation.security for scheme in needed}
    headers = {scheme.parameter.lower() for scheme in schemes if scheme.location == "header"}
    queries = {scheme.parameter for scheme in schemes if scheme.location == "query"}
    found: list[str] = []
    for name, value in request.headers:
        if name.lower() in headers | _CREDENTIAL_HEADERS:
            found += _secrets_in(value)
    for name, value in parse_qsl(urlsplit(request.url).query):
        if name in queries | _CREDENTIAL_PARAMETERS:
            found.append(value)
    return found


def _secrets_in(value: str) -> list[str]:
    """What a header gives away: the word after the scheme, and in `Basic` the password inside."""
    scheme, _, rest = value.strip().partition(" ")
    if not rest:
        return [scheme]
    rest = rest.strip()
    if scheme.lower() != "basic":
        return [rest]
    try:
        user, _, password = base64.b64decode(rest, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return [rest]
    return [password or user, rest]
