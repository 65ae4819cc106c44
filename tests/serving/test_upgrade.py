"""Requests that offer another protocol are answered in HTTP/1.1, and their bodies are bodies."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import httpx
import pytest

from mockserver.testing import LocalServer
from tests.exchanges import exchange
from tests.lab import PRO, WEBSITES
from tests.servers import Server, serving

EVENT = {
    "session_id": "session-0001",
    "url": "https://mywebsite.com/",
    "device_type": "mobile",
    "browser": "Chrome",
    "os": "Android",
    "user_agent": "Java-http-client/17.0.15",
}
BODY = json.dumps(EVENT).encode()
FAULT = b'{"status": 500}'
SMUGGLED = (
    b"POST /__mock/faults HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n%b" % (len(FAULT), FAULT)
)
OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAEAAEAAAAIAAAAAAAMAAAAA\r\nUpgrade: h2c\r\n"
END = b"GET /__mock/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
WAYS = pytest.mark.parametrize("way", [b"", b"X-Mock-Fault: none\r\n"], ids=["short cut", "through the application"])


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving("--quiet", "--no-rate-limit") as running:
        yield running


def post(way: bytes, framing: bytes, offer: bytes = OFFER) -> bytes:
    """The head of a tracked event, in the order in which Java's HttpClient has it."""
    return (
        b"POST /e/ZV_abc123xyz HTTP/1.1\r\n" + offer + framing + b"Host: mock\r\n"
        b"User-Agent: Java-http-client/17.0.15\r\nContent-Type: application/json\r\n" + way + b"\r\n"
    )


def length(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n" % len(body)


@WAYS
@pytest.mark.parametrize("cut", [0, 1, len(BODY)])
def test_a_body_behind_an_offer_is_read_in_one_segment_and_in_several(server: Server, way: bytes, cut: int) -> None:
    pieces = [post(way, length(BODY)) + BODY[:cut], BODY[cut:], END]
    tracked, health = exchange(server, [piece for piece in pieces if piece])
    assert (tracked.status, tracked.json["success"]) == (200, True)
    assert health.json["status"] == "ok"


@WAYS
def test_a_chunked_body_behind_an_offer_is_read_without_its_trailers(server: Server, way: bytes) -> None:
    head = post(way, b"Transfer-Encoding: chunked\r\n")
    body = b"%x\r\n%b\r\n" % (len(BODY) - 2, BODY[:-2]) + b"2\r\n%b\r\n0\r\nX-Mock-Fault: 500\r\n\r\n" % BODY[-2:]
    tracked, health = exchange(server, [head, body[:20], body[20:] + END])
    assert (tracked.status, health.status) == (200, 200)


@WAYS
@pytest.mark.parametrize("method", [b"POST /e/ZV_abc123xyz", b"PUT /nothing", b"PUT /__mock/nothing"])
def test_a_body_behind_an_offer_is_never_a_request(server: Server, way: bytes, method: bytes) -> None:
    head = post(way, length(SMUGGLED)).replace(b"POST /e/ZV_abc123xyz", method).replace(b"mock\r\n", b"localhost\r\n")
    refused, health = exchange(server, [head, SMUGGLED, END])
    assert refused.status in (400, 404)
    assert health.status == 200
    assert server.get("/__mock/faults").json()["faults"] == []


@WAYS
def test_offers_may_follow_one_another(server: Server, way: bytes) -> None:
    offered = post(way, length(BODY)) + BODY
    plain = post(way, length(BODY), b"") + BODY
    websocket = (
        f"GET {WEBSITES} HTTP/1.1\r\nHost: mock\r\nX-API-Key: {PRO}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    ).encode()
    sent = offered + websocket + plain + offered * 20 + websocket + END
    assert [answer.status for answer in exchange(server, [sent])] == [200] * 25
    assert [answer.status for answer in exchange(server, [sent[:200], sent[200:999], sent[999:]])] == [200] * 25


@WAYS
def test_an_offer_that_waits_for_100_is_told_to_continue(server: Server, way: bytes) -> None:
    continued, tracked, _ = exchange(server, [post(way + b"Expect: 100-continue\r\n", length(BODY)), BODY, END])
    assert (continued.status, tracked.status) == (100, 200)


def test_an_offer_to_the_control_api_is_answered_by_it(server: Server) -> None:
    body = b'{"refused_plans": ["free"]}'
    head = b"PUT /__mock/settings HTTP/1.1\r\nHost: localhost\r\nX-Test-Id: control\r\n" + OFFER
    settings, _ = exchange(server, [head + length(body) + b"\r\n", body, END])
    assert settings.json["refused_plans"] == ["free"]


def test_the_journal_shows_what_was_offered(server: Server) -> None:
    exchange(server, [post(b"X-Test-Id: offered\r\n", length(BODY)), BODY, END])
    (entry,) = server.get("/__mock/requests", headers={"X-Test-Id": "offered"}).json()["requests"]
    headers = {header["name"]: header["value"] for header in entry["request"]["headers"]}
    assert headers["upgrade"] == "h2c"
    assert entry["request"]["json"]["session_id"] == EVENT["session_id"]


@pytest.mark.parametrize("target", [b"example.com:443", WEBSITES.encode()])
def test_a_tunnel_is_refused_and_nothing_in_it_is_a_request(server: Server, target: bytes) -> None:
    (refused,) = exchange(server, [b"CONNECT " + target + b" HTTP/1.1\r\nHost: mock\r\n\r\n" + SMUGGLED])
    assert (refused.status, refused.headers["connection"]) == (501, "close")
    assert "directly" in refused.json["title"]
    assert server.get("/__mock/faults").json()["faults"] == []


def test_http2_with_prior_knowledge_is_told_which_version_is_spoken(server: Server) -> None:
    (refused,) = exchange(server, [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"])
    assert refused.status == 400
    assert "HTTP/1.1" in refused.json["title"]


def test_an_offer_is_nothing_to_warn_of(caplog: pytest.LogCaptureFixture) -> None:
    local = LocalServer()
    with caplog.at_level(logging.INFO):
        headers = {"Connection": "Upgrade", "Upgrade": "h2c"}
        assert httpx.post(f"{local.url}/e/ZV_abc123xyz", json=EVENT, headers=headers).status_code == 200
    local.stop()
    assert [record for record in caplog.records if record.name.startswith("uvicorn")] == []
