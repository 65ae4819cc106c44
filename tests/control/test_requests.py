"""`/__mock/requests`: list, find, count, unmatched with near misses, HAR; and nothing of it in the journal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from apicontract import bundled
from contract_tests.cli.main import main as contract_tests
from contract_tests.reading.har import read_har
from contract_tests.reading.recording import of_contract
from mockserver.settings import Settings
from mockserver.testing import LocalServer

API = "/api/external/v1"
KEY = {"X-API-Key": "zv_demo_pro", "User-Agent": "client/1"}


@pytest.fixture(scope="module")
def server() -> Iterator[LocalServer]:
    found = LocalServer(Settings(now=1_770_465_600.0))
    yield found
    found.stop()


@pytest.fixture
def client(server: LocalServer) -> Iterator[httpx.Client]:
    with server.isolated() as mock, httpx.Client(base_url=mock.url) as found:
        yield found


@pytest.fixture
def busy(client: httpx.Client) -> httpx.Client:
    """After five requests: two that were answered, three that were not."""
    client.get(f"{API}/websites", headers=KEY)
    client.get(f"{API}/usage", headers={"X-API-Key": "zv_demo_scale"})
    client.get(f"{API}/websites")
    client.get(f"{API}/website", headers=KEY)
    client.post(f"{API}/websites", headers=KEY)
    return client


def lines(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [entry["line"].replace(API, "") for entry in answer.json()["requests"]]


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ({}, 5),
        ({"operation": "listWebsites"}, 2),
        ({"status": "200"}, 2),
        ({"status": "4xx"}, 3),
        ({"key": "zv_demo_scale"}, 1),
        ({"client": "127.0.0.1"}, 5),
        ({"client": f"python-httpx/{httpx.__version__}"}, 2),
        ({"client": "somebody else"}, 0),
        ({"operation": "listWebsites", "status": "401"}, 1),
        ({"problem": "method-not-allowed"}, 1),
        ({"method": "post"}, 1),
        ({"matched": "false"}, 2),
        ({"search": "GET /API/"}, 4),
        ({"since": "3"}, 2),
        ({"limit": "1"}, 1),
        ({"path": f"{API}/usage"}, 1),
        ({"contract": "zenovay@2026-02", "status": "5xx"}, 0),
        ({"fault": "EMPTY_RESPONSE"}, 0),
    ],
)
def test_requests_are_found_by_what_they_are(busy: httpx.Client, criteria: dict[str, str], expected: int) -> None:
    assert len(lines(busy.get("/__mock/requests", params=criteria))) == expected
    assert busy.get("/__mock/requests/count", params=criteria).json()["count"] == expected
    assert len(lines(busy.post("/__mock/requests/find", json=criteria))) == expected
    assert busy.post("/__mock/requests/count", json=criteria).json()["count"] == expected


@pytest.mark.parametrize(
    ("criteria", "valid"),
    [
        ({"operation": "listSites2"}, "listWebsites"),
        ({"status": "teapot"}, "4xx"),
        ({"status": "99"}, "429"),
        ({"key": "nobody"}, "ak_1a2b3c4d-5e6f-4071-8293-a4b5c6d7e8f9"),
        ({"colour": "red"}, "operation"),
        ({"matched": "perhaps"}, "true"),
        ({"problem": "sadness"}, "rate-limited"),
        ({"contract": "zenovay@1999"}, "zenovay@2026-02"),
        ({"method": "FETCH"}, "GET"),
        ({"limit": "0"}, "1…"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(client: httpx.Client, criteria: dict[str, str], valid: str) -> None:
    for answer in (
        client.get("/__mock/requests", params=criteria),
        client.post("/__mock/requests/count", json=criteria),
    ):
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"
        assert valid in answer.json()["valid"]


@pytest.mark.parametrize("body", [b"[]", b"{", b'"x"', b"1"])
def test_criteria_are_an_object(client: httpx.Client, body: bytes) -> None:
    assert client.post("/__mock/requests/find", content=body).status_code == 400


def test_an_entry_holds_request_answer_operation_and_rule(client: httpx.Client) -> None:
    client.put("/__mock/limits/zv_demo_pro", json={"remaining": 0})
    client.get(f"{API}/websites?x=1", headers=KEY)
    [entry] = client.get("/__mock/requests").json()["requests"]
    assert client.get(f"/__mock/requests/{entry['number']}").json() == entry
    assert (entry["operation"], entry["contract"]) == ("listWebsites", "zenovay@2026-02")
    assert entry["problem"] == "rate-limited"
    assert entry["rule"].startswith("rate-limited: plan pro, 30 requests per minute")
    assert entry["request"]["query"] == "x=1"
    assert entry["response"]["status"] == 429
    assert entry["response"]["json"]["success"] is False
    assert {"name": "x-api-key", "value": "zv_…pro"} in entry["request"]["headers"]
    assert entry["at"] == "2026-02-07T12:00:00.000Z"


def test_the_fault_that_applied_is_taken_down(client: httpx.Client) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        client.get(f"{API}/websites", headers={**KEY, "X-Mock-Fault": "EMPTY_RESPONSE"})
    [entry] = client.get("/__mock/requests", params={"fault": "EMPTY_RESPONSE"}).json()["requests"]
    assert entry["fault"] == "EMPTY_RESPONSE"
    assert entry["response"]["status"] == 0
    assert entry["line"].endswith("→ no answer EMPTY_RESPONSE")


def test_a_request_that_is_not_there_is_said_to_be_missing(busy: httpx.Client) -> None:
    answer = busy.get("/__mock/requests/77")
    assert answer.status_code == 404
    assert answer.json()["valid"] == ["1 to 5"]
    assert busy.get("/__mock/requests/x").status_code == 404


def test_the_control_api_leaves_no_trace(client: httpx.Client) -> None:
    client.get("/__mock/health")
    client.get("/__mock/nothing")
    assert lines(client.get("/__mock/requests")) == []


def test_what_is_forgotten_is_gone(busy: httpx.Client) -> None:
    assert busy.delete("/__mock/requests").status_code == 204
    assert lines(busy.get("/__mock/requests")) == []


NEAR = [
    ("GET", f"{API}/website", "listWebsites", "expected 'websites', found 'website'"),
    ("GET", f"{API}/Websites", "listWebsites", "expected 'websites', found 'Websites'"),
    ("GET", f"{API}/websites/", "listWebsites", "unexpected trailing slash"),
    ("POST", f"{API}/websites", "listWebsites", "expected GET, found POST"),
    ("GET", "/analytics/123/visitors", "listVisitors", f"the base path {API} is missing"),
    ("GET", f"{API}/analytics/123/visitor", "listVisitors", "expected 'visitors', found 'visitor'"),
    ("GET", "/external/v1/websites", "listWebsites", "the segment 'api' is missing"),
]


@pytest.mark.parametrize(("method", "path", "operation", "why"), NEAR)
def test_a_near_miss_is_named_with_the_reason(
    client: httpx.Client, method: str, path: str, operation: str, why: str
) -> None:
    client.request(method, path, headers=KEY)
    [entry] = client.get("/__mock/requests/unmatched").json()["requests"]
    assert entry["near_misses"][0]["operation"] == operation
    assert why in entry["near_misses"][0]["why"]


def test_what_comes_near_to_nothing_has_no_near_miss(client: httpx.Client) -> None:
    client.get("/favicon.ico")
    client.get("/" + "a/" * 500)
    assert [entry["near_misses"] for entry in client.get("/__mock/requests/unmatched").json()["requests"]] == [[], []]


def exported(client: httpx.Client, folder: Path) -> Any:
    answer = client.get("/__mock/requests.har", params={"contract": "zenovay@2026-02"})
    assert answer.status_code == 200
    (folder / "requests.har").write_bytes(answer.content)
    return read_har(folder / "requests.har")


def test_contract_tests_read_the_har(busy: httpx.Client, tmp_path: Path) -> None:
    site = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
    busy.get(f"{API}/analytics/{site}?range=30d", headers=KEY)
    exchanges, _ = of_contract(exported(busy, tmp_path), bundled().load("zenovay@2026-02"))
    operations = [exchange.request.operation for exchange in exchanges if exchange.request.operation]
    assert operations == ["listWebsites", "getUsage", "listWebsites", "getAnalyticsOverview"]
    last = next(one for one in exchanges if one.request.operation == operations[-1])
    assert last.request.parameters == {"websiteId": site, "range": "30d"}
    assert last.response is not None
    assert last.response.json["data"]["time_range"] == "30d"
    assert last.response.header("x-ratelimit-limit") == "30"


def test_contract_tests_find_nothing_wrong_with_the_mocks_own_traffic(busy: httpx.Client, tmp_path: Path) -> None:
    exported(busy, tmp_path)
    done = CliRunner().invoke(
        contract_tests, ["check", str(tmp_path / "requests.har"), "--contract", "zenovay@2026-02"]
    )
    assert "violates" not in done.output, done.output
    assert done.exit_code in (0, 3), done.output


def test_no_key_leaves_in_a_har(busy: httpx.Client) -> None:
    busy.get(f"{API}/websites?api_key=zv_demo_pro")
    text = busy.get("/__mock/requests.har").text
    assert "zv_demo" not in text
    assert json.loads(text)["log"]["version"] == "1.2"


def test_a_test_sees_its_own_requests_only(server: LocalServer) -> None:
    with httpx.Client(base_url=server.url) as client:
        client.get(f"{API}/websites", headers={**KEY, "X-Test-Id": "abc"})
        assert len(lines(client.get("/__mock/requests", headers={"X-Test-Id": "abc"}))) == 1
        assert lines(client.get("/__mock/requests", headers={"X-Test-Id": "abd"})) == []
        assert lines(client.get("/__mock/requests")) == []


def test_without_a_journal_there_is_nothing_to_list() -> None:
    server = LocalServer(Settings(journal_max=0))
    try:
        with httpx.Client(base_url=server.url) as client:
            client.get(f"{API}/websites", headers=KEY)
            assert lines(client.get("/__mock/requests")) == []
            assert client.delete("/__mock/requests").status_code == 204
            assert client.get("/__mock/client-report").json()["clients"] == []
    finally:
        server.stop()
