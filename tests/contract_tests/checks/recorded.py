"""Recorded exchanges with the small API of `shop.yaml`, each in one line, and what checks say about them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from apicontract.contract import Contract, load_contract
from contract_tests.model.clause import Judgement
from contract_tests.model.exchange import Exchange, Request, Response
from contract_tests.reading.traffic import Traffic

JSON = Any
Judge = Callable[[Traffic], Iterable[Judgement]]
Expected = Mapping[str, bool | None]
SHOP: Contract = load_contract(Path(__file__).parent / "shop.yaml")
START = 1_770_465_605.0
"""When the first exchange begins: 2026-02-07 12:00:05 UTC. The others follow, one second apart."""
ANNOUNCED = {
    "X-Request-Id": "id-1",
    "X-Limit": "30",
    "X-Remaining": "29",
    "X-Reset": "1770465660",
    "X-Month-Used": "5",
    "X-Month-Limit": "10000",
}
"""The headers that a list of shops declares."""

_KEYS = {"": {}, "main": {"X-Key": "$CONTRACT_TESTS_API_KEY"}}


def asked(
    path: str,
    status: int = 200,
    body: JSON = None,
    *,
    method: str = "GET",
    role: str = "main",
    purpose: str = "",
    headers: Mapping[str, str] | None = None,
    sent: Mapping[str, str] | None = None,
    content: bytes = b"",
    at: float | None = None,
) -> Exchange:
    """One exchange. `headers` came back, `sent` went out beside the key; `at` in seconds after the first one."""
    payload = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    given = {"content-type": "application/json", **({} if headers is None else headers)}
    key = _KEYS.get(role, {"X-Key": "$CONTRACT_TESTS_API_KEY_OTHER"}) if sent is None else sent
    request = Request(method, f"https://shop.test{path}", tuple(key.items()), content, role=role, purpose=purpose)
    response = Response(status, tuple((name.lower(), value) for name, value in given.items()), payload)
    return Exchange(0, request, response if status else None, at if at is not None else -1.0, 0.01, "reset")


def listed(*ids: str, status: int = 200, **more: Any) -> Exchange:
    """A list of shops with all its headers; by default of the shops s1 and s2."""
    shops = [{"id": one, "name": f"Shop {one}"} for one in ids or ("s1", "s2")]
    headers = {**ANNOUNCED, **more.pop("headers", {})}
    return asked("/v1/shops", status, more.pop("body", {"shops": shops}), headers=headers, **more)


def row(
    status: int = 200,
    *,
    role: str = "main",
    limit: int = 30,
    left: int = 29,
    month: int = 10_000,
    used: int = 5,
    reset: object = 1_770_465_660,
    wait: object = None,
    purpose: str = "",
    at: float | None = None,
) -> Exchange:
    """An answer that announces limits; with a Retry-After of `wait`."""
    headers = {
        "X-Request-Id": "id-1",
        "X-Limit": str(limit),
        "X-Remaining": str(left),
        "X-Month-Used": str(used),
        "X-Month-Limit": str(month),
        **({} if reset is None else {"X-Reset": str(reset)}),
        **({} if wait is None else {"Retry-After": str(wait)}),
    }
    return asked("/v1/shops", status, {"shops": []}, role=role, headers=headers, purpose=purpose, at=at)


def refused(path: str, status: int, code: str, **more: Any) -> Exchange:
    """An error as the API words it."""
    return asked(path, status, {"error": {"code": code, "message": "no"}}, **more)


def traffic_of(exchanges: Sequence[Exchange], contract: Contract = SHOP) -> Traffic:
    """Exchanges as a run sees them, numbered from 1."""
    traffic = Traffic(contract)
    for number, exchange in enumerate(exchanges, 1):
        started = START + (number - 1 if exchange.started < 0 else exchange.started)
        traffic.add(replace(exchange, number=number, started=started))
    return traffic


def outcomes(judge: Judge, exchanges: Sequence[Exchange], expected: Expected) -> dict[str, bool | None]:
    """What became of the expected clauses, and of every other one that the exchanges break."""
    found: dict[str, bool | None] = {}
    for judgement in judge(traffic_of(exchanges)):
        known = found.get(judgement.id)
        found[judgement.id] = False if False in (known, judgement.ok) else known or judgement.ok
    return {clause: ok for clause, ok in found.items() if clause in expected or ok is False}


def case(name: str, exchanges: Sequence[Exchange], expected: Expected) -> Any:
    """One row of a family's table: True the clause holds, False it is broken, None it cannot be seen.

    Every clause that the exchanges break must stand in `expected`; of the others only some.
    """
    return pytest.param(exchanges, expected, id=name)
