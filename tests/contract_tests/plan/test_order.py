"""The order of a plan, and what a budget leaves of it."""

from __future__ import annotations

import pytest

from apicontract import bundled
from contract_tests.model.options import ROLES
from contract_tests.plan.coverage_order import GAINS, KINDS, aspects_of
from contract_tests.plan.order import ordered
from contract_tests.plan.step import Step
from contract_tests.run.engine import Options, plan

SELECTORS = tuple(bundled().files)
CONTRACT = bundled().load("zenovay@2026-02")
KEYS = {role: f"zv_{role}Key1" for role in ROLES}


def step(kind: str, operation: str = "", query: tuple[tuple[str, str], ...] = (), **more: object) -> Step:
    path = CONTRACT.operation(operation).path if operation else "/nowhere"
    return Step(kind, "GET", path, 0, operation, query, kind=kind, **more)  # type: ignore[arg-type]


def kinds(steps: list[Step]) -> list[tuple[str, str]]:
    return [(found.kind, found.operation) for found in ordered(steps, CONTRACT)]


def test_a_new_question_goes_before_the_same_one_to_another_operation() -> None:
    steps = [step("past maximum", "listPages"), step("past maximum", "listCountries"), step("unknown path")]
    assert kinds(steps)[-1] == ("past maximum", "listCountries")


def test_a_request_that_reveals_two_things_goes_before_those_that_reveal_one() -> None:
    both = step("lowest", "listPages", (("range", "24h"), ("limit", "1")))
    alone = step("middle range", "getAnalyticsOverview", (("range", "24h"),))
    assert sum(aspects_of(both, CONTRACT).values()) > sum(aspects_of(alone, CONTRACT).values())
    assert kinds([alone, both])[0] == ("lowest", "listPages")


def test_the_whole_list_is_asked_for_before_its_parts() -> None:
    steps = [step("second page", "listVisitors"), step("wide", "listVisitors"), step("last page", "listVisitors")]
    assert kinds(steps)[0] == ("wide", "listVisitors")


def test_a_limited_key_asks_for_another_resource_once_its_own_list_is_known() -> None:
    foreign = step("foreign resource", "getWebsite", which="foreign")
    steps = [foreign, step("scoped list", "listWebsites"), step("list", "listWebsites")]
    assert kinds(steps)[-1] == ("foreign resource", "getWebsite")


def test_every_kind_reveals_what_has_a_worth() -> None:
    assert {name.partition(":")[0] for kind in KINDS.values() for name in kind.reveals} <= set(GAINS)


@pytest.mark.parametrize("selector", SELECTORS)
def test_a_budget_that_is_enough_for_a_verdict_leaves_nothing_out_that_it_needs(selector: str) -> None:
    contract = bundled().load(selector)
    found = plan(Options(target="http://127.0.0.1:1", contract=contract, keys=KEYS, max_requests=120))
    assert len(found.steps) <= 120
    assert not [step.request_line for step in found.beyond if step.essential]


@pytest.mark.parametrize("selector", SELECTORS)
def test_what_cannot_be_sent_takes_no_part_in_the_order(selector: str) -> None:
    contract = bundled().load(selector)
    found = plan(Options(target="http://127.0.0.1:1", contract=contract, keys={"main": "zv_aB1"}, max_requests=40))
    assert {step.role.partition(":")[0] for step in found.steps} <= {"main", "", "invalid"}
    assert len(found.steps) == 40
