"""User-defined scenarios: steps, WireMock states, files, and the command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from mockserver.engine.load import load_apis
from mockserver.engine.setup import SetupError, read_setup
from mockserver.settings import Settings
from tests.lab import PRO, USAGE, WEBSITES, Lab
from tests.servers import serving

FILE = """
description: a bad morning
clock: {action: freeze, at: 2026-02-07T12:00:00Z}
limits:
  zv_demo_scale: {remaining: 1}
faults:
  - {operation: getUsage, fault: GATEWAY_ERROR}
scenarios:
  twice:
    description: one error, twice
    steps:
      - {operation: listWebsites, status: 500, requests: 2}
start: [twice]
"""


def test_states_go_on_with_the_requests_they_are_about(lab: Lab) -> None:
    rules = [
        {"operation": "getUsage", "newScenarioState": "Asked"},
        {"requiredScenarioState": "Asked", "operation": "listWebsites", "status": 500, "newScenarioState": "Down"},
        {"requiredScenarioState": "Down", "error": "unauthorized"},
    ]
    lab.set("POST", "scenarios", {"name": "mine", "description": "my own", "rules": rules})
    started = lab.set("POST", "scenarios/mine/start")
    assert (started["state"], started["possibleStates"]) == ("Started", ["Started", "Asked", "Down"])
    assert [lab.get(path).status_code for path in (WEBSITES, USAGE, USAGE, WEBSITES, USAGE)] == [
        200,
        200,
        200,
        500,
        401,
    ]
    assert lab.set("PUT", "scenarios/mine/state", {"state": "Asked"})["state"] == "Asked"
    assert lab.get(USAGE).status_code == 200
    assert lab.set("POST", "scenarios/mine/stop")["running"] is False
    assert lab.get(WEBSITES).status_code == 200


def test_steps_can_begin_again(lab: Lab) -> None:
    steps = [{"status": 500}, {"requests": 2}]
    lab.set("POST", "scenarios", {"name": "again", "steps": steps, "repeat": True})
    lab.set("POST", "scenarios/again/start")
    assert lab.statuses(6) == [500, 200, 200, 500, 200, 200]


def test_steps_change_limits_and_clock_on_their_way(lab: Lab) -> None:
    steps = [
        {"requests": 1},
        {"limits": {"key": PRO, "remaining": 0}, "requests": 1},
        {"clock": {"action": "advance", "seconds": 60}},
    ]
    lab.set("POST", "scenarios", {"name": "walk", "steps": steps})
    lab.set("POST", "scenarios/walk/start")
    assert lab.statuses(3) == [200, 429, 200]


def test_two_scenarios_run_beside_each_other(lab: Lab) -> None:
    for name, operation in (("a", "getUsage"), ("b", "listWebsites")):
        lab.set("POST", "scenarios", {"name": name, "steps": [{"operation": operation, "status": 500, "requests": 1}]})
        lab.set("POST", f"scenarios/{name}/start")
    assert [lab.get(path).status_code for path in (USAGE, WEBSITES, USAGE, WEBSITES)] == [500, 500, 200, 200]


def test_a_file_sets_up_the_server_and_every_test_on_it(tmp_path: Path) -> None:
    file = tmp_path / "morning.yaml"
    file.write_text(FILE)
    with serving(
        "--quiet", "--scenario", str(file), "--fault", "EMPTY_RESPONSE; operation=getUsage; every=2"
    ) as running:
        for test in ("one", "two"):
            lab = Lab(running, test)
            with lab.client:
                assert lab.set("GET", "clock")["now"] == "2026-02-07T12:00:00.000Z"
                for _ in range(2):
                    assert lab.statuses(3) == [500, 500, 200]
                    assert lab.get(WEBSITES, "zv_demo_scale").status_code == 200
                    assert lab.get(WEBSITES, "zv_demo_scale").status_code == 429
                    assert lab.get(USAGE).status_code == 502
                    lab.set("POST", "reset")
        own = [running.get(WEBSITES, PRO).status_code for _ in range(3)]
    assert own == [500, 500, 200]


def test_a_file_may_be_one_scenario(tmp_path: Path) -> None:
    file = tmp_path / "once.yaml"
    file.write_text("steps: [{fault: CONNECTION_RESET_BY_PEER, requests: 1}]")
    with serving("--quiet", "--scenario", str(file)) as running:
        with pytest.raises(httpx.ReadError):
            running.get(WEBSITES, PRO)
        assert running.get(WEBSITES, PRO).status_code == 200


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("faults: [{fault: KABOOM}]", "faults[0].fault: there is no fault 'KABOOM'"),
        ("scenarios: {a: {steps: [{status: 500, times: none}]}}", "scenarios.a.steps[0].times"),
        ("start: [nothing]", "there is no scenario 'nothing'"),
        ("limits: {nobody: {remaining: 1}}", "limits.nobody.key: there is no such key"),
        ("clocks: {}", "there is no member 'clocks'"),
        ("a: [", "is not YAML"),
        ("- 1", "is not an object"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    with pytest.raises(SetupError) as caught:
        read_setup([str(file)], [], load_apis(Settings()))
    assert message in str(caught.value)
    assert str(file) in str(caught.value)
    assert "valid: " in str(caught.value)
    assert "\n" not in str(caught.value)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line."""
    return subprocess.run([sys.executable, "-m", "mockserver", *arguments], capture_output=True, text=True, check=False)


def test_the_command_lists_them_in_one_line_each() -> None:
    lines = run("scenarios").stdout.splitlines()
    assert len(lines) >= 10
    assert any(
        line.startswith("retry-after-2s ") and line.endswith("one 429 with Retry-After 2, then normal")
        for line in lines
    )


def test_serving_with_a_fault_that_is_none_ends_with_one_line() -> None:
    result = run("serve", "--port", "0", "--fault", "KABOOM")
    assert result.returncode == 1
    assert result.stderr.startswith("mockserver: --fault 'KABOOM': there is no fault 'KABOOM'")
    assert len(result.stderr.splitlines()) == 1


def test_what_a_plan_does_not_allow_is_refused_at_the_start(tmp_path: Path) -> None:
    file = tmp_path / "greedy.yaml"
    file.write_text("limits: {zv_demo_pro: {remaining: 31}}")
    result = run("serve", "--port", "0", "--scenario", str(file))
    assert result.returncode == 1
    assert "remaining is 31, but the plan pro allows 30; valid: 0 to 30" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_step_in_the_midst_of_traffic_goes_as_far_as_it_can(lab: Lab) -> None:
    steps = [
        {"requests": 1},
        {"limits": {"key": PRO, "remaining": 31}, "clock": {"action": "advance", "seconds": 3_999_999_999}},
    ]
    lab.set("POST", "scenarios", {"name": "greedy", "steps": steps})
    lab.set("POST", "scenarios/greedy/start")
    assert lab.statuses(2) == [200, 200]
    assert lab.left() == 29


def test_a_scenario_that_cannot_begin_changes_nothing(lab: Lab) -> None:
    steps = [{"limits": {"key": "zv_demo_scale", "remaining": 0}}, {"limits": {"key": PRO, "remaining": 31}}]
    lab.set("POST", "scenarios", {"name": "first", "steps": [*steps, {"status": 500}]})
    before = lab.set("GET", "limits")
    refused = lab.control("POST", "scenarios/first/start")
    assert (refused.status_code, refused.json()["valid"]) == (422, ["0 to 30"])
    assert lab.set("GET", "limits") == before
    assert lab.statuses(1) == [200]
