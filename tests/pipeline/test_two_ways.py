"""The short cut of the protocol and the ASGI application answer alike: both lead through one pipeline.

Request by request, and byte by byte: whatever comes over a connection, in whatever segments, has the same answers, and
leaves the same traces, whichever way it takes.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockserver.app import MockServer, create_app
from mockserver.clock import parse_instant
from mockserver.settings import Settings
from tests.exchanges import converse
from tests.redis import RedisServer
from tests.servers import OLD_SITE, PLATFORM_SITE, QUIET, SITE, Server, serving

NOW = "2026-02-07T12:00:00Z"
SINGLE = {"x-request-id"}
MAX_BODY = 2_000
PREFIX = "/api/external/v1"
GET = b"GET /api/external/v1/websites HTTP/1.1\r\nHost: mock\r\nX-API-Key: zv_demo_pro\r\n\r\n"
LARGE = b"POST /e/ZV_abc123xyz HTTP/1.1\r\nHost: mock\r\nContent-Length: 3000\r\n\r\n"
HEALTH = b"GET /__mock/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
PATHS = st.sampled_from(
    [
        "/api/external/v1/websites",
        f"/api/external/v1/analytics/{SITE}",
        f"/api/external/v1/analytics/{QUIET}/visitors",
        f"/api/external/v1/analytics/{OLD_SITE}/countries",
        f"/api/external/v1/heatmaps/{SITE}/pages",
        f"/api/v2/sites/{PLATFORM_SITE}/stats",
        "/api/v2/sites",
        "/api/v2/nothing",
        "/live/ZV_abc123xyz",
        "/live/ZV_nothing",
        "/heartbeat",
        "/nothing",
    ]
)
QUERIES = st.dictionaries(
    st.sampled_from(["range", "limit", "offset", "__code", "__example", "__dynamic", "other"]),
    st.sampled_from(["7d", "30d", "1", "0", "100", "101", "404", "429", "true", "two-websites", "é", ""]),
    max_size=3,
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "X-API-Key": st.sampled_from(["zv_demo_enterprise", "zv_demo_site", "zv_demo_noperm", "zv_wrong"]),
        "Authorization": st.sampled_from(["Bearer ap_demo", "Bearer zv_demo_enterprise", "Basic x"]),
        "Origin": st.just("https://app.example"),
        "Prefer": st.sampled_from(["code=500", "code=200", "example=nothing", "respond-async"]),
        "Content-Type": st.sampled_from(["application/json", "text/plain"]),
    },
)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving("--now", NOW, "--no-rate-limit", "--quiet") as running:
        yield running


@pytest.fixture(scope="module")
def app() -> MockServer:
    return create_app(Settings(now=parse_instant(NOW), rate_limit=False))


def in_process(app: MockServer, request: httpx.Request) -> httpx.Response:
    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://mock") as client:
            return await client.send(request)

    return asyncio.run(send())


@given(
    method=st.sampled_from(["GET", "HEAD", "OPTIONS", "POST", "DELETE"]),
    path=PATHS,
    query=QUERIES,
    headers=HEADERS,
    body=st.sampled_from([b"", b"{}", b"{", b'{"tracking_code":"ZV_nothing","session_id":"session-0001"}']),
)
@settings(max_examples=150, deadline=None)
def test_both_ways_give_the_same_answer(
    server: Server, app: MockServer, method: str, path: str, query: dict[str, str], headers: dict[str, str], body: bytes
) -> None:
    options = {"params": query, "headers": headers, "content": body}
    over_socket = server.client.request(method, server.url + path, **options)  # type: ignore[arg-type]
    within = in_process(app, httpx.Request(method, "http://mock" + path, **options))  # type: ignore[arg-type]
    assert over_socket.status_code == within.status_code
    assert set(over_socket.headers) == set(within.headers)
    for name in set(over_socket.headers) - SINGLE:
        if not name.startswith(("x-usage", "x-ratelimit")):
            assert over_socket.headers[name] == within.headers[name]
    if method != "HEAD" and "usage" not in path:
        assert over_socket.content == within.content


TARGETS = st.one_of(
    PATHS,
    PATHS,
    st.just("/e/ZV_abc123xyz"),
    st.sampled_from(
        [
            "/__mock/health",
            "/__mock/settings",
            "/__mock",
            f"http://mock{PREFIX}/websites?limit=1",
            f"http://mock:4010{PREFIX}/websites#there",
            "http://mock",
            "http://",
            "http://mock:99999/",
            f"{PREFIX}/websites#there?limit=1",
            f"//{PREFIX}",
            "*",
            "/%zz/%2e%2e/%00",
            "mock:443",
            f"{PREFIX}/websites?" + "a" * 65_535,
            "/" + "a" * 60_000,
        ]
    ),
)
EVENT = (
    b'{"session_id": "session-0001", "url": "https://a.example/", "device_type": "mobile", '
    b'"browser": "Chrome", "os": "Android", "user_agent": "x"}'
)
SMUGGLED = b"POST /e/ZV_abc123xyz HTTP/1.1\r\nHost: mock\r\nContent-Length: 2\r\n\r\n{}"
BODIES = st.sampled_from([b"", b"{}", EVENT, SMUGGLED, b"a" * (MAX_BODY + 1), b"a" * 20 * MAX_BODY])
FIELDS = st.sampled_from(
    [
        b"X-API-Key: zv_demo_enterprise",
        b"X-API-Key: zv_demo_noperm",
        b"Origin: https://app.example",
        b"Content-Type: application/json",
        b"Connection: keep-alive",
        b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAA",
        b"Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13",
        b"Upgrade: h2c",
        b"Expect: 100-continue",
        b"X-Mock-Delay: 0",
    ]
)
ODD_FIELDS = st.sampled_from(
    [
        b"Connection: close",
        b"X-Test-Id: \xff",
        b"X-Large: " + b"a" * 70_000,
        b"\r\n".join(b"X-%d: 1" % number for number in range(100)),
    ]
)
GARBAGE = st.one_of(
    st.binary(min_size=1, max_size=20),
    st.sampled_from(
        [
            b"\r\n",
            b"\x16\x03\x01\x02\x00\x01",
            b"GET foo HTTP/1.1\r\n\r\n",
            b"GET /\r\n\r\n",
            b"GET / HTTP/2.0\r\n\r\n",
            b"GET / HTTP/1.1\r\nBad Header: 1\r\n\r\n",
            b"GET / HTTP/1.1\r\nFolded: 1\r\n 2\r\n\r\n",
            b"GET / HTTP/1.1\r\nContent-Length: 1",
            b"POST / HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
            b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n{}",
            b"POST /e/ZV_abc123xyz HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab",
            b"PUT /__mock/settings HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"CONNECT mock:443 HTTP/1.1\r\nHost: mock\r\n\r\n",
            b"CONNECT / HTTP/1.1\r\nHost: mock\r\n\r\n",
        ]
    ),
)


@st.composite
def wire_requests(draw: st.DrawFn) -> bytes:
    """A request as bytes: one that is served, or nearly."""
    method = draw(st.sampled_from(["GET", "GET", "POST", "POST", "HEAD", "OPTIONS", "PUT"]))
    version = draw(st.sampled_from(["1.1", "1.1", "1.1", "1.1", "1.0"]))
    fields = draw(st.lists(FIELDS, max_size=3)) + draw(st.lists(ODD_FIELDS, max_size=1))
    lines = [f"{method} {draw(TARGETS)} HTTP/{version}".encode(), b"Host: localhost", *fields]
    body = draw(BODIES)
    framing = draw(st.sampled_from(["length", "chunked", "trailers"])) if body else "none"
    if framing == "length":
        lines.append(b"Content-Length: %d" % len(body))
    elif body:
        lines.append(b"Transfer-Encoding: chunked")
        middle = draw(st.integers(1, len(body)))
        chunks = [chunk for chunk in (body[:middle], body[middle:]) if chunk]
        body = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
        end = draw(st.sampled_from([b"X-API-Key: zv_demo_pro", b"Connection: close", b"Upgrade: h2c"]))
        body += b"0\r\n" + (end + b"\r\n" if framing == "trailers" else b"") + b"\r\n"
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


class Segments(list[bytes]):
    """What is sent, and legible where it is long."""

    def __repr__(self) -> str:
        return re.sub("a{50,}", lambda many: f"a*{len(many.group())}", super().__repr__())


@st.composite
def connections(draw: st.DrawFn) -> Segments:
    """What comes over one connection: requests behind one another, perhaps with garbage, cut somewhere."""
    sent = b"".join(draw(st.lists(wire_requests(), min_size=1, max_size=5)))
    sent += draw(st.one_of(st.just(b""), GARBAGE))
    sent += draw(st.one_of(st.just(b""), wire_requests()))
    end = draw(st.one_of(st.just(len(sent)), st.integers(1, len(sent))))
    cuts = sorted(draw(st.sets(st.integers(1, end), max_size=5)) | {end})
    return Segments(sent[start:end] for start, end in pairwise([0, *cuts]) if start < end)


def application(**options: Any) -> MockServer:
    return create_app(Settings(now=parse_instant(NOW), max_body=MAX_BODY, request_timeout=600.0, **options))


@pytest.fixture(scope="module")
def apps() -> tuple[MockServer, MockServer]:
    """One that answers by the short cut, and one where a fault could strike, though none does."""
    return application(), application(faults=("500; after=1000000000",))


@pytest.fixture(scope="module")
def sharing_apps(redis: RedisServer) -> Iterator[tuple[asyncio.Runner, tuple[MockServer, MockServer]]]:
    """Two like `apps` whose spaces lie in Redis, and the event loop of their connections to it."""
    with asyncio.Runner() as runner:
        both = tuple(
            application(state=redis.url, state_namespace=uuid.uuid4().hex, **options)
            for options in ({}, {"faults": ("500; after=1000000000",)})
        )
        yield runner, both  # type: ignore[misc]
        for app in both:
            runner.run(app.mock.store.close())


async def answered(app: MockServer, segments: list[bytes]) -> tuple[list[Any], list[Any]]:
    """The answers to what is sent, and what the journal then holds."""
    await app.mock.reset(app.mock.pipeline)
    sent = await converse(app, segments)
    assert app.mock.space.journal is not None
    entries = (await app.mock.space.journal.read()).entries
    answers = []
    for answer in re.split(rb"(?=HTTP/1\.1 \d{3} )", sent):
        head, _, body = answer.partition(b"\r\n\r\n")
        answers.append((sorted(line for line in head.split(b"\r\n") if not line.startswith(b"x-request-id")), body))
    journal = [(one.method, one.path, one.query, one.headers, one.body, one.status, one.answer_body) for one in entries]
    return answers, journal


def of_connections(test: Callable[..., None]) -> Callable[..., None]:
    """Try a test with what may come over a connection."""
    for segments in (
        [GET + b"GET foo HTTP/1.1\r\n\r\n"],
        [GET + GET, b"CONNECT mock:443 HTTP/1.1\r\n\r\n" + GET],
        [HEALTH + GET + b"\x00"],
        [GET + LARGE, b"a" * 3_000 + GET],
        [LARGE + b"a" * 3_000 + GET],
        [LARGE],
        [LARGE.replace(b"Content-Length: 3000", b"Transfer-Encoding: chunked") + b"bb8\r\n" + b"a" * 3_000],
        [GET.replace(b"HTTP/1.1", b"HTTP/1.0\r\nConnection: keep-alive") + GET],
    ):
        test = example(segments)(test)
    return given(segments=connections())(test)


@of_connections
@settings(max_examples=400, deadline=None)
def test_a_connection_has_the_same_answers_on_both_ways(
    apps: tuple[MockServer, MockServer], segments: list[bytes]
) -> None:
    short, through = (asyncio.run(answered(app, segments)) for app in apps)
    assert short == through


@of_connections
@settings(max_examples=200, deadline=None)
def test_a_connection_has_the_same_answers_on_both_ways_to_a_shared_space(
    sharing_apps: tuple[asyncio.Runner, tuple[MockServer, MockServer]], segments: list[bytes]
) -> None:
    runner, apps = sharing_apps
    batched, through = (runner.run(answered(app, segments)) for app in apps)
    assert batched == through
