"""Recorded traffic: which of it is about a contract, with whose key, and what it must not show."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from apicontract import Contract, load_contract
from contract_tests.model.exchange import Exchange
from contract_tests.reading.har import read_har
from contract_tests.reading.recording import credentials, of_contract

DOCUMENT = """\
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: https://api.example.test/v1}]
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Shop-Key}
    token: {type: apiKey, in: query, name: token}
security: [{key: []}, {token: []}]
paths:
  /sites/{siteId}/pages:
    get:
      operationId: listPages
      parameters:
        - {name: siteId, in: path, required: true, schema: {type: string}}
        - {name: limit, in: query, schema: {type: integer}}
      responses: {"200": {description: fine}}
"""


@pytest.fixture
def contract(tmp_path: Path) -> Contract:
    path = tmp_path / "shop.yaml"
    path.write_text(DOCUMENT)
    return load_contract(path)


def saved(tmp_path: Path, document: Any) -> Path:
    path = tmp_path / "traffic.har"
    path.write_text(json.dumps(document))
    return path


def recorded(url: str, **request: Any) -> dict[str, Any]:
    """An entry as a browser writes it, without anything this tool adds."""
    return {
        "startedDateTime": "2026-02-07T13:00:00.5+01:00",
        "time": 12.5,
        "request": {"method": "GET", "url": url, "headers": [], **request},
        "response": {"status": 200, "headers": [{"name": "ETag", "value": "x"}], "content": {"text": "{}"}},
    }


def test_recorded_requests_get_the_operation_and_the_typed_parameters_they_meant(
    tmp_path: Path, contract: Contract
) -> None:
    entries = [
        recorded("https://staging.test/behind/a/proxy/v1/sites/s%201/pages?limit=5&extra=1"),
        recorded("https://staging.test/behind/a/proxy/v1/sites/s1/pages?limit=five"),
        recorded("https://elsewhere.test/favicon.ico"),
        recorded("https://staging.test/behind/a/proxy/v1/unknown"),
        recorded("https://elsewhere.test/v1/sites/s1/pages"),
    ]
    found, target = of_contract(read_har(saved(tmp_path, {"log": {"entries": entries}})), contract)
    assert target == "https://staging.test/behind/a/proxy"
    assert [(each.request.operation, each.request.parameters) for each in found] == [
        ("listPages", {"siteId": "s 1", "limit": 5, "extra": "1"}),
        ("listPages", {"siteId": "s1", "limit": "five"}),
    ]


def test_a_run_s_own_recording_is_taken_whole(exchanges: list[Exchange], contract: Contract) -> None:
    meant = [replace(exchange, request=replace(exchange.request, purpose="meant")) for exchange in exchanges]
    assert of_contract(meant, contract) == (meant, "https://api.example.test")


def test_the_key_used_most_is_the_main_one_and_one_that_was_only_refused_is_none(
    tmp_path: Path, contract: Contract
) -> None:
    def entry(key: str, status: int) -> dict[str, Any]:
        headers = [{"name": "x-shop-key", "value": key}] if key else []
        made = recorded("https://staging.test/v1/sites/s1/pages", headers=headers)
        made["response"]["status"] = status
        return made

    entries = [
        entry("first-key", 200),
        entry("second-key", 401),
        entry("second-key", 200),
        entry("second-key", 200),
        entry("bad-key", 401),
        entry("", 401),
    ]
    found, _ = of_contract(read_har(saved(tmp_path, {"log": {"entries": entries}})), contract)
    assert [each.request.role for each in found] == ["recorded-1", "main", "main", "main", "invalid:recorded", ""]


def test_credentials_in_recorded_requests_are_known_as_secrets(tmp_path: Path, contract: Contract) -> None:
    basic = base64.b64encode(b"me:password-of-me").decode()
    entries = [
        recorded("https://h/v1?token=token-in-the-query", headers=[{"name": "x-shop-key", "value": "shop-key-1"}]),
        recorded("https://h/v1", headers=[{"name": "authorization", "value": "Bearer bearer-key-2"}]),
        recorded("https://h/v1", headers=[{"name": "Authorization", "value": f"Basic {basic}"}]),
        recorded("https://h/v1", headers=[{"name": "X-API-Key", "value": "$CONTRACT_TESTS_API_KEY"}]),
    ]
    found = credentials(read_har(saved(tmp_path, {"log": {"entries": entries}})), contract)
    assert set(found.values()) == {"token-in-the-query", "shop-key-1", "bearer-key-2", "password-of-me", basic}
