"""Below a base path: every path of the server, and a hint for those who leave it out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from posixpath import normpath
from urllib.parse import quote

import click
import httpx
import pytest
from click.testing import CliRunner
from hypothesis import assume, example, given
from hypothesis import strategies as st

from mockserver.app import is_control
from mockserver.cli.main import main
from mockserver.cli.quantities import BasePath
from mockserver.client.mock import Mock
from tests.lab import PRO, WEBSITES
from tests.servers import Server, serving
from tests.serving.test_connections import answers


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


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("analytics", "like /analytics"),
        ("/a b", "like /analytics"),
        ("/../x", "like /analytics"),
        ("/.", "like /analytics"),
        ("/a//b", "like /analytics"),
        ("//", "like /analytics"),
        ("/ä", "letters, digits"),
        ("/a?b", "letters, digits"),
        ("/%41", "letters, digits"),
        (r"/\x", "letters, digits"),
        ("/<script>", "letters, digits"),
        ("/a\n", "letters, digits"),
        ("/" + "a" * 200, "200 characters"),
        ("/__mock", "the mock's own pages"),
        ("/a/__mock/b/", "the mock's own pages"),
    ],
)
def test_a_base_path_that_is_none_is_refused(path: str, why: str) -> None:
    result = CliRunner().invoke(main, ["serve", "--base-path", path])
    assert result.exit_code == 2
    assert "--base-path" in result.output
    assert why in " ".join(result.output.replace("│", " ").split())


@given(st.text(st.sampled_from("/._~-aZ09__mock<>&\"'\\%?#:@ \n\x00é"), max_size=12))
@example("/__mock")
def test_a_base_path_that_is_taken_is_the_same_in_a_url_and_in_a_page(text: str) -> None:
    try:
        path = BasePath().convert(text, None, None)
    except click.BadParameter:
        return
    assert path in (text, text.removesuffix("/"))
    assert httpx.URL(f"http://mock{path}/x").path == f"{path}/x"
    assert quote(path) == escape(path) == path
    assert not path or normpath(path) == path
    assert not is_control(f"{path}/x".encode())


@given(st.lists(st.from_regex(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,8}", fullmatch=True), max_size=10))
def test_a_base_path_of_plain_names_is_taken(names: list[str]) -> None:
    assume("__mock" not in names)
    path = "".join(f"/{name}" for name in names)
    assert BasePath().convert(path, None, None) == BasePath().convert(f"{path}/", None, None) == path
