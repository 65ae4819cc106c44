"""What pages of other origins may do: track with `sendBeacon`, ask with `fetch`, read every header."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.console.browser import running_browser
from tests.lab import Lab
from tests.servers import SITE, ZENOVAY, Server, serving

EVENT = {
    "type": "pageview",
    "session_id": "session-0001",
    "url": "https://mywebsite.com/preise",
    "device_type": "desktop",
    "browser": "Chrome",
    "os": "macOS",
    "user_agent": "Mozilla/5.0",
}
OLD_EVENT = {"type": "pageview", "url": "https://example.com/preise"}
HEARTBEAT = {"tracking_code": "ZV_abc123xyz", "session_id": "session-0001"}
TEXT = {"Content-Type": "text/plain;charset=UTF-8"}


class _Page(BaseHTTPRequestHandler):
    """A page of somebody's website."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Shop</title>")

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving("--now", "2026-02-07T12:00:20Z", "--quiet") as running:
        yield running


@pytest.fixture(scope="module")
def old() -> Iterator[Server]:
    with serving("--edition", "2025-01", "--now", "2025-01-08T12:00:20Z", "--quiet") as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page of another origin, in a real browser."""
    shop = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    Thread(target=shop.serve_forever, daemon=True).start()
    opened = chromium.new_page()
    try:
        opened.goto(f"http://localhost:{shop.server_port}/")
        yield opened
    finally:
        opened.close()
        shop.shutdown()
        shop.server_close()


def beacon(page: Page, url: str, body: dict[str, Any]) -> int:
    """Let a page send JSON as a beacon; the status of the answer."""
    with page.expect_event("response", lambda response: response.url == url) as answered:
        sent = page.evaluate("([url, body]) => navigator.sendBeacon(url, body)", [url, json.dumps(body)])
        assert sent is True
    return int(answered.value.status)


def live(server: Server, code: str) -> int:
    body = server.get(f"/live/{code}").json()
    return int(body.get("data", body)["visitors"])


def test_a_beacon_of_a_page_elsewhere_is_tracked(server: Server, page: Page) -> None:
    before = live(server, "ZV_abc123xyz")
    assert beacon(page, f"{server.url}/e/ZV_abc123xyz", EVENT) == 200
    assert live(server, "ZV_abc123xyz") == before + 1
    entry = server.get("/__mock/requests").json()["requests"][-2]
    sent = {one["name"]: one["value"] for one in entry["request"]["headers"]}
    assert (sent["content-type"], entry["response"]["status"]) == ("text/plain;charset=UTF-8", 200)
    assert beacon(page, f"{server.url}/heartbeat", HEARTBEAT) == 200
    visitors = server.get(f"{ZENOVAY}/analytics/{SITE}/visitors?limit=1", "zv_demo_pro").json()["data"]["visitors"]
    assert visitors[0]["landing_page"] == "/preise"


def test_a_beacon_is_tracked_in_the_older_edition(old: Server, page: Page) -> None:
    before = live(old, "abc123def456")
    assert beacon(page, f"{old.url}/e/abc123def456", OLD_EVENT) == 200
    assert live(old, "abc123def456") == before + 1


def test_a_page_elsewhere_asks_with_a_key_and_reads_every_header(server: Server, page: Page) -> None:
    read = page.evaluate(
        """async (url) => {
            const answer = await fetch(url, {headers: {"X-API-Key": "zv_demo_pro"}});
            return [answer.status, answer.headers.get("x-ratelimit-limit"), (await answer.json()).data.total];
        }""",
        f"{server.url}{ZENOVAY}/websites",
    )
    assert read == [200, "30", 2]


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (json.dumps(EVENT), 200, ""),
        (json.dumps({**EVENT, "url": 7}), 400, "'url' must be a non-empty string"),
        (json.dumps({}), 400, '"session_id": "0f9b2c7e51aa"'),
        ("hello", 400, "JSON"),
        (json.dumps(json.dumps(EVENT)), 400, "'body' must be an object"),
        ("", 400, "application/json, text/plain"),
    ],
)
def test_a_text_is_judged_as_the_json_that_it_holds(server: Server, body: str, status: int, says: str) -> None:
    lab = Lab(server)
    with lab.client:
        answer = lab.client.post("/e/ZV_abc123xyz", content=body.encode(), headers=TEXT)
        assert answer.status_code == status
        assert says in answer.json().get("error", {}).get("message", "")


@pytest.mark.parametrize("kind", ["application/xml", "text/html", "application/x-www-form-urlencoded"])
def test_other_types_are_refused_still(server: Server, kind: str) -> None:
    answer = server.request(
        "POST", "/e/ZV_abc123xyz", content=json.dumps(EVENT).encode(), headers={"Content-Type": kind}
    )
    assert answer.status_code == 415
    assert answer.json()["error"]["details"]["expected"] == "application/json, text/plain"


@pytest.mark.parametrize("path", ["/e/ZV_abc123xyz", f"{ZENOVAY}/websites"])
@pytest.mark.parametrize(("asked", "allowed"), [("true", "true"), (None, None), ("false", None)])
def test_a_preflight_that_asks_for_the_private_network_gets_it(
    server: Server, path: str, asked: str | None, allowed: str | None
) -> None:
    headers = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    if asked is not None:
        headers["Access-Control-Request-Private-Network"] = asked
    answer = server.request("OPTIONS", path, headers=headers)
    assert answer.status_code == 204
    assert answer.headers.get("access-control-allow-private-network") == allowed
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("accept", ["text/html", "application/xml;q=1", "*/*;q=0", "nonsense"])
def test_an_accept_that_cannot_be_met_is_ignored(server: Server, accept: str) -> None:
    answer = server.get(f"{ZENOVAY}/websites", "zv_demo_enterprise", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
