"""The order of judgement, credentials, and everything HTTP asks of a careful server."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.redis import STATES, options_of
from tests.servers import PLATFORM, PLATFORM_SITE, QUIET, SITE, ZENOVAY, Server, serving

OVERVIEW = f"{ZENOVAY}/analytics/{SITE}"
STATS = f"{PLATFORM}/sites/{PLATFORM_SITE}/stats"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
EVENT = {
    "session_id": "session-0001",
    "url": "/pricing",
    "device_type": "desktop",
    "browser": "Chrome",
    "os": "macOS",
    "user_agent": "test",
}


@pytest.fixture(scope="module", params=STATES)
def limiting(request: pytest.FixtureRequest) -> Iterator[Server]:
    with serving("--now", "2026-02-07T12:00:10Z", "--quiet", *options_of(request)) as running:
        yield running


@pytest.fixture
def limited(limiting: Server) -> Server:
    return limiting.space()


@pytest.mark.parametrize(
    ("path", "key", "status", "code"),
    [
        (f"{ZENOVAY}/nothing", "", 404, "NOT_FOUND"),
        (OVERVIEW, "", 401, "UNAUTHORIZED"),
        (f"{OVERVIEW}?range=5d", "", 401, "UNAUTHORIZED"),
        (f"{OVERVIEW}?range=5d", "zv_demo_noperm", 400, "VALIDATION_ERROR"),
        (OVERVIEW, "zv_demo_noperm", 403, "FORBIDDEN"),
        (f"{ZENOVAY}/analytics/{QUIET}", "zv_demo_site", 403, "FORBIDDEN"),
        (f"{ZENOVAY}/analytics/{UNKNOWN}", "zv_demo_site", 404, "NOT_FOUND"),
        (f"{ZENOVAY}/analytics/not-a-uuid", "zv_demo_pro", 400, "VALIDATION_ERROR"),
        (OVERVIEW, "zv_demo_revoked", 401, "UNAUTHORIZED"),
        (OVERVIEW, "zv_demo_site", 200, None),
    ],
)
def test_the_first_thing_that_is_not_in_order_decides(
    server: Server, path: str, key: str, status: int, code: str | None
) -> None:
    answer = server.get(path, key)
    assert answer.status_code == status
    assert answer.json().get("error", {}).get("code") == code


def test_an_exhausted_month_comes_before_a_bad_parameter(limited: Server) -> None:
    answer = limited.get(f"{OVERVIEW}?range=5d", "zv_demo_exhausted")
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "MONTHLY_LIMIT_EXCEEDED")
    assert answer.headers["x-usage-monthly"] == answer.headers["x-usage-limit"] == "10000"
    assert answer.headers["x-usage-reset"] == "2026-03-01T00:00:00Z"
    assert "--no-rate-limit" in answer.headers["x-mock-rule"]
    assert 1 <= int(answer.headers["retry-after"]) == 21 * 86400 + 12 * 3600 - 10


def test_a_bad_parameter_names_what_was_given_and_what_is_expected(
    server: Server, server_2025: Server, server_platform: Server
) -> None:
    details = server.get(f"{OVERVIEW}?range=5d", "zv_demo_pro").json()["error"]["details"]
    assert details == {"parameter": "range", "provided": "5d", "expected": "one of 24h, 7d, 30d, 90d, 1y"}
    old = server_2025.get(f"{OVERVIEW}/visitors?per_page=101", "zv_demo_pro")
    assert old.status_code == 400
    assert old.json()["error"]["code"] == "invalid_parameter"
    assert old.json()["error"]["details"] == {
        "parameter": "per_page",
        "provided": "101",
        "expected": "an integer from 1 to 100",
    }
    platform = server_platform.get(f"{STATS}?range=5d", "ap_demo")
    assert platform.status_code == 400
    assert all(word in platform.json()["error"] for word in ("range", "5d", "7d, 30d, 90d"))


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("X-API-Key", "")],
        [("X-API-Key", "ZV_DEMO_PRO")],
        [("X-API-Key", "zv_demo_pr")],
        [("X-API-Key", "zv_demo_pro"), ("X-API-Key", "zv_demo_pro")],
        [("X-API-Key", "zv_demo_pro"), ("X-API-Key", "zv_demo_free")],
        [("X-API-Key", "zv_demo_pro"), ("Authorization", "Bearer zv_demo_free")],
        [("X-API-Key", "zv_demo_pro"), ("Authorization", "Basic enZfZGVtb19wcm8=")],
        [("Authorization", "zv_demo_pro")],
        [("Authorization", "Bearer")],
        [("Authorization", "Bearer zv_demo_pro extra")],
        [("Authorization", "Bearer zv_demo_pro, Bearer zv_demo_pro")],
        [("Authorization", "Token zv_demo_pro")],
        [("X-API-Key", "k" * 20_000)],
        [("X-API-Key", b"zv_demo_\xff\xfe")],
    ],
)
def test_anything_but_one_good_credential_is_401_and_costs_nothing(
    limited: Server, headers: list[tuple[str, str]]
) -> None:
    assert limited.request("GET", OVERVIEW, headers=headers).status_code == 401
    assert limited.get(OVERVIEW, "zv_demo_pro").headers["x-ratelimit-remaining"] == "29"


@pytest.mark.parametrize(
    "headers",
    [
        {"X-API-Key": "zv_demo_pro"},
        {"x-api-key": "zv_demo_pro"},
        {"Authorization": "Bearer zv_demo_pro"},
        {"Authorization": "bearer  zv_demo_pro"},
        {"Authorization": "Bearer zv_demo_pro", "X-API-Key": "zv_demo_pro"},
    ],
)
def test_each_documented_way_to_send_a_key_works(server: Server, headers: dict[str, str]) -> None:
    assert server.request("GET", OVERVIEW, headers=headers).status_code == 200


def test_a_key_in_the_query_is_no_key(server: Server) -> None:
    assert server.get(f"{OVERVIEW}?api_key=zv_demo_pro&X-API-Key=zv_demo_pro").status_code == 401


def test_the_platform_takes_bearer_only_and_answers_403_for_every_foreign_site(server_platform: Server) -> None:
    assert server_platform.request("GET", STATS, headers={"X-API-Key": "ap_demo"}).status_code == 401
    assert server_platform.get(f"{PLATFORM}/sites/{UNKNOWN}/stats", "ap_demo").status_code == 403
    assert server_platform.get(STATS, "ap_demo_site").status_code == 200
    other = server_platform.get(f"{PLATFORM}/sites", "ap_demo").json()["sites"][1]["siteId"]
    assert server_platform.get(f"{PLATFORM}/sites/{other}/stats", "ap_demo").status_code == 200
    assert server_platform.get(f"{PLATFORM}/sites/{other}/stats", "ap_demo_site").status_code == 403


def test_a_wrong_method_is_405_in_the_apis_own_format_with_allow(server: Server, server_platform: Server) -> None:
    answer = server.request("DELETE", OVERVIEW, "zv_demo_pro")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert answer.json()["success"] is False
    answer = server.request("GET", "/heartbeat")
    assert (answer.status_code, answer.headers["allow"]) == (405, "OPTIONS, POST")
    answer = server_platform.request("POST", f"{PLATFORM}/sites", "ap_demo")
    assert answer.status_code == 405
    assert isinstance(answer.json()["error"], str)


def test_a_path_of_no_api_says_where_the_apis_are(server: Server) -> None:
    answer = server.get("/favicon.ico")
    assert answer.status_code == 404
    assert answer.json()["base_paths"] == [ZENOVAY, PLATFORM]


def test_head_answers_as_get_without_a_body(server: Server) -> None:
    get, head = server.get(OVERVIEW, "zv_demo_pro"), server.request("HEAD", OVERVIEW, "zv_demo_pro")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(get.content))
    assert set(head.headers) == set(get.headers)


def test_a_browser_may_ask_and_read_every_header(server: Server, server_platform: Server) -> None:
    wanted = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
    wanted["Access-Control-Request-Headers"] = "x-api-key, authorization"
    preflight = server.request("OPTIONS", OVERVIEW, headers=wanted)
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert preflight.headers["access-control-allow-headers"] == "x-api-key, authorization"
    assert "GET" in preflight.headers["access-control-allow-methods"]
    for running, path, key in (
        (server, OVERVIEW, "zv_demo_pro"),
        (server_platform, STATS, "ap_demo"),
        (server, OVERVIEW, ""),
    ):
        answer = running.get(path, key, headers={"Origin": "https://app.example"})
        exposed = {name.strip().lower() for name in answer.headers["access-control-expose-headers"].split(",")}
        own = {name for name in answer.headers if name.startswith("x-") or name == "retry-after"}
        assert own <= exposed
        assert {"x-ratelimit-remaining", "x-usage-monthly", "retry-after"} <= exposed


def test_the_thirty_first_request_of_a_pro_key_in_a_minute_is_429(limited: Server) -> None:
    answers = [limited.get(f"{ZENOVAY}/websites", "zv_demo_pro") for _ in range(31)]
    assert [answer.status_code for answer in answers] == [200] * 30 + [429]
    assert [int(answer.headers["x-ratelimit-remaining"]) for answer in answers] == [*range(29, -1, -1), 0]
    refused = answers[-1]
    assert refused.headers["retry-after"] == "50"
    assert refused.headers["x-usage-monthly"] == answers[-2].headers["x-usage-monthly"]
    assert refused.json()["error"]["code"] == "RATE_LIMIT_EXCEEDED"
    assert "30" in refused.json()["error"]["message"]
    assert "50 seconds" in refused.json()["error"]["message"]
    assert limited.get(f"{ZENOVAY}/websites", "zv_demo_free").status_code == 200


@pytest.mark.parametrize(
    ("key", "path", "limit"),
    [
        ("zv_demo_free", f"{ZENOVAY}/websites", 10),
        ("zv_demo_pro", f"{ZENOVAY}/usage", 30),
        ("zv_demo_scale", f"{ZENOVAY}/websites", 60),
        ("zv_demo_enterprise", f"{ZENOVAY}/websites", 120),
        ("ap_demo", f"{PLATFORM}/sites", 100),
    ],
)
def test_many_at_once_get_exactly_the_limit(limited: Server, key: str, path: str, limit: int) -> None:
    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda _: limited.get(path, key).status_code, range(limit + 20)))
    assert statuses.count(200) == limit
    assert statuses.count(429) == 20


def test_what_never_counts_is_as_each_edition_says(limited: Server) -> None:
    def used(server: Server, path: str) -> int:
        before = int(server.get(f"{ZENOVAY}/websites", "zv_demo_scale").headers["x-usage-monthly"])
        server.get(path, "zv_demo_scale")
        return int(server.get(f"{ZENOVAY}/websites", "zv_demo_scale").headers["x-usage-monthly"]) - before - 1

    assert used(limited, f"{OVERVIEW}?range=5d") == 1
    assert used(limited, f"{ZENOVAY}/analytics/{UNKNOWN}") == 1
    with serving("--edition", "2025-01", "--now", "2025-01-08T12:00:10Z") as old:
        assert used(old, f"{OVERVIEW}?timeRange=5d") == 0
        assert used(old, f"{ZENOVAY}/analytics/{UNKNOWN}") == 1


def test_the_platform_speaks_of_its_reset_in_milliseconds() -> None:
    with serving("--now", "2024-03-28T07:59:30Z") as running:
        answers = [running.get(f"{PLATFORM}/sites", "ap_demo") for _ in range(5)]
        assert dict(answers[-1].headers) | {
            "x-ratelimit-limit": "100",
            "x-ratelimit-remaining": "95",
            "x-ratelimit-reset": "1711612800000",
        } == dict(answers[-1].headers)


def test_a_free_key_is_refused_where_that_is_asked_for() -> None:
    with serving("--free-plan", "reject") as running:
        assert running.get(f"{ZENOVAY}/websites", "zv_demo_free").status_code == 403
        assert running.get(f"{ZENOVAY}/websites", "zv_demo_pro").status_code == 200


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({}, 400),
        ({"content": b"{}"}, 415),
        ({"content": b"", "headers": {"Content-Type": "application/json"}}, 400),
        ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        ({"content": b'{"a":NaN}', "headers": {"Content-Type": "application/json"}}, 400),
        ({"content": b"[" * 100_000, "headers": {"Content-Type": "application/json"}}, 400),
        ({"content": b"\xff\xfe", "headers": {"Content-Type": "application/json"}}, 400),
        ({"json": []}, 400),
        ({"json": {"session_id": "short"}}, 400),
        ({"json": EVENT | {"session_id": "short"}}, 400),
        ({"json": EVENT | {"url": 5}}, 400),
        ({"data": {"url": "/"}}, 415),
        ({"content": b'{"url":"' + b"x" * 1_100_000 + b'"}', "headers": {"Content-Type": "application/json"}}, 413),
    ],
)
def test_a_body_that_cannot_be_tracked_is_refused_and_nothing_is_counted(
    server: Server, options: dict[str, Any], status: int
) -> None:
    before = server.get(OVERVIEW, "zv_demo_pro").json()["data"]
    live = server.get("/live/ZV_abc123xyz").json()["data"]
    answer = server.request("POST", "/e/ZV_abc123xyz", **options)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["message"]
    assert server.get(OVERVIEW, "zv_demo_pro").json()["data"] == before
    assert server.get("/live/ZV_abc123xyz").json()["data"] == live


def test_an_unknown_tracking_code_is_404(server: Server) -> None:
    assert server.request("POST", "/e/ZV_nothing", json=EVENT).status_code == 404
    assert server.get("/live/ZV_nothing").status_code == 404
    assert (
        server.request(
            "POST", "/heartbeat", json={"tracking_code": "ZV_nothing", "session_id": "session-0001"}
        ).status_code
        == 404
    )


def raw(server: Server, data: bytes) -> bytes:
    """What comes back for bytes on a bare socket, until the server closes."""
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        connection.sendall(data)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
        return received


@pytest.mark.parametrize(
    "data",
    [
        b"GARBAGE\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"GET http://a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"GET /%ff%fe/../%00 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"GET /api/v2/sites HTTP/1.1\r\nHost: a\r\nBad Header: x\r\n\r\n",
        b"POST /heartbeat HTTP/1.1\r\nHost: a\r\nContent-Length: nine\r\n\r\n",
        b"POST /heartbeat HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /api/v2/sites?range=%zz&&&==& HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    ],
)
def test_hostile_http_is_answered_4xx_and_the_server_lives_on(server: Server, data: bytes) -> None:
    answer = raw(server, data)
    assert answer.startswith(b"HTTP/1.1 4"), answer[:200]
    assert server.get(f"{PLATFORM}/sites", "ap_demo").status_code == 200


def test_pipelined_requests_are_answered_in_their_order(server: Server) -> None:
    one = f"GET {ZENOVAY}/websites/{SITE} HTTP/1.1\r\nHost: a\r\nX-API-Key: zv_demo_pro\r\n\r\n".encode()
    control = b"GET /__mock/health HTTP/1.1\r\nHost: a\r\n\r\n"
    last = b"GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    answer = raw(server, one + control + one + last)
    positions = [
        answer.find(b"ZV_abc123xyz"),
        answer.find(b'"ok"'),
        answer.rfind(b"ZV_abc123xyz"),
        answer.find(b"Nothing is"),
    ]
    assert answer.count(b"HTTP/1.1 ") == 4
    assert positions == sorted(positions)
    assert -1 not in positions


def test_every_log_line_is_json_without_a_key_in_full() -> None:
    with serving() as running:
        running.get(f"{ZENOVAY}/websites?key=zv_demo_pro&x=ap_demo", "zv_demo_pro")
        running.get("/zv_demo_pro/%1b[31m%22'\"", "zv_secret_of_somebody")
        running.get(f"{ZENOVAY}/websites?access_token=zv_secret_of_somebody")
        running.process.terminate()
        assert running.process.stdout is not None
        lines = [json.loads(line) for line in running.process.stdout.read().splitlines()]
    assert [line["status"] for line in lines] == [200, 404, 401]
    text = json.dumps(lines)
    assert not any(secret in text for secret in ("zv_demo_pro", "ap_demo", "zv_secret"))
    assert lines[0]["operation"] == "listWebsites"
