"""`/__mock/clock`, `limits`, `settings`, `reset`, `version`, `openapi.json`: the state of a space, and the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import yaml

from apicontract.document import PlainLoader
from apicontract.suggestion import suggest
from mockserver.clock import rfc3339
from mockserver.control.calls import Call, NotFoundError
from mockserver.dataset.accounts import Key
from mockserver.faults.reading import find_key_id, read_fault
from mockserver.form import BadInputError, Form
from mockserver.journal.redaction import key_label
from mockserver.limits.quota import Quota
from mockserver.pipeline.api import Api
from mockserver.scenarios.actions import list_keys, read_clock, read_limits, read_quota
from mockserver.scenarios.fault_state import FaultState

JSON = Any
_DELAYS = ("fixedDelayMilliseconds", "delayDistribution")


async def show_version(call: Call) -> JSON:
    """Show the version of the server and the served contracts."""
    return {"version": own_version(), "contracts": [api.contract.selector for api in call.mock.apis]}


def own_version() -> str:
    """Return the version of the package, "0" if it is not installed."""
    try:
        return version("analytics-mock")
    except PackageNotFoundError:
        return "0"


async def openapi(call: Call) -> JSON:
    """Show the OpenAPI document of the control API."""
    base = call.mock.settings.base_path
    return {**own_document(), "servers": [{"url": f"{base}/__mock"}]} if base else own_document()


@lru_cache(maxsize=1)
def own_document() -> Mapping[str, JSON]:
    """Return the OpenAPI document of the control API."""
    text = Path(__file__).with_name("openapi.yaml").read_text("utf-8")
    return dict(yaml.load(text, PlainLoader))  # noqa: S506 - a safe loader of the project's own


async def reset(call: Call) -> JSON:
    """Reset the space."""
    call.refuse_body()
    await call.mock.reset(call.pipeline)
    return {"reset": True, "now": rfc3339(call.pipeline.space.clock.now())}


async def show_clock(call: Call) -> JSON:
    """Show the mock's time."""
    clock = call.pipeline.space.clock
    return {"now": rfc3339(clock.now()), "frozen": clock.is_frozen}


async def change_clock(call: Call) -> JSON:
    """Freeze, advance, set or reset the clock."""
    read_clock(call.body).apply(call.pipeline.space.clock)
    return await show_clock(call)


async def list_limits(call: Call) -> JSON:
    """List the rate-limit counters of all keys."""
    return {
        "limits": [
            await _limits_json(call, api, key) for api, key in list_keys(call.pipeline.space, call.pipeline.apis)
        ]
    }


async def show_limits(call: Call) -> JSON:
    """Show the rate-limit counters of a key."""
    api, key = _key(call)
    return await _limits_json(call, api, key)


async def put_limits(call: Call) -> JSON:
    """Set a key's remaining requests and plan."""
    _, key = _key(call)
    await read_limits(call.body, key.id, tuple(call.pipeline.apis)).apply(call.pipeline.space, call.pipeline.apis)
    return await show_limits(call)


async def show_settings(call: Call) -> JSON:
    """Show the settings of the space and the number of test spaces."""
    settings, fault_state = call.pipeline.space.settings, call.pipeline.space.fault_state
    tests = await call.mock.store.count_tests(call.mock.tests)
    delay = fault_state.delay.delay if fault_state is not None and fault_state.delay is not None else None
    return {
        "rate_limit": settings.rate_limit,
        "refused_plans": sorted(settings.refused_plans),
        "delay": None if delay is None else str(delay),
        "tests": tests._asdict(),
    }


async def put_settings(call: Call) -> JSON:
    """Change the given settings of the space."""
    form = Form(call.body, ("rate_limit", "refused_plans", *_DELAYS))
    pipeline, space = call.pipeline, call.pipeline.space
    settings = space.settings
    rate_limit = form.boolean("rate_limit")
    if rate_limit is not None:
        settings = replace(settings, rate_limit=rate_limit)
    if "refused_plans" in form:
        plans = sorted({plan for api in pipeline.apis for plan in api.contract.plans})
        wanted = form.items("refused_plans")
        for plan in wanted:
            if plan not in plans:
                raise BadInputError("refused_plans", f"unknown plan {str(plan)[:80]!r}", plans)
        settings = replace(settings, refused_plans=frozenset(wanted))
    fault = read_fault(Form({name: form.raw(name) for name in _DELAYS if name in form}, _DELAYS))
    space.settings = settings
    if fault.delay is not None:
        fault_state = space.fault_state or FaultState()
        fault_state.delay = fault if fault.delay.kind != "fixed" or fault.delay.low else None
        space.fault_state = None if fault_state.is_empty else fault_state
    return await show_settings(call)


def _key(call: Call) -> tuple[Api, Key]:
    try:
        wanted = find_key_id(call.path["key"], call.pipeline.apis)
    except BadInputError as error:
        labels = [key_label(key.secret, call.mock.settings) for api in call.pipeline.apis for key in api.keys.values()]
        near = suggest(call.path["key"], labels)
        raise NotFoundError(f"There is no such key{near}", [*labels, *error.valid]) from None
    return next((api, key) for api, key in list_keys(call.pipeline.space, call.pipeline.apis) if key.id == wanted)


async def _limits_json(call: Call, api: Api, key: Key) -> JSON:
    quota = await read_quota(call.pipeline.space, api, key)
    return {
        "id": key.id,
        "key": key_label(key.secret, call.mock.settings),
        "contract": api.contract.selector,
        "plan": key.plan,
        "minute": None if quota is None else _minute(quota),
        "month": None if quota is None else _month(quota),
        "total": None if quota is None else quota.total_used,
    }


def _minute(quota: Quota) -> JSON:
    return {
        "limit": quota.minute_limit,
        "used": quota.minute_used,
        "remaining": quota.minute_remaining,
        "reset": rfc3339(quota.minute_reset),
    }


def _month(quota: Quota) -> JSON:
    limit = quota.month_limit
    return {
        "limit": limit,
        "used": quota.month_used,
        "remaining": None if limit is None else max(0, limit - quota.month_used),
        "reset": rfc3339(quota.month_reset),
    }
