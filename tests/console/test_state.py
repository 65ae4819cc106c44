"""The actions on limits, clock, faults, scenarios and spaces, compared with the control API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.console.conftest import Visitor, words
from tests.servers import ZENOVAY

WEBSITES = f"{ZENOVAY}/websites"
PRO_ID = "ak_1a2b3c4d-5e6f-4071-8293-a4b5c6d7e8f9"


def limits(visitor: Visitor) -> Any:
    return visitor.control("limits/zv_demo_pro")


def test_gauges_show_what_the_control_api_says(visitor: Visitor) -> None:
    visitor.ask(WEBSITES)
    page = visitor.see("/console/limits")
    assert "1 of 30" in words(page)
    assert "4,517 of 10,000" in words(page)
    assert '<meter min="0" max="30" high="24.0" optimum="0" value="1"' in page


@pytest.mark.parametrize(
    ("do", "window", "left"),
    [
        ("minute use-up", "minute", 0),
        ("minute one-left", "minute", 1),
        ("minute reset", "minute", 30),
        ("month use-up", "month", 0),
        ("month one-left", "month", 1),
        ("month reset", "month", 10_000),
    ],
)
def test_a_button_sets_what_is_left(visitor: Visitor, do: str, window: str, left: int) -> None:
    visitor.ask(WEBSITES)
    visitor.click(f"/console/limits/{PRO_ID}", do=do)
    assert limits(visitor)[window]["remaining"] == left


def test_a_key_whose_minute_is_used_up_is_refused(visitor: Visitor) -> None:
    visitor.click(f"/console/limits/{PRO_ID}", do="minute use-up")
    assert visitor.ask(WEBSITES).status_code == 429


def test_a_key_can_be_put_on_another_plan(visitor: Visitor) -> None:
    visitor.click(f"/console/limits/{PRO_ID}", plan="free")
    assert limits(visitor)["minute"]["limit"] == 10


def test_a_plan_or_a_button_that_is_none_is_refused_and_changes_nothing(visitor: Visitor) -> None:
    before = limits(visitor)
    assert "has no plan 'gold'" in words(visitor.click(f"/console/limits/{PRO_ID}", 422, plan="gold").text)
    visitor.click(f"/console/limits/{PRO_ID}", 422, do="minute explode")
    visitor.click("/console/limits/nobody", 404, do="minute use-up")
    assert limits(visitor) == before


def test_the_clock_is_moved_and_let_go(visitor: Visitor) -> None:
    def clock() -> Any:
        return visitor.control("clock")

    assert clock() == {"now": "2026-02-07T12:00:20.000Z", "frozen": True}
    visitor.click("/console/clock", do="minute")
    assert clock()["now"] == "2026-02-07T12:01:20.000Z"
    visitor.click("/console/clock", do="day")
    assert clock()["now"] == "2026-02-08T12:01:20.000Z"
    visitor.click("/console/clock", do="next-month")
    assert clock()["now"] == "2026-03-01T00:00:00.000Z"
    visitor.click("/console/clock", do="unfreeze")
    assert clock()["frozen"] is False
    assert clock()["now"].startswith("2026-03-01T00:0")
    visitor.click("/console/clock", do="freeze")
    assert clock()["frozen"] is True
    visitor.click("/console/clock", do="set", at="2026-02-07T12:00:00")
    assert clock()["now"] == "2026-02-07T12:00:00.000Z"
    visitor.click("/console/clock", do="reset")
    assert clock()["now"] == "2026-02-07T12:00:20.000Z"
    assert "is not valid" in words(visitor.click("/console/clock", 422, do="set", at="yesterday").text)


def test_a_scenario_is_switched_on_and_off(visitor: Visitor) -> None:
    visitor.click("/console/scenarios/retry-after-2s/on")
    page = visitor.see("/console/faults")
    assert page.count('aria-checked="true"') == 1
    assert visitor.ask(WEBSITES).status_code == 429
    visitor.click("/console/scenarios/retry-after-2s/off")
    assert 'aria-checked="true"' not in visitor.see("/console/faults")
    visitor.click("/console/scenarios/nothing/on", 404)


def test_a_fault_is_set_listed_and_removed(visitor: Visitor) -> None:
    visitor.click("/console/faults", operation="listWebsites", error="500", times="2", fault="", key="")
    (fault,) = visitor.control("faults")["faults"]  # type: ignore[index]
    assert (fault["fault"], fault["times"], fault["operations"]) == ("500", 2, ["listWebsites"])
    assert visitor.ask(WEBSITES).status_code == 500
    assert "500 listWebsites 2 times injected into 1 of 1 matching requests" in visitor.read("/console/faults")
    visitor.click(f"/console/faults/{fault['id']}/remove")
    assert visitor.ask(WEBSITES).status_code == 200


def test_a_fault_that_cannot_be_is_refused_and_the_form_keeps_what_was_typed(visitor: Visitor) -> None:
    page = visitor.click("/console/faults", 422, error="418", operation="listWebsites", times="5").text
    assert 'role="alert"' in page
    assert 'value="418"' in page
    assert "is not a number" in words(visitor.click("/console/faults", 422, error="500", times="many").text)
    assert visitor.control("faults") == {"faults": []}


def test_all_faults_are_removed_and_everything_is_reset(visitor: Visitor) -> None:
    visitor.click("/console/faults", error="500")
    visitor.click("/console/faults/clear")
    assert visitor.ask(WEBSITES).status_code == 200
    visitor.click("/console/reset")
    assert limits(visitor)["minute"]["used"] == 0
    assert "No requests yet" in visitor.read()


def test_the_console_looks_at_the_space_of_a_test(visitor: Visitor) -> None:
    visitor.ask(WEBSITES)
    assert "1 of 1 in the journal" in visitor.read()
    visitor.client.cookies.clear()
    answer = visitor.click("/console/space", test="another one")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "Path=/__mock/" in answer.headers["set-cookie"], "requests to the APIs do not carry it"
    assert "SameSite=strict" in answer.headers["set-cookie"]
    assert "Test another one" in visitor.read()
    assert '<option value="another one"></option>' in visitor.see(), "the tests that have a space are offered"
    assert visitor.click("/console/space", 422, test="ü").status_code == 422
    visitor.click("/console/space", test="")
    assert "Whole server" in visitor.read()
