"""Choose the fault that applies to a request."""

from __future__ import annotations

from mockserver.faults.documented import is_applicable
from mockserver.faults.fault import Fault
from mockserver.faults.rule import Armed
from mockserver.pipeline.api import Endpoint
from mockserver.pipeline.pipeline import Pipeline
from mockserver.pipeline.request import Request
from mockserver.scenarios.fault_state import FaultState
from mockserver.scenarios.running import Running
from mockserver.state.space import Space


async def advance_scenarios(pipeline: Pipeline[Space]) -> None:
    """Advance the scenarios after a request was answered."""
    state = pipeline.space.fault_state
    for running in state.running.values() if state is not None else ():
        await running.settle(pipeline.space, pipeline.apis)


async def choose_fault(
    state: FaultState, pipeline: Pipeline[Space], request: Request, endpoint: Endpoint, own: Fault, seconds: float
) -> tuple[Fault, float]:
    """Return the fault that applies to a request and the delay of its answer in seconds.

    `own` is the fault that the request asked for itself; it and its delay `seconds` take precedence. Rules with a
    target come before those for every request, faults before scenarios, older before newer. A rule that cannot add
    anything is skipped and does not count the request.
    """
    now = pipeline.space.clock.now()
    known = pipeline.identify(request).key
    key = known.id if known is not None else ""
    for each in state.running.values():
        await each.turn(pipeline.space, pipeline.apis, now)
    candidates: list[tuple[bool, Armed, Running | None]] = [
        (armed.rule.target.narrow, armed, None) for armed in state.faults
    ]
    for each in state.running.values():
        candidates += [(armed.rule.target.narrow, armed, each) for armed in each.rules]
    fault, moved = own, set[str]()
    for narrow in (True, False):
        for is_narrow, armed, running in candidates:
            rule = armed.rule
            if (
                is_narrow is not narrow
                or (running is not None and running.scenario.name in moved)
                or not rule.when.covers(now)
                or not rule.target.matches(request, endpoint.operation.id, key)
                or not _adds(rule.fault, fault, running is not None)
                or not is_applicable(rule.fault, endpoint)
            ):
                continue
            if armed.strike():
                if fault.delay is None and rule.fault.delay is not None:
                    seconds = rule.fault.delay.sample(rule.fault.seed, armed.struck)
                fault = fault.over(rule.fault)
            if running is not None:
                moved.add(running.scenario.name)
                running.passed(armed, now)
    if state.delay is not None and state.delay.delay is not None and fault.delay is None:
        state.delayed += 1
        seconds = state.delay.delay.sample(state.delay.seed, state.delayed)
        fault = fault.over(state.delay)
    return fault, seconds


def _adds(other: Fault, fault: Fault, in_scenario: bool) -> bool:
    """Return whether a rule would add to the fault. In a scenario a rule without a fault adds: it counts requests."""
    if other.word:
        return not fault.word
    if other.delay is not None:
        return fault.delay is None
    if other.dribble is not None:
        return fault.dribble is None
    return in_scenario and not fault.word
