"""A result as an engine would hand it over, with everything that reports have to cope with."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from contract_tests.model.exchange import Exchange, Request, Response
from contract_tests.model.finding import Result
from contract_tests.report.context import ReportContext
from contract_tests.report.redaction import Redactor
from tests.contract_tests.results import checked, finding

KEY = "zv_live_3fA9/+q7Lw=Zp"
SITE = "https://api.example.test/v1"


@pytest.fixture
def redactor() -> Redactor:
    return Redactor.of({"main": KEY})


@pytest.fixture
def exchanges() -> list[Exchange]:
    listed = Request(
        "GET",
        f"{SITE}/pages?limit=2",
        headers=(("X-API-Key", KEY), ("Accept", "application/json")),
        operation="listPages",
        parameters={"limit": 2},
        role="main",
        purpose="the limit bounds the list",
    )
    body = b'{"pages": [{"path": "/a"}, {"path": "/<b>"}, {"path": "/\xc3\xbc"}]}'
    answered = Response(200, (("content-type", "application/json"), ("x-ratelimit-limit", "30")), body)
    lost = Request("GET", f"{SITE}/usage", headers=(("X-API-Key", KEY),), operation="getUsage", role="main")
    return [
        Exchange(1, listed, answered, 1_770_465_600.25, 0.0421),
        Exchange(2, lost, None, 1_770_465_601.0, 5.0, "the connection was closed before an answer"),
        Exchange(
            3,
            Request("POST", f"{SITE}/e/abc", (("Content-Type", "application/json"),), b'{"url": "/"}', "trackEvent"),
            Response(
                200, (("content-type", "application/octet-stream"), ("set-cookie", "session=s3cr3t")), b"\xff\x00"
            ),
            1_770_465_602.0,
            0.01,
        ),
    ]


@pytest.fixture
def result() -> Result:
    findings = (
        finding(
            "CT402:getUsage:x-usage-total",
            "X-Usage-Total is missing",
            "supplement",
            expected="an integer",
            exchanges=(2,),
        ),
        finding(
            "CT301:listPages:limit",
            "limit=2 answered 3 records </script><script>alert(1)</script>",
            page="REF, “Heatmap Pages”",
            expected={"records": 2},
            seen={"records": 3, "path": "/<b>&\u202e"},
            curl=(f"curl -s '{SITE}/pages?limit=2' -H 'X-API-Key: {KEY}'",),
            exchanges=(1,),
        ),
        finding("CT901::order", "differs between two runs", "inferred", expected=1.5, seen=2, flaky=True),
    )
    clauses = (
        checked("CT301:listPages:limit", "limit bounds the list", "list", "fail"),
        checked("CT101:listPages:200", "a good request is answered 200", "status", "pass"),
        checked("CT201:listPages:limit max", "101 is refused", "parameter", "pass"),
        checked(
            "CT501:listPages:scope",
            "a scoped key sees no other site",
            "security",
            "inconclusive",
            "needs --key scoped=KEY",
        ),
        checked("CT402:getUsage:x-usage-total", "X-Usage-Total is sent", "header", "fail", level="supplement"),
        checked("CT901::order", "the same request twice gives the same data", "rule", "fail", level="inferred"),
    )
    return Result(
        verdict="violates",
        contract="shop@2026-02",
        target=SITE,
        requests=3,
        seconds=61.5,
        findings=findings,
        clauses=clauses,
        stop_reason="completed",
        coverage={
            "listPages": {
                "list": {"pass": 0, "fail": 1, "inconclusive": 0},
                "status": {"pass": 1, "fail": 0, "inconclusive": 0},
                "parameter": {"pass": 1, "fail": 0, "inconclusive": 0},
                "security": {"pass": 0, "fail": 0, "inconclusive": 1},
            },
            "getUsage": {"header": {"pass": 0, "fail": 1, "inconclusive": 0}},
        },
    )


@pytest.fixture
def context(exchanges: list[Exchange]) -> ReportContext:
    return ReportContext(exchanges, None, datetime(2026, 2, 7, 12, 0, tzinfo=UTC))
