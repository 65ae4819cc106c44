"""The short cut of the protocol and the ASGI application answer alike: both lead through one pipeline."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.app import MockServer, create_app
from mockserver.clock import parse_instant
from mockserver.settings import Settings
from tests.servers import OLD_SITE, PLATFORM_SITE, QUIET, SITE, Server, serving

NOW = "2026-02-07T12:00:00Z"
SINGLE = {"x-request-id"}
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
