"""What a plan holds, before anything is sent."""

from __future__ import annotations

import pytest

from apicontract import bundled
from contract_tests.client.safety import examine
from contract_tests.model.options import ROLES
from contract_tests.plan.build import BURST, FUZZ, RESERVE, TRACKING, build
from contract_tests.run.engine import ConfigurationError, Options, plan

SELECTORS = tuple(bundled().files)
EVERY_KEY = {role: f"zv_{role}Key1" for role in ROLES}


def options(selector: str, **more: object) -> Options:
    return Options(contract=bundled().load(selector), **{"target": "http://127.0.0.1:1", "keys": EVERY_KEY, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize("selector", SELECTORS)
def test_what_a_verdict_needs_fits_into_120_requests_with_every_key(selector: str) -> None:
    steps = plan(options(selector, max_requests=1000)).steps
    assert sum(step.essential for step in steps) <= 118


@pytest.mark.parametrize("selector", SELECTORS)
def test_a_pro_key_gets_its_verdict_within_five_minutes(selector: str) -> None:
    assert plan(options(selector, keys={"main": "zv_aB1"}, max_requests=120)).minutes <= 5


@pytest.mark.parametrize("selector", SELECTORS)
def test_a_readonly_plan_only_reads(selector: str) -> None:
    assert {step.method for step in plan(options(selector, max_requests=1000)).steps} <= {"GET", "HEAD"}


@pytest.mark.parametrize("selector", SELECTORS)
def test_the_same_options_give_the_same_plan(selector: str) -> None:
    one, other = (plan(options(selector)) for _ in range(2))
    assert [(step.request_line, step.role) for step in one.steps] == [
        (step.request_line, step.role) for step in other.steps
    ]


@pytest.mark.parametrize("selector", SELECTORS)
def test_a_larger_budget_begins_with_the_smaller_ones_requests(selector: str) -> None:
    small, large = plan(options(selector, max_requests=25)).steps, plan(options(selector, max_requests=90)).steps
    assert [step.request_line for step in large[:25]] == [step.request_line for step in small]


def test_what_needs_a_missing_key_is_left_out_with_its_reason() -> None:
    skipped = plan(options("zenovay@2026-02", keys={"main": "zv_aB1"})).skipped
    assert any("scoped" in step.reason for step in skipped)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"target": "ftp://x"}, "http"),
        ({"target": "http://user@x"}, "target"),
        ({"profile": "wild"}, "profile"),
        ({"phases": frozenset({"dance"})}, "phase"),
        ({"keys": {"queen": "abcdef"}}, "role"),
        ({"keys": {"main": "a b"}}, "key"),
        ({"max_requests": 0}, "max-requests"),
        ({"quota_reserve": 1.5}, "quota-reserve"),
        ({"target": "https://api.example.com", "profile": "write"}, "--allow-host api.example.com"),
        ({"target": "https://api.example.com", "profile": "burst"}, "--allow-host api.example.com"),
        ({"rate": "fast"}, "--rate"),
    ],
)
def test_a_run_that_must_not_start_says_what_to_change(more: dict[str, object], words: str) -> None:
    from contract_tests.client.pacing import Pacer

    given = {
        "target": "http://127.0.0.1:1",
        "contract": bundled().load("zenovay@2026-02"),
        "keys": {"main": "zv_aB1"},
        **more,
    }
    examined = Options(**given)  # type: ignore[arg-type]

    def start() -> None:
        examine(examined)
        Pacer(examined)

    with pytest.raises(ConfigurationError, match=words):
        start()


def test_a_named_host_may_be_written_to() -> None:
    examine(
        options(
            "zenovay@2026-02",
            target="https://api.example.com",
            profile="write",
            allow_hosts=frozenset({"api.example.com"}),
        )
    )


@pytest.mark.parametrize("selector", sorted(bundled().files))
def test_the_default_budget_is_enough_for_a_complete_run_with_every_key(selector: str) -> None:
    keys = {role: f"zv_{role}_key" for role in ROLES}
    planned = build(Options("http://127.0.0.1:1", bundled().load(selector), keys))
    assert planned.budget >= 120
    assert planned.budget >= sum(step.essential for step in planned.steps) + 2 * RESERVE
    assert not any(step.essential for step in planned.beyond)


def test_the_default_budget_has_room_for_every_phase_that_is_asked_for() -> None:
    contract = bundled().load("zenovay@2026-02")
    usual = build(Options("http://127.0.0.1:1", contract, {"main": "zv_main_key"})).budget
    more = frozenset({"probe", "stateful", "fuzz", "burst"})
    wide = Options("http://127.0.0.1:1", contract, {"main": "zv_main_key"}, phases=more, profile="write")
    assert build(wide).budget == usual + FUZZ + BURST + TRACKING
