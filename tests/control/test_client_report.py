"""`/__mock/client-report` and `mockserver report`: what real requests prove."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
from click.testing import CliRunner, Result

from mockserver.cli.main import main
from mockserver.settings import Settings
from mockserver.testing import LocalServer, Mock

API = "/api/external/v1"
SITE = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
KEY = {"X-API-Key": "zv_demo_pro"}


@pytest.fixture(scope="module")
def server() -> Iterator[LocalServer]:
    found = LocalServer(Settings(now=1_770_465_600.0))
    yield found
    found.stop()


@pytest.fixture
def mock(server: LocalServer) -> Iterator[Mock]:
    with server.isolated() as found:
        yield found


@pytest.fixture
def client(mock: Mock) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{mock.url}{API}", headers=KEY) as found:
        yield found


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["report", *arguments])


def test_a_client_that_survives_a_storm_a_month_end_and_a_reset(mock: Mock, client: httpx.Client) -> None:
    mock.limits.set("zv_demo_pro", remaining=1)
    client.get("/websites")
    wait = int(client.get("/websites").headers["retry-after"])
    mock.clock.advance(wait)
    assert client.get("/websites").status_code == 200
    mock.faults.add("CONNECTION_RESET_BY_PEER", times=2)
    for pause in (1, 2):
        with pytest.raises(httpx.TransportError):
            client.get("/usage")
        mock.clock.advance(pause)
    assert client.get("/usage").status_code == 200
    mock.limits.set("zv_demo_pro", monthly_remaining=0)
    assert client.get("/websites").status_code == 429
    mock.assert_client(honours_retry_after=True, backs_off=True, caps_retries=True, stops_at_quota=True)
    mock.assert_client()


def test_impatience_is_seen(mock: Mock, client: httpx.Client) -> None:
    mock.faults.add("500", times=4)
    for _ in range(5):
        client.get("/websites")
    mock.assert_client(backs_off=False)
    mock.limits.set("zv_demo_pro", monthly_remaining=0)
    client.get("/websites")
    client.get("/usage")
    mock.assert_client(stops_at_quota=False)


def test_pages_are_followed(mock: Mock, client: httpx.Client) -> None:
    offset, more = 0, True
    while more and offset < 300:
        page = client.get(f"/analytics/{SITE}/visitors", params={"limit": 100, "offset": offset}).json()["data"]
        offset, more = offset + 100, page["pagination"]["has_more"]
    mock.assert_client(honours_pagination=True)
    client.get(f"/analytics/{SITE}/visitors", params={"limit": 100, "offset": offset + 50})
    mock.assert_client(honours_pagination=False)


def test_a_parameter_of_the_other_edition_is_recognised(mock: Mock, client: httpx.Client) -> None:
    client.get(f"/analytics/{SITE}", params={"timeRange": "7d"})
    with pytest.raises(AssertionError, match=r"no parameter 'timeRange'; it belongs to zenovay@2025-01"):
        mock.assert_client(uses_only_known_parameters=True)


def test_a_client_that_goes_on_past_an_unknown_field_ignores_it(mock: Mock, client: httpx.Client) -> None:
    mock.faults.add("UNKNOWN_FIELDS", times=2)
    assert "x_mock_unknown_field" in client.get("/websites").json()["data"]
    client.get("/usage")
    mock.assert_client(ignores_unknown_fields=True)
    client.get("/usage")
    mock.assert_client(ignores_unknown_fields=False)


def test_errors_are_covered_as_they_are_met(mock: Mock, client: httpx.Client) -> None:
    client.get("/analytics/nowhere")
    client.get("/websites", headers={"X-API-Key": ""})
    mock.faults.add("500", times=1)
    client.get("/usage")
    clients = mock.report()["clients"]
    met = {error["error"] for one in clients for error in one["error_coverage"]["errors"] if error["met"]}
    assert met == {"invalid-parameter", "unauthorized", "server-error"}
    assert all(one["error_coverage"]["documented"] >= 14 for one in clients)


def test_the_command_says_who_broke_what_and_exits_with_1(mock: Mock, client: httpx.Client) -> None:
    client.get("/websites?api_key=key_of_somebody")
    done = run("--url", mock.url)
    assert done.exit_code == 1
    assert "✗ keys-only-in-headers" in done.output
    assert "a credential in query parameter api_key" in done.output
    assert "key_of_somebody" not in done.output
    assert "fail: 1 clients, 1 failed, 1 requests" in done.output


def test_the_command_exits_with_0_where_nothing_was_broken(mock: Mock, client: httpx.Client) -> None:
    client.get("/websites")
    done = run("--url", mock.url, "--json")
    assert done.exit_code == 0
    assert json.loads(done.output)["verdict"] == "pass"


def test_the_command_exits_with_2_where_no_server_is() -> None:
    done = run("--url", "http://127.0.0.1:9")
    assert done.exit_code == 2
    assert "no mock server answers" in done.stderr
    assert run("--url", "http://127.0.0.1:x").exit_code == 2


def test_tests_are_judged_apart_or_all_together(server: LocalServer) -> None:
    with httpx.Client(base_url=f"{server.url}{API}", headers=KEY) as client:
        client.get("/websites", headers={"X-Test-Id": "good"})
        client.get("/websites?api_key=key_of_somebody", headers={"X-Test-Id": "bad"})
    assert run("--url", server.url, "--test-id", "good").exit_code == 0
    assert run("--url", server.url, "--test-id", "bad").exit_code == 1
    assert run("--url", server.url).exit_code == 0
    assert run("--url", server.url, "--all").exit_code == 1


def test_an_unknown_parameter_is_refused(mock: Mock) -> None:
    answer = httpx.get(f"{mock.url}/__mock/client-report?al=true")
    assert answer.status_code == 400
    assert answer.json()["valid"] == ["all=true", "all=false"]
