"""`/__mock/faults` and `/__mock/scenarios`: the fault rules and scenarios of a space."""

from __future__ import annotations

from typing import Any

from apicontract.suggestion import suggest
from mockserver.clock import rfc3339
from mockserver.control.calls import Call, NotFoundError
from mockserver.faults.reading import read_rule
from mockserver.faults.rule import Armed
from mockserver.form import BadInputError, Form
from mockserver.scenarios.catalogue import ready_descriptions, ready_scenario
from mockserver.scenarios.fault_state import MAX_FAULTS, MAX_SCENARIOS, FaultState
from mockserver.scenarios.running import Running
from mockserver.scenarios.scenario import Scenario, read_scenario

JSON = Any


async def list_faults(call: Call) -> JSON:
    """List the fault rules, oldest first."""
    fault_state = call.pipeline.space.fault_state
    return {"faults": [_fault_json(armed) for armed in fault_state.faults] if fault_state is not None else []}


async def add_fault(call: Call) -> JSON:
    """Add a fault rule."""
    rule = read_rule(call.body, call.pipeline.apis, call.pipeline.space.clock.now())
    fault_state = _fault_state(call)
    if len(fault_state.faults) >= MAX_FAULTS:
        raise BadInputError("", f"the maximum of {MAX_FAULTS} faults is reached", ["DELETE /__mock/faults"])
    return _fault_json(fault_state.arm(rule))


async def clear_faults(call: Call) -> JSON:
    """Remove all fault rules; scenarios keep running."""
    call.refuse_body()
    fault_state = call.pipeline.space.fault_state
    if fault_state is not None:
        fault_state.faults.clear()
        _drop_empty_fault_state(call)
    return {"faults": []}


async def remove_fault(call: Call) -> JSON:
    """Remove a fault rule."""
    call.refuse_body()
    fault_state = call.pipeline.space.fault_state
    faults = fault_state.faults if fault_state is not None else []
    found = next((armed for armed in faults if armed.id == call.path["id"]), None)
    if found is None:
        raise NotFoundError("There is no such fault", [armed.id for armed in faults])
    faults.remove(found)
    _drop_empty_fault_state(call)
    return {"faults": [_fault_json(armed) for armed in faults]}


async def list_scenarios(call: Call) -> JSON:
    """List ready and custom scenarios, with the state of running ones."""
    fault_state = call.pipeline.space.fault_state
    named = ready_descriptions()
    if fault_state is not None:
        named |= {scenario.name: scenario.description for scenario in fault_state.defined.values()}
        named |= {name: running.scenario.description for name, running in fault_state.running.items()}
        for running in fault_state.running.values():
            await running.turn(call.pipeline.space, call.pipeline.apis, call.pipeline.space.clock.now())
    return {"scenarios": [_scenario_json(call, name, description) for name, description in named.items()]}


async def define_scenario(call: Call) -> JSON:
    """Add or replace a custom scenario without starting it."""
    scenario = read_scenario(call.body, "", call.pipeline.apis)
    if scenario.name in ready_descriptions():
        raise BadInputError("name", f"{scenario.name} is the name of a ready scenario", ["another name"])
    fault_state = _fault_state(call)
    if len(fault_state.defined) >= MAX_SCENARIOS:
        raise BadInputError("", f"the maximum of {MAX_SCENARIOS} scenarios is reached", ["POST /__mock/reset"])
    fault_state.defined[scenario.name] = scenario
    return _scenario_json(call, scenario.name, scenario.description)


async def start_scenario(call: Call) -> JSON:
    """Start or restart a scenario."""
    call.refuse_body()
    scenario = _find(call)
    running = Running(scenario)
    fault_state = call.pipeline.space.fault_state or FaultState()
    await running.start(call.pipeline.space, call.pipeline.apis)
    fault_state.running[scenario.name] = running
    call.pipeline.space.fault_state = fault_state
    return _scenario_json(call, scenario.name, scenario.description)


async def stop_scenario(call: Call) -> JSON:
    """Stop a scenario; limits and clock stay as it set them."""
    call.refuse_body()
    scenario = _find(call)
    fault_state = call.pipeline.space.fault_state
    if fault_state is not None:
        fault_state.running.pop(scenario.name, None)
        _drop_empty_fault_state(call)
    return _scenario_json(call, scenario.name, scenario.description)


async def set_state(call: Call) -> JSON:
    """Set the state of a scenario, as in WireMock."""
    scenario = _find(call)
    form = Form(call.body, ("state",))
    state = form.text("state", scenario.states)
    if not state:
        raise BadInputError("state", "state is missing", scenario.states)
    fault_state = call.pipeline.space.fault_state or FaultState()
    running = fault_state.running.get(scenario.name) or Running(scenario)
    await running.enter(state, call.pipeline.space, call.pipeline.apis, call.pipeline.space.clock.now())
    fault_state.running[scenario.name] = running
    call.pipeline.space.fault_state = fault_state
    return _scenario_json(call, scenario.name, scenario.description)


def _find(call: Call) -> Scenario:
    name, fault_state = call.path["name"], call.pipeline.space.fault_state
    if fault_state is not None and name in fault_state.defined:
        return fault_state.defined[name]
    if fault_state is not None and name in fault_state.running:
        return fault_state.running[name].scenario
    if name not in ready_descriptions():
        known = [*ready_descriptions(), *(fault_state.defined if fault_state else ())]
        raise NotFoundError(f"There is no scenario {name!r}{suggest(name, known)}", known)
    return ready_scenario(name, call.pipeline.apis)


def _fault_state(call: Call) -> FaultState:
    space = call.pipeline.space
    if space.fault_state is None:
        space.fault_state = FaultState()
    return space.fault_state


def _drop_empty_fault_state(call: Call) -> None:
    """Remove an empty fault state, so that requests take the fast path again."""
    space = call.pipeline.space
    if space.fault_state is not None and space.fault_state.is_empty:
        space.fault_state = None


def _fault_json(armed: Armed) -> JSON:
    rule = armed.rule
    when = rule.when
    return {
        "id": armed.id,
        "fault": str(rule.fault),
        "operations": sorted(rule.target.operations),
        "method": rule.target.method or None,
        "path": rule.target.path or None,
        "key": rule.target.key or None,
        "times": when.times,
        "every": when.every,
        "after": when.after,
        "probability": when.probability,
        "from": None if when.since is None else rfc3339(when.since),
        "until": None if when.until is None else rfc3339(when.until),
        "seen": armed.seen,
        "struck": armed.struck,
    }


def _scenario_json(call: Call, name: str, description: str) -> JSON:
    fault_state = call.pipeline.space.fault_state
    running = fault_state.running.get(name) if fault_state is not None else None
    states = list(running.scenario.states) if running is not None else None
    return {
        "name": name,
        "description": description,
        "running": running is not None,
        "state": running.state.name if running is not None else None,
        "possibleStates": states,
    }
