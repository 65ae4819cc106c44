"""A scenario: WireMock states, of which `Started` is the first, or steps, which are consecutive states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.faults.fault import Fault
from mockserver.faults.reading import (
    BIG,
    FAULT_MEMBERS,
    TARGET_MEMBERS,
    WHEN_MEMBERS,
    FaultRule,
    read_fault,
    read_target,
    read_when,
    refuse_undocumented,
)
from mockserver.form import BadInputError, Form
from mockserver.pipeline.api import Api
from mockserver.scenarios.actions import EVERY_KEY, ClockChange, LimitsChange, read_clock, read_limits

JSON = Any
STARTED, DONE = "Started", "Done"
SCENARIO_MEMBERS = ("name", "description", "steps", "repeat", "rules")
_RULE = tuple(
    dict.fromkeys(
        (*TARGET_MEMBERS, *(name for name in WHEN_MEMBERS if name not in ("from", "until", "seconds")), *FAULT_MEMBERS)
    )
)
STEP_MEMBERS = (*_RULE, "requests", "seconds", "clock", "limits")
WIREMOCK_MEMBERS = (*_RULE, "requiredScenarioState", "newScenarioState")


@dataclass(frozen=True, slots=True)
class ScenarioRule:
    """A fault rule of a state; after `requests` matching requests the scenario enters the state `then`."""

    rule: FaultRule
    requests: int = 1
    then: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """A state. `actions` are applied on entry; `seconds` later, if given, the scenario enters the state `then`."""

    name: str
    rules: tuple[ScenarioRule, ...] = ()
    actions: tuple[ClockChange | LimitsChange, ...] = ()
    seconds: float | None = None
    then: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A named sequence of states. `source`: the object it was read from."""

    name: str
    description: str
    states: Mapping[str, State]
    source: JSON


def read_scenario(value: JSON, name: str, apis: Sequence[Api]) -> Scenario:
    """Read a scenario from an object with `steps` or `rules`. `name` overrides the member of this name.

    Raises:
        BadInputError: A member is not valid; the error has its name and valid values.
    """
    form = Form(value, SCENARIO_MEMBERS)
    name = name or form.text("name")
    if not name or not all(char.isalnum() or char in "-_." for char in name):
        raise BadInputError("name", f"{name!r} is not a name of a scenario", ["letters, digits, - _ ."])
    if ("steps" in form) == ("rules" in form):
        raise BadInputError("steps", "expected either steps or rules", ["steps", "rules"])
    if "steps" in form:
        states = _from_steps(form.items("steps"), bool(form.boolean("repeat")), apis)
    else:
        if "repeat" in form:
            raise BadInputError("repeat", "repeat belongs to steps", ["newScenarioState: Started"])
        states = _from_rules(form.items("rules"), apis)
    return Scenario(name, form.text("description", longest=300), states, value)


def _from_steps(steps: Sequence[JSON], repeat: bool, apis: Sequence[Api]) -> dict[str, State]:
    if not steps:
        raise BadInputError("steps", "expected at least one step", STEP_MEMBERS)
    states: list[State] = []
    actions: list[ClockChange | LimitsChange] = []
    for index, raw in enumerate(steps):
        try:
            form = Form(raw, STEP_MEMBERS)
            actions += _actions(form, apis)
            requests, seconds = form.integer("requests", 1, BIG), form.number("seconds", 0.001, BIG)
            if requests is not None and seconds is not None:
                raise BadInputError("seconds", "a step lasts either requests or seconds", ["requests", "seconds"])
            rule = _rule(form, apis)
        except BadInputError as error:
            raise error.inside(f"steps[{index}]") from None
        named = rule.fault != Fault(seed=rule.fault.seed)
        if not named and requests is None and seconds is None:
            continue
        name = str(len(states) + 1) if states else STARTED
        forever = requests is None and seconds is None and index == len(steps) - 1
        then = "" if forever else str(len(states) + 2)
        scenario_rule = ScenarioRule(rule, requests or 1, "" if seconds is not None else then)
        states.append(State(name, (scenario_rule,), tuple(actions), seconds, then if seconds is not None else ""))
        actions = []
    end = DONE if not repeat or not states else STARTED
    renamed = {str(len(states) + 1): end}
    made = {state.name: _renamed(state, renamed) for state in states}
    if not states:
        made[STARTED] = State(STARTED, actions=tuple(actions))
    made[DONE] = State(DONE, actions=tuple(actions) if states else ())
    return made


def _renamed(state: State, names: Mapping[str, str]) -> State:
    rules = tuple(ScenarioRule(rule.rule, rule.requests, names.get(rule.then, rule.then)) for rule in state.rules)
    return State(state.name, rules, state.actions, state.seconds, names.get(state.then, state.then))


def _from_rules(rules: Sequence[JSON], apis: Sequence[Api]) -> dict[str, State]:
    grouped: dict[str, list[ScenarioRule]] = {STARTED: []}
    for index, raw in enumerate(rules):
        try:
            form = Form(raw, WIREMOCK_MEMBERS)
            then = form.text("newScenarioState")
            rule = ScenarioRule(_rule(form, apis), 1, then)
        except BadInputError as error:
            raise error.inside(f"rules[{index}]") from None
        grouped.setdefault(form.text("requiredScenarioState") or STARTED, []).append(rule)
        if then:
            grouped.setdefault(then, [])
    if not any(grouped.values()):
        raise BadInputError("rules", "expected at least one rule", WIREMOCK_MEMBERS)
    return {name: State(name, tuple(found)) for name, found in grouped.items()}


def _rule(form: Form, apis: Sequence[Api]) -> FaultRule:
    kept = Form({name: form.raw(name) for name in _RULE if name in form}, _RULE)
    rule = FaultRule(read_target(kept, apis), read_when(_conditions(kept), 0.0), read_fault(kept))
    if rule.fault.word:
        refuse_undocumented(rule.fault, rule.target, apis)
    return rule


def _conditions(form: Form) -> Form:
    """Return the members with conditions; the states of the scenario give the interval."""
    return Form({name: form.raw(name) for name in WHEN_MEMBERS if name in form}, WHEN_MEMBERS)


def _actions(form: Form, apis: Sequence[Api]) -> list[ClockChange | LimitsChange]:
    made: list[ClockChange | LimitsChange] = []
    try:
        if "clock" in form:
            made.append(read_clock(form.raw("clock")))
    except BadInputError as error:
        raise error.inside("clock") from None
    limits = form.raw("limits")
    if limits is not None:
        try:
            members = Form(limits, ("key", "remaining", "monthly_remaining", "plan"))
            key = members.text("key") or EVERY_KEY
            rest = {name: value for name, value in limits.items() if name != "key"}
            made.append(read_limits(rest, key, tuple(apis)))
        except BadInputError as error:
            raise error.inside("limits") from None
    return made
