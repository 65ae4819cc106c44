"""The console below a base path and over TLS: links, forms and cookies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.console.browser import opened, running_browser
from tests.documents import document, write
from tests.servers import ZENOVAY, Server, serving

TOKEN = "a token of the test"
TREE = {"type": "object", "properties": {"more": {"type": "array", "items": {"type": "integer"}}}}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Yield a server below a base path, over TLS."""
    with serving("--quiet", "--base-path", "/analytics/eu", "--tls-self-signed") as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


def test_every_link_of_every_page_leads_somewhere_below_the_path(server: Server) -> None:
    assert server.url.startswith("https://")
    server.get(f"{ZENOVAY}/websites", "zv_demo_pro")
    server.get(f"{ZENOVAY}/website", "zv_demo_pro")
    assert len(crawled(server, "/analytics/eu/__mock/")) > 50


def test_any_other_document_has_a_console_too(tmp_path: Path) -> None:
    operations: dict[str, Any] = {
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
        "get": {"responses": {"200": {"description": "Pets", "content": {"application/json": {"schema": TREE}}}}},
        "post": {
            "requestBody": {"content": {"application/json": {"schema": {"type": "string"}}}},
            "responses": {
                "201": {"description": "<b>Made</b>"},
                "4XX": {"description": "Not"},
                "default": {"description": "Else"},
            },
        },
    }
    path = write(tmp_path / "odd <name>.yaml", document({"/pets/{id}": operations}))
    with serving("--quiet", "--contract", str(path), "--journal-max", "0") as running:
        running.get("/pets/7")
        pages = crawled(running, "/__mock/")
        assert any("GET%20%2Fpets%2F%7Bid%7D" in page for page in pages)
        assert "Requests are not recorded" in running.client.get(f"{running.url}/__mock/").text
        target = next(page for page in pages if "POST%20%2Fpets" in page)
        own = {"Origin": running.url}
        answer = running.client.post(f"{running.url}{target}", data={"p.id": "a/b", "body": '"x"'}, headers=own)
        assert "The answer" in answer.text
        assert "/pets/a%2Fb" in answer.text
        assert "<b>Made" not in answer.text


def crawled(server: Server, start: str) -> set[str]:
    """Follow every link from a page; check that each exists below it, and return the addresses."""
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(server.url))
    seen, waiting = {start}, [start]
    while waiting:
        path = waiting.pop()
        answer = server.client.get(f"{origin}{path}")
        assert answer.status_code == 200, path
        if "text/html" not in answer.headers["content-type"]:
            continue
        links = re.findall(r'(?:href|src)="([^"#]+)"', answer.text)
        for link in (urlsplit(urljoin(path, unescape(one))) for one in links):
            target = f"{link.path}?{link.query}" if link.query else link.path
            assert link.path.startswith(start), f"{target} on {path}"
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return seen


def test_it_is_used_there_like_anywhere(server: Server, chromium: Browser) -> None:
    with opened(chromium, server.url, "elsewhere", ignore_https_errors=True) as window:
        page = window.listen()
        server.get(f"{ZENOVAY}/websites", "zv_demo_pro", headers={"X-Test-Id": "elsewhere"})
        page.locator("#r1 .what a").click()
        page.get_by_role("button", name="Replay").click()
        expect(page.get_by_text("this console: replay of 1")).to_be_visible()
        window.go("/console/faults")
        page.get_by_role("button", name="+1 day").click()
        expect(page.locator("[data-message]")).to_contain_text("The clock is at")


def test_the_cookie_of_the_token_goes_over_tls_and_to_the_console_only() -> None:
    with serving("--quiet", "--base-path", "/eu", "--tls-self-signed", "--control-token", TOKEN) as running:
        form, own = f"{running.url}/__mock/console/sign-in", {"Origin": running.url.removesuffix("/eu")}
        answer = running.client.get(f"{running.url}/__mock/", headers={"Accept": "text/html"})
        assert answer.headers["location"] == "/eu/__mock/console/sign-in"
        answer = running.client.post(form, data={"token": TOKEN}, headers=own)
        assert answer.headers["location"] == "/eu/__mock/"
        assert "Path=/eu/__mock/" in answer.headers["set-cookie"]
        assert "Secure" in answer.headers["set-cookie"]
        assert running.client.get(f"{running.url}/__mock/").status_code == 200
