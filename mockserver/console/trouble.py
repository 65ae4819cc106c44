"""The clock, the scenarios and the faults: what a person sets to go wrong."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from mockserver.clock import rfc3339
from mockserver.console.page import show
from mockserver.console.served import is_status, named_keys, operation_ids
from mockserver.console.visit import Done, Visit
from mockserver.control import faults
from mockserver.control.calls import execute
from mockserver.control.space import change_clock as set_clock
from mockserver.faults.fault import ERROR, WORDS
from mockserver.form import BadInputError

JSON = Any
_CLOCK: dict[str, JSON] = {
    "freeze": {"action": "freeze"},
    "unfreeze": {"action": "unfreeze"},
    "minute": {"action": "advance", "seconds": 60},
    "day": {"action": "advance", "seconds": 86_400},
    "next-month": {"action": "set", "at": "next-month"},
    "reset": {"action": "reset"},
}
_NUMBERS = {"times": int, "every": int, "probability": float, "retry_after": int, "fixedDelayMilliseconds": float}
_TEXTS = ("operation", "key", "fault", "error")


async def page(visit: Visit) -> Response:
    """Clock, scenarios, faults."""
    scenarios = (await execute(faults.list_scenarios, visit.call(), reads=True))["scenarios"]
    armed = (await execute(faults.list_faults, visit.call(), reads=True))["faults"]
    words = [word for word in WORDS if word != ERROR]
    return show(
        visit,
        "trouble.html",
        "trouble",
        scenarios=sorted(scenarios, key=lambda scenario: not scenario["running"]),
        faults=armed,
        words=words,
        operations=operation_ids(visit),
        keys=named_keys(visit),
        typed=visit.form if visit.alert else {},
    )


async def change_clock(visit: Visit) -> Done:
    """Freeze it, let it go on, move it."""
    wanted, at = visit.form.get("do", ""), visit.form.get("at", "").strip()
    if wanted == "set":
        body: JSON = {"action": "set", "at": at if "T" not in at or at.endswith("Z") else f"{at}Z"}
    elif wanted in _CLOCK:
        body = _CLOCK[wanted]
    else:
        raise BadInputError("do", "no button of this page says so", list(_CLOCK))
    await execute(set_clock, visit.call(body=body))
    clock = visit.pipeline.space.clock
    return Done(f"The clock says {rfc3339(clock.now())}{' and stands still' if clock.is_frozen else ''}.")


async def switch(visit: Visit) -> Done:
    """Start a scenario, or stop it."""
    name, turned = visit.path["name"], visit.path["switch"]
    call = visit.call({"name": name})
    if turned == "on":
        await execute(faults.start_scenario, call)
        return Done(f"{name} runs.")
    if turned == "off":
        await execute(faults.stop_scenario, call)
        return Done(f"{name} goes on no further; what it has set stays.")
    raise BadInputError("switch", "a switch is on or off", ["on", "off"])


async def add_fault(visit: Visit) -> Done:
    """Set one more fault, from a form whose empty fields say nothing."""
    body: dict[str, JSON] = {name: visit.form[name].strip() for name in _TEXTS if visit.form.get(name, "").strip()}
    for name, kind in _NUMBERS.items():
        text = visit.form.get(name, "").strip()
        if text:
            body[name] = _figure(name, text, kind)
    error = body.get("error", "")
    if is_status(error):
        del body["error"]
        body["status"] = int(error)
    made = await execute(faults.add_fault, visit.call(body=body))
    return Done(f"The fault {made['fault']} is set.")


async def remove_fault(visit: Visit) -> Done:
    """Forget one."""
    await execute(faults.remove_fault, visit.call({"id": visit.path["id"]}))
    return Done("The fault is gone.")


async def clear_faults(visit: Visit) -> Done:
    """Forget all."""
    await execute(faults.clear_faults, visit.call())
    return Done("No fault is set any more.")


def _figure(name: str, text: str, kind: type[int] | type[float]) -> JSON:
    try:
        return kind(text)
    except ValueError:
        raise BadInputError(name, f"{name} {text[:40]!r} is no number", ["a number"]) from None
