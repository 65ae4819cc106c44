"""Access control of the console, and the security headers of its responses."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from mockserver.console import site
from tests.console.conftest import Visitor
from tests.servers import Server, serving

TOKEN = "s3cret-token-of-the-console"
PAGES = (
    "/",
    "/console/limits",
    "/console/faults",
    "/console/data",
    "/console/contracts",
    "/console/contracts/zenovay@2026-02",
    "/console/contracts/zenovay@2026-02/trackEvent",
    "/console/compare/zenovay",
    "/console/clients",
)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Yield a server with its own state: the pages do not depend on where it is stored."""
    with serving("--now", "2026-02-07T12:00:20Z", "--quiet") as running:
        yield running


@pytest.fixture(scope="module")
def public() -> Iterator[Server]:
    """Yield a public server with a control token."""
    with serving("--host", "0.0.0.0", "--control-token", TOKEN, "--quiet") as running:
        yield running


def browser(server: Server) -> httpx.Client:
    return httpx.Client(base_url=server.url, headers={"Accept": "text/html"})


@pytest.mark.parametrize(
    "path", [*PAGES, "/console/assets/console.css", "/console/sign-in", "/console/requests/stream"]
)
def test_every_answer_forbids_what_a_page_does_not_need(visitor: Visitor, path: str) -> None:
    with visitor.client.stream("GET", f"/__mock{path}") as answer:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cache-control"] == (
            "no-store" if "assets" not in path else "public, max-age=31536000, immutable"
        )
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_script_style_or_handler_in_it(visitor: Visitor, path: str) -> None:
    visitor.ask("/api/external/v1/websites")
    page = visitor.client.get(f"/__mock{path}").text
    assert " style=" not in page
    assert "<style" not in page
    assert "javascript:" not in page
    assert re.findall(r"<[^>]*\son\w+=", page) == []
    scripts = 5 if path == "/console/data" else 3
    assert page.count("<script") == page.count('<script src="/__mock/console/assets/') == scripts


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:1"},
    ],
)
def test_what_changes_something_must_come_from_a_page_of_the_console(visitor: Visitor, headers: dict[str, str]) -> None:
    answer = visitor.client.post("/__mock/console/clock", data={"do": "day"}, headers=headers)
    assert answer.status_code == 403
    assert visitor.control("clock") == {"now": "2026-02-07T12:00:20.000Z", "frozen": True}


def test_a_name_that_somebody_else_points_at_this_machine_is_refused(visitor: Visitor) -> None:
    for headers in ({"Host": "evil.example"}, {"Host": "evil.example", "Sec-Fetch-Site": "same-origin"}):
        assert visitor.client.get("/__mock/", headers=headers).status_code == 403
    own = {"Host": "evil.example", "Origin": "http://evil.example"}
    assert visitor.client.post("/__mock/console/reset", headers=own).status_code == 403


def test_a_link_on_another_page_leads_to_the_console_and_a_script_there_does_not(visitor: Visitor) -> None:
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"}
    assert visitor.client.get("/__mock/", headers=link).status_code == 200
    frame = link | {"Sec-Fetch-Dest": "iframe"}
    assert visitor.client.get("/__mock/", headers=frame).status_code == 403
    fetch = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "no-cors"}
    assert visitor.client.get("/__mock/console/requests/stream", headers=fetch).status_code == 403


def test_beyond_this_machine_every_page_leads_to_the_form_that_takes_the_token(public: Server) -> None:
    with browser(public) as client:
        for path in PAGES:
            answer = client.get(f"/__mock{path}")
            assert (answer.status_code, answer.headers["location"]) == (303, "/__mock/console/sign-in")
        assert client.get("/__mock/", headers={"Accept": "*/*"}).status_code == 401
        assert client.get("/__mock/console/requests/stream", headers={"Accept": "*/*"}).status_code == 401
        answer = client.post("/__mock/console/reset", headers={"Origin": public.url})
        assert answer.status_code == 401
        assert "Control token" in client.get("/__mock/console/sign-in").text


def test_the_token_opens_the_console_by_a_cookie_that_is_not_the_token(public: Server) -> None:
    with browser(public) as client:
        form, own = "/__mock/console/sign-in", {"Origin": public.url}
        for wrong in ("", "wrong", TOKEN + " ", "ü"):
            answer = client.post(form, data={"token": wrong}, headers=own)
            assert answer.status_code == 401
            assert "set-cookie" not in answer.headers
        answer = client.post(form, data={"token": TOKEN}, headers=own)
        assert answer.status_code == 303
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "Path=/__mock/" in cookie
        assert TOKEN not in cookie
        assert client.get("/__mock/").status_code == 200
        assert client.get("/__mock/clock").status_code == 401, "the cookie is the console's only"
        answer = client.post("/__mock/console/sign-out", headers=own)
        assert answer.status_code == 303
        assert client.get("/__mock/").status_code == 303


def test_a_program_may_look_with_the_token_in_a_header(public: Server) -> None:
    with browser(public) as client:
        assert client.get("/__mock/", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
        assert client.get("/__mock/", headers={"Authorization": "Bearer wrong"}).status_code == 303


def test_beyond_this_machine_without_a_token_nobody_sees_it() -> None:
    with serving("--host", "0.0.0.0", "--quiet") as running, browser(running) as client:
        answer = client.get("/__mock/")
        assert answer.status_code == 403
        assert "--control-token" in answer.text


def test_an_asset_is_one_of_those_that_are_named(visitor: Visitor) -> None:
    for name in site.ASSETS:
        assert visitor.client.get(f"/__mock/console/assets/{name}").status_code == 200
    for name in ("VENDORED.md", "..%2Fsite.py", "nothing.js"):
        assert visitor.client.get(f"/__mock/console/assets/{name}").status_code == 404
