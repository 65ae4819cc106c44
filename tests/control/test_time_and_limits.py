"""The clock and the limits of a space, turned from outside: no test waits for anything."""

from __future__ import annotations

from typing import Any

import pytest

from tests.lab import PRO, USAGE, WEBSITES, Lab
from tests.servers import Server

VISIT = {
    "session_id": "session-0001",
    "url": "https://mywebsite.com/",
    "device_type": "desktop",
    "browser": "Firefox",
    "os": "Linux",
    "user_agent": "test",
}


def test_61_seconds_open_the_next_window(lab: Lab) -> None:
    lab.set("PUT", f"limits/{PRO}", {"remaining": 1})
    assert lab.statuses(3) == [200, 429, 429]
    assert lab.set("POST", "clock", {"action": "advance", "seconds": 61})["now"] == "2026-02-07T12:01:21.000Z"
    assert lab.statuses(2) == [200, 200]


def test_a_clock_that_is_let_go_goes_on_from_where_it_stood(lab: Lab) -> None:
    lab.set("POST", "clock", {"action": "set", "at": "2031-05-06T07:08:09Z"})
    began = lab.set("POST", "clock", {"action": "unfreeze"})
    assert began["frozen"] is False
    assert began["now"].startswith("2031-05-06T07:0")
    assert lab.set("POST", "clock", {"action": "unfreeze"})["now"] >= began["now"], "twice is once"


def test_the_next_month_brings_a_new_quota(lab: Lab) -> None:
    lab.set("PUT", f"limits/{PRO}", {"monthly_remaining": 1})
    assert lab.statuses(2) == [200, 429]
    lab.set("POST", "clock", {"action": "advance", "seconds": 61})
    refused = lab.get()
    assert refused.json()["error"]["code"] == "MONTHLY_LIMIT_EXCEEDED"
    lab.set("POST", "clock", {"action": "set", "at": "2026-03-01T00:00:00Z"})
    assert lab.statuses(1) == [200]
    assert lab.set("GET", f"limits/{PRO}")["month"]["used"] == 1


def test_five_minutes_end_a_live_session(lab: Lab) -> None:
    live = "/live/ZV_abc123xyz"
    before = lab.client.get(live).json()["data"]["visitors"]
    lab.client.post("/e/ZV_abc123xyz", json=VISIT)
    assert lab.client.get(live).json()["data"]["visitors"] == before + 1
    lab.set("POST", "clock", {"action": "advance", "seconds": 301})
    later = lab.client.get(live).json()["data"]["visitors"]
    lab.set("POST", "reset")
    lab.set("POST", "clock", {"action": "advance", "seconds": 301})
    assert lab.client.get(live).json()["data"]["visitors"] == later


def test_the_clock_freezes_runs_and_is_reset(lab: Lab) -> None:
    begun = lab.set("GET", "clock")
    assert begun == {"now": "2026-02-07T12:00:20.000Z", "frozen": True}
    assert lab.set("POST", "clock", {"action": "freeze", "at": "2030-01-01"})["now"] == "2030-01-01T00:00:00.000Z"
    assert lab.get().headers["date"] == "Tue, 01 Jan 2030 00:00:00 GMT"
    before_month = lab.set("POST", "clock", {"action": "set", "at": "next-month", "seconds": 30})
    assert before_month["now"] == "2030-01-31T23:59:30.000Z"
    assert lab.set("POST", "clock", {"action": "reset"}) == begun


def test_what_a_key_has_left_is_set_and_read(lab: Lab) -> None:
    made = lab.set("PUT", f"limits/{PRO}", {"remaining": 1, "monthly_remaining": 4, "plan": "pro"})
    assert (made["minute"]["remaining"], made["month"]["remaining"]) == (1, 4)
    assert made == lab.set("GET", f"limits/{made['id']}")
    assert made in lab.set("GET", "limits")["limits"]
    assert made["key"] == "zv_demo_pro"
    assert lab.get().headers["x-ratelimit-remaining"] == "0"
    read = lab.set("GET", f"limits/{PRO}")
    assert (read["minute"]["remaining"], read["month"]["remaining"]) == (0, 3)


def test_reading_counters_counts_nothing(lab: Lab) -> None:
    lab.get()
    assert lab.set("GET", "limits") == lab.set("GET", "limits")
    assert lab.left() == 29


def test_another_plan_has_other_limits_and_is_told_so(lab: Lab) -> None:
    lab.set("PUT", f"limits/{PRO}", {"plan": "enterprise"})
    scale = lab.set("GET", "limits/zv_demo_enterprise")
    assert lab.set("GET", f"limits/{PRO}")["minute"]["limit"] == scale["minute"]["limit"]
    limit = lab.get(USAGE).headers["x-ratelimit-limit"]
    assert limit == lab.get(USAGE, "zv_demo_enterprise").headers["x-ratelimit-limit"] != "30"


def test_no_key_of_a_request_is_shown_in_full(lab: Lab) -> None:
    lab.get()
    for path in ("requests", "requests.har", "faults", "settings"):
        assert PRO not in lab.control("GET", path).text


def test_limits_can_be_switched_off(lab: Lab) -> None:
    lab.set("PUT", f"limits/{PRO}", {"remaining": 0})
    lab.set("PUT", "settings", {"rate_limit": False, "refused_plans": ["free"]})
    assert lab.get().status_code == 200
    assert lab.get(WEBSITES, "zv_demo_free").status_code == 403
    lab.set("POST", "reset")
    assert lab.get(WEBSITES, "zv_demo_free").status_code == 200


def test_a_delay_for_everything_gives_way_to_any_other(lab: Lab) -> None:
    lab.set("PUT", "settings", {"delayDistribution": {"type": "fixed", "milliseconds": 600_000}})
    assert lab.get(X_Mock_Delay="0").status_code == 200
    assert lab.set("PUT", "settings", {"fixedDelayMilliseconds": 0})["delay"] is None
    assert lab.get().status_code == 200


BAD: list[tuple[str, str, Any, str]] = [
    ("POST", "clock", {"action": "jump"}, "freeze"),
    ("POST", "clock", {}, "freeze"),
    ("POST", "clock", {"action": "advance"}, "a number of seconds, 0 or more"),
    ("POST", "clock", {"action": "unfreeze", "seconds": 5}, "no seconds"),
    ("POST", "clock", {"action": "advance", "seconds": -1}, "a number from 0 to 4e+09"),
    ("POST", "clock", {"action": "advance", "seconds": 3_999_999_999}, "an instant from 2000 to 2099"),
    (
        "POST",
        "clock",
        {"action": "set", "at": "yesterday"},
        "an RFC 3339 date-time like 2026-03-01T00:00:00Z, from 2000 to 2099",
    ),
    ("POST", "clock", {"action": "freeze", "when": 1}, "seconds"),
    ("POST", "clock", [], "an object with action, seconds, at"),
    ("PUT", f"limits/{PRO}", {"remaining": 31}, "0 to 30"),
    ("PUT", f"limits/{PRO}", {"remaining": "all"}, "a whole number from 0 to 1000000000"),
    ("PUT", f"limits/{PRO}", {"remaining": 1, "plan": "gold"}, "enterprise"),
    ("PUT", f"limits/{PRO}", {}, "monthly_remaining"),
    ("PUT", "settings", {"rate_limit": "off"}, "true"),
    ("PUT", "settings", {"rate_limit": False, "refused_plans": ["gold"]}, "enterprise"),
    ("POST", "faults", {"fault": "KABOOM"}, "CONNECTION_RESET_BY_PEER"),
    ("POST", "faults", {"fault": "KABOOM"}, "RATE_LIMIT_EXCEEDED"),
    ("POST", "faults", {"operation": "listThings", "status": 500}, "listWebsites"),
    ("POST", "faults", {"operation": "listWebsites", "status": 404}, "429"),
    ("POST", "faults", {"path": "/nowhere", "status": 500}, WEBSITES),
    ("POST", "faults", {"status": 500, "key": "nobody"}, "apk_demo"),
    ("POST", "faults", {"status": 500, "probability": 2}, "a number from 0 to 1"),
    ("POST", "faults", {"times": 1}, "EMPTY_RESPONSE"),
    ("POST", "scenarios", {"name": "x", "steps": [{"status": 500, "request": 2}]}, "requests"),
    ("POST", "scenarios", {"name": "retry-after-2s", "steps": [{"status": 500}]}, "another name"),
    ("POST", "scenarios", {"name": "x"}, "steps"),
    ("POST", "scenarios/nothing/start", None, "retry-after-2s"),
    ("POST", "scenarios/retry-after-2s/start", {"seconds": 3}, "no body"),
    ("POST", "reset", {"clock": True}, "no body"),
    ("PUT", "scenarios/retry-after-2s/state", {"state": "Gone"}, "Started"),
]


@pytest.mark.parametrize(("method", "path", "body", "valid"), BAD)
def test_bad_input_is_refused_with_the_choices_and_changes_nothing(
    lab: Lab, method: str, path: str, body: Any, valid: str
) -> None:
    parts = ("clock", "limits", "settings", "faults", "scenarios")
    before = [lab.set("GET", part) for part in parts]
    answer = lab.control(method, path, body)
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert valid in answer.json()["valid"]
    assert [lab.set("GET", part) for part in parts] == before


@pytest.mark.parametrize("body", [b"{", b"\xff", b"nope", b"NaN"])
def test_what_is_not_json_is_refused(lab: Lab, body: bytes) -> None:
    answer = lab.client.post("/__mock/clock", content=body)
    assert answer.status_code == 400
    assert answer.json()["from"] == "mockserver"


def test_an_unknown_path_and_a_wrong_method_say_what_there_is(lab: Lab) -> None:
    unknown, wrong = lab.control("GET", "clocks"), lab.control("PATCH", "clock")
    assert "/__mock/clock" in unknown.json()["valid"]
    assert (unknown.status_code, wrong.status_code, wrong.headers["allow"]) == (404, 405, "GET, HEAD, POST")


def test_a_test_has_a_server_of_its_own(server: Server, lab: Lab) -> None:
    other, nobody = Lab(server), Lab(server)
    nobody.client.headers.pop("X-Test-Id")
    with other.client, nobody.client:
        lab.set("PUT", f"limits/{PRO}", {"remaining": 0})
        lab.set("POST", "clock", {"action": "advance", "seconds": 5})
        lab.set("POST", "faults", {"operation": "getUsage", "status": 500})
        lab.client.post("/e/ZV_abc123xyz", json=VISIT)
        assert lab.get().status_code == 429
        assert lab.get(USAGE).status_code == 500
        for stranger in (other, nobody):
            assert stranger.get().status_code == 200
            assert stranger.get(USAGE).status_code == 200
            assert stranger.set("GET", "clock")["now"] == "2026-02-07T12:00:20.000Z"
            assert stranger.set("GET", "requests/count?operation=trackEvent")["count"] == 0
        assert lab.set("GET", "requests/count?operation=trackEvent")["count"] == 1


@pytest.mark.parametrize("test_id", ["", "x" * 201, "\u00e4"])
def test_a_bad_test_id_is_refused_everywhere(server: Server, test_id: str) -> None:
    for path in (WEBSITES, "/__mock/clock", "/__mock/requests"):
        assert server.get(path, PRO, headers={"X-Test-Id": test_id.encode("latin-1")}).status_code == 400


def test_reset_begins_anew(lab: Lab) -> None:
    lab.get()
    lab.set("POST", "clock", {"action": "advance", "seconds": 5})
    lab.set("POST", "faults", {"status": 500})
    lab.set("POST", "scenarios/retry-after-2s/start")
    lab.set("POST", "reset")
    assert lab.set("GET", "faults") == {"faults": []}
    assert lab.left() == 30
    assert lab.set("GET", "requests/count")["count"] == 0
    assert lab.get().status_code == 200


def test_control_calls_are_not_in_the_journal(lab: Lab) -> None:
    lab.set("GET", "clock")
    lab.get()
    assert lab.set("GET", "requests/count")["count"] == 1
