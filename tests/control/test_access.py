"""Who may use the control API."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from mockserver.control.access import check_access
from mockserver.control.space import own_document
from mockserver.serving.serve import is_local
from tests.lab import PRO, WEBSITES
from tests.servers import Server, serving

TOKEN = {"Authorization": "Bearer s3cret"}
OPEN = {"/health": 200, "/contracts/{name}.{format}": 404}  # for everybody; there is no contract 1.1


@pytest.fixture(scope="module")
def guarded() -> Iterator[Server]:
    """A server on every address, with a token."""
    with serving("--host", "0.0.0.0", "--control-token", "s3cret", "--quiet") as running:
        yield running


@pytest.fixture(scope="module")
def closed() -> Iterator[Server]:
    """A server on every address, without a token."""
    with serving("--host", "0.0.0.0", "--quiet") as running:
        yield running


@pytest.mark.parametrize("path", ["clock", "requests", "limits", "openapi.json", "client-report", "metrics", "nothing"])
def test_with_a_token_only_its_holder_gets_in(guarded: Server, path: str) -> None:
    url = f"{guarded.url}/__mock/{path}"
    for wrong in (
        {},
        {"Authorization": "Bearer s3cre"},
        {"Authorization": "Bearer s3cret2"},
        {"Authorization": "s3cret"},
    ):
        assert httpx.get(url, headers=wrong).status_code == 401
    assert httpx.get(url, headers=TOKEN).status_code == (404 if path == "nothing" else 200)


def test_on_a_public_address_without_a_token_nobody_gets_in(closed: Server) -> None:
    for headers in ({}, TOKEN, {"Authorization": "Bearer"}):
        answer = httpx.post(f"{closed.url}/__mock/reset", headers=headers)
        assert answer.status_code == 403
        assert "--control-token" in answer.json()["title"]
    assert closed.get(WEBSITES, PRO).status_code == 200


def test_no_control_path_is_forgotten(guarded: Server, closed: Server) -> None:
    for path, item in own_document()["paths"].items():
        for method in {"get", "put", "post", "delete"} & set(item):
            url = re.sub(r"\{\w+\}", "1", path)
            for server, refused in ((guarded, 401), (closed, 403)):
                answer = server.request(method.upper(), f"/__mock{url}")
                assert answer.status_code == OPEN.get(path, refused), (method, path)


def test_a_contract_is_for_everybody_as_the_api_that_it_describes(guarded: Server, closed: Server) -> None:
    for server in (guarded, closed):
        answer = server.get("/__mock/contracts/zenovay@2026-02.json", headers={"Host": "mock.example"})
        assert answer.json()["info"]["title"] == "Zenovay External API"


def test_a_probe_learns_the_status_and_no_more_without_the_token(guarded: Server, closed: Server) -> None:
    assert guarded.get("/__mock/health").json() == closed.get("/__mock/health").json() == {"status": "ok"}
    assert guarded.get("/__mock/health", headers=TOKEN).json()["state"] == {"kind": "memory"}


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:1", 200),
        ("[::1]", 200),
        ("localhost:4010", 200),
        ("LOCALHOST", 200),
        ("mock.localhost", 200),
        ("10.0.0.7", 200),
        ("rebound.example", 403),
        ("rebound.example:4010", 403),
        ("127.0.0.1.example.com", 403),
        ("localhost.example.com", 403),
    ],
)
def test_on_this_machine_the_control_api_has_no_name_that_a_stranger_could_give_it(host: str, status: int) -> None:
    with serving("--quiet") as running:
        answer = running.get("/__mock/clock", headers={"Host": host})
        assert answer.status_code == status
        assert running.get(WEBSITES, PRO, headers={"Host": host}).status_code == 200
        assert running.get("/__mock/health", headers={"Host": host}).json()["status"] == "ok"
    assert "--control-token" in answer.text or status == 200


def test_with_a_token_any_name_will_do(guarded: Server) -> None:
    assert guarded.get("/__mock/clock", headers={"Host": "mock.example", **TOKEN}).status_code == 200


def test_no_cors_header_is_sent(guarded: Server) -> None:
    page = {"Origin": guarded.url, **TOKEN}
    answers = [
        httpx.get(f"{guarded.url}/__mock/clock", headers=page),
        httpx.get(f"{guarded.url}/__mock/clock", headers={"Origin": "http://example.com", **TOKEN}),
        httpx.options(f"{guarded.url}/__mock/clock", headers={**page, "Access-Control-Request-Method": "POST"}),
    ]
    assert [answer.status_code for answer in answers] == [200, 403, 405]
    assert not any(name.startswith("access-control") for answer in answers for name in answer.headers)


def test_a_page_of_another_origin_or_under_a_foreign_name_gets_nothing() -> None:
    def refused(**headers: str) -> bool:
        named = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
        return check_access(named, "", public=False) is not None

    assert not refused(host="127.0.0.1:4010")
    assert not refused(host="127.0.0.1:4010", origin="http://127.0.0.1:4010")
    assert not refused(host="localhost:4010", sec_fetch_site="none")
    assert not refused(host="[::1]:4010", origin="http://[::1]:4010")
    assert refused(host="127.0.0.1:4010", origin="http://example.com")
    assert refused(host="127.0.0.1:4010", origin="null")
    assert refused(host="127.0.0.1:4010", sec_fetch_site="cross-site")
    assert refused(host="rebound.example:4010", origin="http://rebound.example:4010")
    assert refused(host="127.0.0.1.example.com", sec_fetch_site="same-origin") is True


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False)],
)
def test_which_addresses_are_this_machines_own(host: str, local: bool) -> None:
    assert is_local(host) is local
