"""Below a base path: every path of the server, and a hint for those who leave it out."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from mockserver.client.mock import Mock
from tests.lab import PRO, WEBSITES
from tests.servers import Server, serving
from tests.test_connections import answers


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """One below /analytics/eu."""
    with serving("--quiet", "--base-path", "/analytics/eu/") as running:
        yield running


def test_it_says_where_it_is(server: Server) -> None:
    assert server.url.endswith("/analytics/eu")


def test_apis_control_console_and_faults_answer_below_it(server: Server) -> None:
    assert server.get(f"{WEBSITES}?limit=1", PRO).status_code in (200, 400)
    assert server.get(WEBSITES, PRO).json()["success"] is True
    assert server.get(WEBSITES, PRO, headers={"X-Mock-Fault": "500"}).status_code == 500
    assert server.get("/__mock/health").json()["status"] == "ok"
    assert server.get("/__mock/requests").json()["requests"][-1]["request"]["path"] == WEBSITES
    assert server.get("/__mock/openapi.json").json()["servers"] == [{"url": "/analytics/eu/__mock"}]
    page = server.get("/__mock/")
    assert page.status_code == 200
    assert 'href="/analytics/eu/__mock/' in page.text
    assert 'href="/__mock/' not in page.text
    assert server.get("/__mock/nothing").json()["from"] == "mockserver"


def test_a_client_of_the_control_api_takes_the_whole_address(server: Server) -> None:
    mock = Mock(server.url, "below")
    mock.limits.set(PRO, remaining=0)
    answer = server.get(WEBSITES, PRO, headers=mock.headers)
    assert answer.status_code == 429


@pytest.mark.parametrize("path", [WEBSITES, "/", "/__mock/health", "/analytics", "/analytics/europe/x", "/analytics/"])
def test_without_it_there_is_a_hint(server: Server, path: str) -> None:
    root = server.url.removesuffix("/analytics/eu")
    answer = server.client.get(f"{root}{path}", headers={"X-API-Key": PRO})
    assert answer.status_code == 404
    assert answer.json()["base_path"] == "/analytics/eu"
    assert path in answer.json()["title"]
    assert answer.json()["from"] == "mockserver"


def test_requests_come_behind_one_another_whichever_way_they_take(server: Server) -> None:
    def ask(path: str, more: str = "") -> bytes:
        return f"GET {path} HTTP/1.1\r\nHost: a\r\nX-API-Key: {PRO}\r\n{more}\r\n".encode()

    paths = [f"/analytics/eu{WEBSITES}", WEBSITES, "/analytics/eu/__mock/health", "/analytics/eu?x=1"]
    sent = b"".join(ask(path) for path in paths) + ask(f"http://a/analytics/eu{WEBSITES}", "Connection: close\r\n")
    statuses = re.findall(rb"HTTP/1.1 (\d+) ", answers(server, [sent]))
    assert statuses == [b"200", b"404", b"200", b"404", b"200"]


@pytest.mark.parametrize("path", ["analytics", "/a b", "/../x", "/a//b", "/ä", "/a?b"])
def test_a_base_path_that_is_none_is_refused(path: str) -> None:
    from click.testing import CliRunner

    from mockserver.cli.main import main

    result = CliRunner().invoke(main, ["serve", "--base-path", path])
    assert result.exit_code == 2
    assert "--base-path" in result.output
