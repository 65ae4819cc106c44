"""Traffic that another tool recorded: what belongs to a contract, which keys it has, what reports must hide."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from apicontract import Contract
from contract_tests.model.exchange import Exchange, Request
from contract_tests.model.keys import VARIABLE

JSON = Any
_CREDENTIAL_HEADERS = frozenset({"authorization", "x-api-key", "proxy-authorization"})
_CREDENTIAL_PARAMETERS = frozenset({"api_key", "apikey", "access_token"})


def of_contract(exchanges: Iterable[Exchange], contract: Contract) -> tuple[list[Exchange], str]:
    """Return the exchanges that are about a contract, and the target they went to.

    A recording holds other traffic as well, and its server may have a path prefix. Of several servers the one with the
    most requests is taken. Unknown paths are ignored: the server may offer more than the contract describes.
    """
    everything = list(exchanges)
    own = [exchange for exchange in everything if exchange.request.purpose]
    if own:  # recorded by a run: every request belongs to the contract
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
    """Return the request with its operation and parameters, and the path before the contract's own."""
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
                with suppress(ValueError):  # an invalid value stays a text
                    parameters[parameter.name] = parameter.read(texts[parameter.name])
        before = "".join(f"/{segment}" for segment in segments[:start])
        return replace(request, operation=operation.id, parameters=parameters), before
    return None


def _with_roles(exchanges: Sequence[Exchange], contract: Contract) -> list[Exchange]:
    """Return exchanges with roles: the key used most is `main`, one that was always refused is no key."""
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
    """Return every credential of recorded requests, under names such as `recorded-1`, so that no report shows it."""
    found = dict.fromkeys(secret for exchange in exchanges for secret in _held(exchange.request, contract))
    worth = [value for value in found if len(value) >= 8 and VARIABLE not in value]
    return {f"recorded-{number}": value for number, value in enumerate(worth, 1)}


def _held(request: Request, contract: Contract) -> list[str]:
    """Return the credentials of one request, wherever the contract or custom puts them."""
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
    """Return the secrets of a header: the word after the scheme, and in `Basic` the password inside."""
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
