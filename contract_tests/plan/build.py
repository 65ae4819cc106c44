"""A plan: steps in order, what cannot be sent and why, what the budget leaves out, and how long it takes."""

from __future__ import annotations

from contract_tests.model.options import AUTO, Options
from contract_tests.plan.order import ordered
from contract_tests.plan.probes import probes
from contract_tests.plan.step import Plan, Skipped, Step
from contract_tests.plan.tracking import minutes_of_tracking

RESERVE = 8
"""Requests held back to reproduce findings."""
USUAL = 120
"""Requests that `auto` allows at least: what a plan does not need is spent on what it can do without."""
TRACKING = 28
"""Requests of the tracking sequence."""
BURST = 70
"""Requests that spend a limit of the usual size."""
FUZZ = 120
"""Generated requests that `auto` allows."""


def build(options: Options) -> Plan:
    """Return the plan of a run. Nothing is sent."""
    steps = probes(options) if "probe" in options.phases else []
    reasons = [_obstacle(step, options) for step in steps]
    skipped = [Skipped(step, reason) for step, reason in zip(steps, reasons, strict=True) if reason]
    # the order is that of the steps that can be sent: the others reveal nothing
    wanted = ordered([step for step, reason in zip(steps, reasons, strict=True) if not reason], options.contract)
    room = _needed(wanted, options) if options.max_requests == AUTO else max(1, options.max_requests)
    notes = []
    if options.bursts:
        notes.append("burst: requests to one operation until the first 429, then the wait that it demands")
    least = minutes_of_tracking(options.contract) if options.writes else 0.0
    if least:
        notes.append(
            "write: page views and a heartbeat of two sessions, "
            f"{least:.1f} minutes until they end, while the other requests are sent"
        )
    if "fuzz" in options.phases:
        notes.append("fuzz: generated queries, ids, keys and, with write, bodies, with what is left of the budget")
    chosen, beyond = _within(wanted, room)
    minutes = max(least, minutes_of(chosen, options))
    return Plan(tuple(chosen), tuple(skipped), tuple(beyond), minutes, len(chosen), tuple(notes), room)


def _needed(steps: list[Step], options: Options) -> int:
    """Return the requests of a complete run: the plan's own, those that reproduce findings, the phases asked for."""
    tracks = options.writes and minutes_of_tracking(options.contract) > 0
    phases = TRACKING * tracks + BURST * options.bursts + FUZZ * ("fuzz" in options.phases)
    return max(USUAL, sum(step.essential for step in steps) + 2 * RESERVE) + phases


def _within(steps: list[Step], room: int) -> tuple[list[Step], list[Step]]:
    """Split the steps into those that the budget allows and the rest; steps that a complete run needs come first."""
    spare = room - sum(step.essential for step in steps)
    if spare < 0:
        return steps[:room], steps[room:]
    extras = [step for step in steps if not step.essential]
    left_out = {id(step) for step in extras[spare:]}
    return [step for step in steps if id(step) not in left_out], extras[spare:]


def _obstacle(step: Step, options: Options) -> str:
    role = "main" if step.role.startswith("invalid") else step.role
    if role and role not in options.keys:
        return "needs a key (--api-key)" if role == "main" else f"needs a key for the role {role!r} (--key {role}=…)"
    return ""


def minutes_of(steps: list[Step], options: Options) -> float:
    """Return the minutes at the pace of the options; with `auto`, at that of the contract's second smallest plan."""
    if options.rate == "off":
        return 0.0
    if options.rate != "auto":
        number, _, unit = options.rate.partition("/")
        return len(steps) / (float(number) * (60 if unit == "s" else 1))
    limits = sorted(plan.per_minute for plan in options.contract.plans.values())
    pace = limits[min(1, len(limits) - 1)] if limits else 60
    return sum(1 for step in steps if step.role == "main") / pace
