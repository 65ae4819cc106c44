"""Faults of the answer: documented errors, broken bodies, missing headers, delays."""

from __future__ import annotations

import contextlib
import json
import time
from email.utils import parsedate_to_datetime

import httpx
import pytest

from mockserver.faults.fault import WORDS
from tests.lab import PRO, USAGE, WEBSITES, Lab

CODE = "ZV_abc123xyz"
BODY = {
    "session_id": "session-0001",
    "url": "https://mywebsite.com/",
    "device_type": "desktop",
    "browser": "Firefox",
    "os": "Linux",
    "user_agent": "test",
}


@pytest.mark.parametrize("fault", ["429", "rate-limited", "RATE_LIMIT_EXCEEDED", "rate_limit_exceeded"])
def test_a_documented_error_is_chosen_by_status_kind_or_code(lab: Lab, fault: str) -> None:
    answer = lab.get(X_Mock_Fault=fault)
    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "RATE_LIMIT_EXCEEDED"
    assert answer.headers["retry-after"] == "40"
    assert answer.headers["x-ratelimit-remaining"] == "0"


def test_headers_and_message_of_a_chosen_retry_after_agree(lab: Lab) -> None:
    answer = lab.get(X_Mock_Fault="429; retry_after=2")
    assert answer.headers["retry-after"] == "2"
    assert "2 seconds" in answer.json()["error"]["message"]
    assert int(answer.headers["x-ratelimit-reset"]) == parsedate_to_datetime(answer.headers["date"]).timestamp() + 2


def test_the_months_quota_can_be_said_to_be_over(lab: Lab) -> None:
    answer = lab.get(X_Mock_Fault="quota-exceeded")
    assert answer.json()["error"]["code"] == "MONTHLY_LIMIT_EXCEEDED"
    assert "10000" in answer.json()["error"]["message"]
    assert int(answer.headers["retry-after"]) > 86_400


def test_429_without_retry_after(lab: Lab) -> None:
    answer = lab.get(X_Mock_Fault="RETRY_AFTER_MISSING")
    assert answer.status_code == 429
    assert "retry-after" not in answer.headers
    assert "x-ratelimit-limit" in answer.headers


def test_429_by_a_clock_that_is_wrong(lab: Lab) -> None:
    answer = lab.get(X_Mock_Fault="RETRY_AFTER_SKEWED; skew=-90")
    said = parsedate_to_datetime(answer.headers["retry-after"])
    assert (said - parsedate_to_datetime(answer.headers["date"])).total_seconds() == 40 - 90


def test_the_real_answer_without_its_rate_limit_headers(lab: Lab) -> None:
    usual, fewer = lab.get(), lab.get(X_Mock_Fault="RATE_LIMIT_HEADERS_MISSING")
    assert fewer.status_code == 200
    assert fewer.json()["data"] == usual.json()["data"]
    gone = set(usual.headers) - set(fewer.headers)
    assert {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"} <= gone
    assert "x-request-id" in fewer.headers


def test_the_content_type_is_wrong_and_the_body_is_not(lab: Lab) -> None:
    answer = lab.get(X_Mock_Fault="WRONG_CONTENT_TYPE")
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.json()["success"] is True


def test_broken_json_has_its_length_and_does_not_parse(lab: Lab) -> None:
    answer = lab.get(X_Mock_Fault="BROKEN_JSON")
    assert answer.status_code == 200
    assert len(answer.content) == int(answer.headers["content-length"])
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_a_gateway_answers_a_page_of_html(lab: Lab) -> None:
    answer = lab.get(X_Mock_Fault="GATEWAY_ERROR; status=503; retry_after=7")
    assert (answer.status_code, answer.headers["content-type"], answer.headers["retry-after"]) == (
        503,
        "text/html",
        "7",
    )
    assert "503 Service Temporarily Unavailable" in answer.text


def test_a_delay_is_waited_for(lab: Lab) -> None:
    begun = time.perf_counter()
    assert lab.get(X_Mock_Delay="40").status_code == 200
    assert time.perf_counter() - begun >= 0.04


def test_a_dribble_brings_the_whole_body_in_pieces(lab: Lab) -> None:
    whole = lab.get().json()["data"]
    begun = time.perf_counter()
    with lab.client.stream(
        "GET", WEBSITES, headers={"X-API-Key": PRO, "X-Mock-Fault": "chunkedDribbleDelay(4,40)"}
    ) as answer:
        pieces = list(answer.iter_raw())
    assert time.perf_counter() - begun >= 0.04
    assert len(pieces) > 1
    assert json.loads(b"".join(pieces))["data"] == whole


UNUSABLE = sorted(word for word, about in WORDS.items() if not about.usable and word not in ("ERROR", "NEVER_ANSWER"))


@pytest.mark.parametrize("fault", [*UNUSABLE, "500", "401", "429"])
def test_an_answer_that_nobody_can_use_counts_nothing(lab: Lab, fault: str) -> None:
    before = lab.set("GET", f"limits/{PRO}")
    with contextlib.suppress(httpx.TransportError):
        lab.get(X_Mock_Fault=fault)
    assert lab.set("GET", f"limits/{PRO}") == before


@pytest.mark.parametrize("fault", [*(word for word in UNUSABLE if not word.startswith("RETRY")), "500", "404"])
def test_an_answer_that_nobody_can_use_tracks_nothing(lab: Lab, fault: str) -> None:
    live = f"/live/{CODE}"
    before = lab.client.get(live).json()["data"]["visitors"]
    with contextlib.suppress(httpx.TransportError):
        lab.client.post(f"/e/{CODE}", json=BODY, headers={"X-Mock-Fault": fault})
    assert lab.client.get(live).json()["data"]["visitors"] == before
    assert lab.client.post(f"/e/{CODE}", json=BODY).status_code == 200
    assert lab.client.get(live).json()["data"]["visitors"] == before + 1


def test_a_late_answer_counts_and_tracks_like_any_other(lab: Lab) -> None:
    before = lab.left()
    lab.get(X_Mock_Delay="1")
    lab.get(X_Mock_Fault="RATE_LIMIT_HEADERS_MISSING")
    lab.get(X_Mock_Fault="chunkedDribbleDelay(2,2)")
    assert lab.left() == before - 3
    live = f"/live/{CODE}"
    visitors = lab.client.get(live).json()["data"]["visitors"]
    lab.client.post(f"/e/{CODE}", json=BODY, headers={"X-Mock-Delay": "1"})
    assert lab.client.get(live).json()["data"]["visitors"] == visitors + 1


@pytest.mark.parametrize(
    ("header", "value", "valid"),
    [
        ("X-Mock-Fault", "NO_SUCH_FAULT", "CONNECTION_RESET_BY_PEER"),
        ("X-Mock-Fault", "418", "429"),
        ("X-Mock-Fault", "404", "429"),
        ("X-Mock-Fault", "TRUNCATED_RESPONSE; fraction=3", "a number from 0 to 1"),
        ("X-Mock-Fault", "EMPTY_RESPONSE; times=1", "fraction"),
        ("X-Mock-Fault", "uniform(5,1)", "at least 5"),
        ("X-Mock-Delay", "soon", "uniform(100,300)"),
        ("X-Mock-Delay", "-1", "uniform(100,300)"),
    ],
)
def test_what_is_no_fault_is_refused_with_what_is(lab: Lab, header: str, value: str, valid: str) -> None:
    before = lab.left()
    answer = lab.client.get(WEBSITES, headers={"X-API-Key": PRO, header: value})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert valid in answer.json()["valid"]
    assert lab.left() == before


def test_headers_come_before_routes_and_routes_before_the_server(lab: Lab) -> None:
    lab.set("POST", "faults", {"status": 500})
    lab.set("POST", "faults", {"operation": "listWebsites", "status": 401})
    assert lab.get(USAGE).status_code == 500
    assert lab.get(WEBSITES).status_code == 401
    assert lab.get(WEBSITES, X_Mock_Fault="429").status_code == 429
    assert lab.get(WEBSITES, X_Mock_Fault="none").status_code == 200


def test_a_fault_for_a_path_or_a_key_leaves_others_alone(lab: Lab) -> None:
    lab.set("POST", "faults", {"path": "/api/external/v1/usage", "method": "GET", "status": 500})
    lab.set("POST", "faults", {"key": "zv_demo_scale", "status": 401})
    assert lab.get(USAGE).status_code == 500
    assert lab.get(WEBSITES).status_code == 200
    assert lab.get(WEBSITES, "zv_demo_scale").status_code == 401


@pytest.mark.parametrize(
    ("when", "struck"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"times": 2}, [1, 2]),
        ({"every": 3}, [3, 6]),
        ({"every": 2, "times": 1}, [2]),
        ({"after": 4}, [5, 6]),
    ],
)
def test_when_a_fault_strikes(lab: Lab, when: dict[str, int], struck: list[int]) -> None:
    lab.set("POST", "faults", {"operation": "listWebsites", "status": 500, **when})
    assert [number + 1 for number, status in enumerate(lab.statuses(6)) if status == 500] == struck


def test_the_same_seed_strikes_the_same_requests(lab: Lab) -> None:
    runs = []
    for seed in (1, 1, 2):
        lab.set("DELETE", "faults")
        lab.set("POST", "faults", {"fault": "500", "probability": 0.5, "seed": seed})
        lab.set("PUT", "settings", {"rate_limit": False})
        runs.append(lab.statuses(40))
    assert runs[0] == runs[1] != runs[2]
    assert 8 <= runs[0].count(500) <= 32


def test_a_fault_lasts_from_one_instant_to_another(lab: Lab) -> None:
    window = {"from": "2026-02-07T12:01:00Z", "until": "2026-02-07T12:02:00Z"}
    lab.set("POST", "faults", {"status": 500, **window})
    seen = []
    for _ in range(3):
        seen.append(lab.get().status_code)
        lab.set("POST", "clock", {"action": "advance", "seconds": 60})
    assert seen == [200, 500, 200]


def test_what_is_tampered_with_says_so_in_the_journal(lab: Lab) -> None:
    lab.set("POST", "faults", {"fault": "CONNECTION_RESET_BY_PEER"})
    assert lab.statuses(1) == ["ReadError"]
    found = lab.set("GET", "requests?fault=CONNECTION_RESET_BY_PEER")["requests"]
    assert [entry["response"]["status"] for entry in found] == [0]
