"""The mock server in tests, over real sockets."""

from __future__ import annotations

import http.client
import json
import threading
import unittest
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import mockserver.testing
from mockserver.settings import Settings
from mockserver.testing import LocalServer, Mock, MockError

WEBSITES = "/api/external/v1/websites"
KEY = "zv_demo_pro"


@pytest.fixture(scope="module")
def server() -> Iterator[LocalServer]:
    found = LocalServer(Settings(contracts=("zenovay@2026-02",)))
    yield found
    found.stop()


@pytest.fixture
def mock(server: LocalServer) -> Iterator[Mock]:
    with server.isolated("a test") as found:
        yield found


def get(mock: Mock, path: str = WEBSITES, key: str = KEY, **headers: str) -> tuple[int, Any]:
    """Send a request as a client that knows only an address and a key."""
    parts = urlsplit(mock.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    try:
        connection.request("GET", path, headers={"X-API-Key": key, "User-Agent": "client/1", **headers})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def test_a_client_that_knows_nothing_but_an_address_is_in_its_tests_own_space(server: LocalServer) -> None:
    with server.isolated("one") as one, server.isolated("other") as other:
        get(one)
        get(one)
        get(other)
        assert [len(one.requests()), len(other.requests())] == [2, 1]
        assert one.url != other.url


def test_a_header_leads_into_a_tests_space_from_the_shared_address(server: LocalServer) -> None:
    with server.isolated("one") as one:
        shared = Mock(server.url)
        get(shared, **one.headers)
        assert len(one.requests()) == 1
        assert Mock(server.url, one.test_id).requests()[0].operation == "listWebsites"


def test_the_clock_turns_past_a_used_up_minute(mock: Mock) -> None:
    mock.limits.set(KEY, remaining=1)
    assert [get(mock)[0], get(mock)[0]] == [200, 429]
    mock.clock.advance(seconds=61)
    assert get(mock)[0] == 200
    mock.assert_client(honours_retry_after=True)


def test_recorded_requests_can_be_queried(mock: Mock) -> None:
    get(mock)
    get(mock, "/api/external/v1/analytics/nowhere?range=7d")
    [listed] = mock.requests(operation="listWebsites", status=200)
    assert listed.path == WEBSITES
    assert listed.answer["success"] is True
    assert listed.headers["x-api-key"] == "zv_…pro"
    assert [entry.problem for entry in mock.requests(status="4xx")] == ["invalid-parameter"]
    assert mock.requests(key=KEY) == mock.requests()


def test_a_wrong_question_names_the_right_ones(mock: Mock) -> None:
    with pytest.raises(MockError, match=r"operation 'listSites'.*valid: .*listWebsites"):
        mock.requests(operation="listSites")
    with pytest.raises(MockError, match=r"unknown criterion 'colour'.*valid: operation"):
        mock.requests(colour="red")
    get(mock)
    with pytest.raises(MockError, match=r"no clause honours_things; valid: honours_retry_after"):
        mock.assert_client(honours_things=True)


def test_a_missing_request_fails_with_the_recorded_ones(mock: Mock) -> None:
    get(mock, "/external/v1/website")
    with pytest.raises(AssertionError) as error:
        mock.assert_requested(operation="listWebsites")
    assert "expected at least 1 request with operation=listWebsites, found 0" in str(error.value)
    assert "GET /external/v1/website → 404" in str(error.value)
    assert "probably meant: GET /api/external/v1/websites: the segment 'api' is missing" in str(error.value)


def test_requests_are_counted_exactly(mock: Mock) -> None:
    get(mock)
    get(mock)
    assert len(mock.assert_requested(times=2, operation="listWebsites")) == 2
    with pytest.raises(AssertionError, match="expected 1 request with operation=listWebsites, found 2"):
        mock.assert_requested(times=1, operation="listWebsites")


def test_a_client_that_did_not_wait_is_told_so(mock: Mock) -> None:
    mock.limits.set(KEY, remaining=0)
    get(mock)
    get(mock)
    with pytest.raises(AssertionError) as error:
        mock.assert_client(honours_retry_after=True)
    assert "honours-retry-after: broken by key zv_demo_pro" in str(error.value)
    assert "said Retry-After" in str(error.value)
    assert "Recorded requests:" in str(error.value)
    mock.assert_client(honours_retry_after=False)


def test_a_clause_without_proof_is_not_kept(mock: Mock) -> None:
    get(mock)
    with pytest.raises(AssertionError, match="honours-retry-after: not seen: no answer with Retry-After"):
        mock.assert_client(honours_retry_after=True)
    mock.assert_client()


def test_without_a_request_there_is_no_client(mock: Mock) -> None:
    with pytest.raises(AssertionError, match="expected a client, found none"):
        mock.assert_client()


def test_the_journal_is_written_as_har(mock: Mock, tmp_path: Path) -> None:
    get(mock)
    mock.write_har(tmp_path / "requests.har")
    [entry] = json.loads((tmp_path / "requests.har").read_text(encoding="utf-8"))["log"]["entries"]
    assert entry["request"]["url"] == f"{mock.url}{WEBSITES}"
    assert entry["response"]["status"] == 200


def test_a_server_that_is_not_there_is_said_to_be_missing() -> None:
    with pytest.raises(MockError, match="no mock server answers at http"):
        Mock("http://127.0.0.1:9").requests()


def test_the_address_of_a_test_is_closed_with_it(server: LocalServer) -> None:
    with server.isolated() as mock:
        get(mock)
    with pytest.raises(OSError, match="refused"):
        get(mock)


def test_many_tests_at_once_do_not_meet(server: LocalServer) -> None:
    counts: list[int] = []

    def run(number: int) -> None:
        with server.isolated(f"test {number}") as mock:
            for _ in range(number):
                get(mock)
            counts.append(len(mock.requests()) - number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(1, 21)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [0] * 20


class UnittestUse(unittest.TestCase):
    """A test of `unittest`, which needs no plugin."""

    def setUp(self) -> None:
        self.mockserver = self.enterContext(mockserver.testing.isolated(self.id()))

    def test_first(self) -> None:
        assert get(self.mockserver)[0] == 200
        assert len(self.mockserver.requests()) == 1

    def test_second(self) -> None:
        assert self.mockserver.requests() == []


def test_a_shared_server_that_was_stopped_starts_again() -> None:
    with mockserver.testing.isolated() as first:
        get(first)
    mockserver.testing.local.stop_shared()
    with mockserver.testing.isolated() as second:
        assert get(second)[0] == 200
