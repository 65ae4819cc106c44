"""The ready scenarios do what their description says."""

from __future__ import annotations

from collections.abc import Sequence

import httpx
import pytest

from mockserver.engine.load import load_apis
from mockserver.scenarios.catalogue import ready_descriptions, ready_scenario
from mockserver.settings import Settings
from tests.lab import Lab

SEEN: dict[str, Sequence[int | str]] = {
    "server-errors-then-fine": [500, 500, 200, 200],
    "retry-after-2s": [429, 200, 200],
    "rate-limit-storm": [429] * 10 + [200],
    "retry-after-missing": [429, 429, 200],
    "retry-after-skewed": [429, 200],
    "one-left-this-minute": [200, 429, 429],
    "quota-mid-pagination": [200, 200, 429, 429],
    "month-end": [200, 429, 429],
    "maintenance-10-minutes": [503, 503, 503],
    "key-revoked-after-5": [200] * 5 + [401] * 3,
    "connection-reset-once": ["ReadError", 200, 200],
    "truncated-then-fine": ["RemoteProtocolError", 200],
    "html-instead-of-json": [502, 502, 200],
}


def test_there_are_at_least_ten_and_each_says_what_it_does_in_one_line() -> None:
    assert len(ready_descriptions()) >= 10
    assert all(line and "\n" not in line and len(line) < 120 for line in ready_descriptions().values())


@pytest.mark.parametrize("contracts", [(), ("zenovay@2025-01",), ("analytics-platform@v2",)])
def test_each_of_them_fits_every_edition(contracts: tuple[str, ...]) -> None:
    apis = load_apis(Settings(contracts=contracts))
    for name in ready_descriptions():
        assert ready_scenario(name, apis).states


@pytest.mark.parametrize("name", SEEN)
def test_a_client_sees_what_the_line_says(lab: Lab, name: str) -> None:
    lab.set("POST", f"scenarios/{name}/start")
    assert lab.statuses(len(SEEN[name])) == SEEN[name]


def test_retry_after_is_two_seconds(lab: Lab) -> None:
    lab.set("POST", "scenarios/retry-after-2s/start")
    assert lab.get().headers["retry-after"] == "2"


def test_maintenance_ends_after_ten_minutes(lab: Lab) -> None:
    lab.set("POST", "scenarios/maintenance-10-minutes/start")
    lab.set("POST", "clock", {"action": "advance", "seconds": 599})
    assert lab.get().status_code == 503
    lab.set("POST", "clock", {"action": "advance", "seconds": 1})
    assert lab.get().status_code == 200


def test_the_month_ends_with_its_last_second(lab: Lab) -> None:
    lab.set("POST", "scenarios/month-end/start")
    assert lab.statuses(2) == [200, 429]
    assert lab.get().headers["retry-after"] == "30"
    lab.set("POST", "clock", {"action": "advance", "seconds": 30})
    assert lab.get().status_code == 200


def test_slow_then_down_gets_slower_and_goes_down(lab: Lab) -> None:
    lab.set("POST", "scenarios/slow-then-down/start")
    faults = [lab.get().headers["x-mock-fault"] for _ in range(5)]
    assert faults == ["delay fixed(100)"] * 2 + ["delay fixed(500)"] * 2 + ["delay fixed(1500)"]
    assert lab.statuses(2) == ["ReadError", "ReadError"]


def test_the_flaky_network_strikes_the_same_requests_each_time(lab: Lab) -> None:
    runs = []
    for _ in range(2):
        lab.set("POST", "reset")
        lab.set("POST", "scenarios/flaky-network/start")
        runs.append(lab.statuses(25))
    assert runs[0] == runs[1]
    assert 1 <= runs[0].count("ReadError") <= 12


def test_a_trickle_and_a_slow_network_bring_the_whole_answer(lab: Lab) -> None:
    whole = lab.get().json()["data"]
    for name in ("slow-network", "trickle"):
        lab.set("POST", f"scenarios/{name}/start")
        answer = lab.get()
        assert answer.json()["data"] == whole
        assert answer.headers["x-mock-fault"]


def test_what_hangs_is_not_answered(lab: Lab) -> None:
    lab.set("POST", "scenarios/hangs-once/start")
    with pytest.raises(httpx.ReadTimeout):
        lab.client.get("/api/external/v1/websites", timeout=0.05)
    assert lab.get().status_code == 200
