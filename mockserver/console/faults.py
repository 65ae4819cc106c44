"""The page with the clock, the faults and the scenarios."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from mockserver.clock import rfc3339
from mockserver.console.context import ActionResult, PageContext
from mockserver.console.page import show
from mockserver.console.served import is_status, named_keys, operation_ids
from mockserver.control import faults as control
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


async def page(context: PageContext) -> Response:
    """Return the page."""
    scenarios = (await execute(control.list_scenarios, context.call(), reads=True))["scenarios"]
    armed = (await execute(control.list_faults, context.call(), reads=True))["faults"]
    words = [word for word in WORDS if word != ERROR]
    return show(
        context,
        "faults.html",
        "faults",
        scenarios=scenarios,
        faults=armed,
        labels={key.id: key.label for key in named_keys(context)},
        words=words,
        operations=operation_ids(context),
        keys=named_keys(context),
        typed=context.form if context.alert else {},
    )


async def change_clock(context: PageContext) -> ActionResult:
    """Freeze, unfreeze, move or reset the clock."""
    wanted, at = context.form.get("do", ""), context.form.get("at", "").strip()
    if wanted == "set":
        body: JSON = {"action": "set", "at": at if "T" not in at or at.endswith("Z") else f"{at}Z"}
    elif wanted in _CLOCK:
        body = _CLOCK[wanted]
    else:
        raise BadInputError("do", "there is no such action", list(_CLOCK))
    await execute(set_clock, context.call(body=body))
    clock = context.pipeline.space.clock
    return ActionResult(f"The clock is at {rfc3339(clock.now())}{' (frozen)' if clock.is_frozen else ''}.")


async def switch(context: PageContext) -> ActionResult:
    """Start or stop a scenario."""
    name, turned = context.path["name"], context.path["switch"]
    call = context.call({"name": name})
    if turned == "on":
        await execute(control.start_scenario, call)
        return ActionResult(f"{name} is running.")
    if turned == "off":
        await execute(control.stop_scenario, call)
        return ActionResult(f"{name} is stopped; its changes of clock and limits remain.")
    raise BadInputError("switch", "expected on or off", ["on", "off"])


async def add_fault(context: PageContext) -> ActionResult:
    """Set a fault; empty fields of the form are left out."""
    body: dict[str, JSON] = {name: context.form[name].strip() for name in _TEXTS if context.form.get(name, "").strip()}
    for name, kind in _NUMBERS.items():
        text = context.form.get(name, "").strip()
        if text:
            body[name] = _number(name, text, kind)
    error = body.get("error", "")
    if is_status(error):
        del body["error"]
        body["status"] = int(error)
    made = await execute(control.add_fault, context.call(body=body))
    return ActionResult(f"The fault {made['fault']} is set.")


async def remove_fault(context: PageContext) -> ActionResult:
    """Remove a fault."""
    await execute(control.remove_fault, context.call({"id": context.path["id"]}))
    return ActionResult("The fault was removed.")


async def clear_faults(context: PageContext) -> ActionResult:
    """Remove all faults."""
    await execute(control.clear_faults, context.call())
    return ActionResult("All faults were removed.")


def _number(name: str, text: str, kind: type[int] | type[float]) -> JSON:
    try:
        return kind(text)
    except ValueError:
        raise BadInputError(name, f"{name} {text[:40]!r} is not a number", ["a number"]) from None
