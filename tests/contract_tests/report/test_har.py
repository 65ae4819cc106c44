"""HAR out and in."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contract_tests.exchange import Exchange, Request, Response
from contract_tests.har import HarError, credentials, har_of, of_contract, read_har
from mockserver.contract import Contract, load_contract

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


def test_what_is_written_is_read_again(tmp_path: Path, exchanges: list[Exchange]) -> None:
    kept = [exchange for exchange in exchanges if exchange.number != 3]
    assert read_har(saved(tmp_path, har_of(kept))) == kept


def test_a_body_that_is_no_text_is_kept_as_base64(tmp_path: Path, exchanges: list[Exchange]) -> None:
    document = har_of(exchanges[2:])
    content = document["log"]["entries"][0]["response"]["content"]
    assert (content["encoding"], base64.b64decode(content["text"])) == ("base64", b"\xff\x00")
    back = read_har(saved(tmp_path, document))[0]
    assert back.response is not None
    assert back.response.body == b"\xff\x00"
    assert back.request.body == b'{"url": "/"}'


def test_cookies_are_left_out(exchanges: list[Exchange]) -> None:
    assert "s3cr3t" not in json.dumps(har_of(exchanges))


def test_a_request_body_that_is_no_text_comes_back(tmp_path: Path) -> None:
    request = Request("POST", "https://h/e", (("Content-Type", "x/y"),), b"\xff\xfe")
    exchange = Exchange(1, request, Response(400), 0.0, 0.0)
    assert read_har(saved(tmp_path, har_of([exchange])))[0].request.body == b"\xff\xfe"


def test_every_member_that_har_requires_is_there(exchanges: list[Exchange]) -> None:
    for entry in har_of(exchanges)["log"]["entries"]:
        assert {"startedDateTime", "time", "request", "response", "cache", "timings"} <= set(entry)
        assert {"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"} <= set(
            entry["request"]
        )
        assert {"status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL"} <= set(
            entry["response"]
        )
        assert {"send", "wait", "receive"} <= set(entry["timings"])


def test_a_browser_s_recording_is_read(tmp_path: Path) -> None:
    entry = recorded(
        "https://api.example.test/v1/x",
        method="POST",
        headers=[{"name": ":path", "value": "/v1/x"}, {"name": "Accept", "value": "*/*"}],
        postData={"mimeType": "application/x-www-form-urlencoded", "params": [{"name": "a", "value": "b c"}]},
    )
    (exchange,) = read_har(saved(tmp_path, {"log": {"entries": [entry]}}))
    assert exchange.number == 1
    assert exchange.started == 1_770_465_600.5
    assert exchange.seconds == 0.0125
    assert exchange.request.headers == (("Accept", "*/*"),)
    assert exchange.request.body == b"a=b+c"
    assert exchange.response == Response(200, (("etag", "x"),), b"{}")


def test_a_status_of_zero_is_a_connection_that_failed(tmp_path: Path) -> None:
    entry = recorded("https://h/")
    entry["response"] = {"status": 0}
    (exchange,) = read_har(saved(tmp_path, {"log": {"entries": [entry]}}))
    assert exchange.response is None
    assert exchange.failure


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nonsense", "not JSON"),
        ("[]", "not a HAR file: it has no list log.entries"),
        ('{"log": {"entries": [{}]}}', r"log\.entries\[0\] cannot be used: KeyError: 'request'"),
        ('{"log": {"entries": [3]}}', r"log\.entries\[0\]"),
    ],
)
def test_a_file_that_is_no_har_is_refused_with_the_reason(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "traffic.har"
    path.write_text(text)
    with pytest.raises(HarError, match=message):
        read_har(path)


def test_a_missing_file_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(HarError, match=r"none\.har: cannot be read"):
        read_har(tmp_path / "none.har")


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
