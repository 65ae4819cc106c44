"""Servers that differ from the mock and keep the contract all the same: no finding may come of them."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.mutants.server import Call

JSON = Any
_INSTANT = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z$")
Change = Callable[[Call], Any]


@dataclass(frozen=True)
class Stranger:
    """A difference that is none. `settings`: other settings of the mock itself."""

    name: str
    after: Change | None = None
    before: Change | None = None
    scale: int = 1
    seed: int = 0


def deep(change: Callable[[JSON], JSON]) -> Callable[[JSON], JSON]:
    """The change, on every value of a body."""

    def walk(node: JSON) -> JSON:
        if isinstance(node, dict):
            return change({name: walk(value) for name, value in node.items()})
        if isinstance(node, list):
            return change([walk(value) for value in node])
        return change(node)

    return walk


def bodies(change: Callable[[JSON], JSON]) -> Change:
    """The change, on every JSON body."""

    def changed(call: Call) -> None:
        if call.data is not None:
            call.data = deep(change)(call.data)

    return changed


def _offset(value: JSON) -> JSON:
    match = _INSTANT.match(value) if isinstance(value, str) else None
    return f"{match[1]}{match[2] or ''}+00:00" if match else value


def _no_fraction(value: JSON) -> JSON:
    match = _INSTANT.match(value) if isinstance(value, str) else None
    return f"{match[1]}Z" if match else value


def _reworded(call: Call) -> None:
    if call.status >= 400 and isinstance(call.data, dict):
        error = call.data.get("error")
        if isinstance(error, dict):
            error["message"] = "Etwas stimmt nicht: 日本"
            error.pop("details", None)
        elif isinstance(error, str):
            call.data["error"] = "No."


def _compressed(call: Call) -> None:
    payload = json.dumps(call.data).encode() if call.data is not None else call.raw or b""
    call.raw, call.data = gzip.compress(payload), None
    call.out["content-encoding"] = "gzip"


def _pretty(call: Call) -> None:
    if call.data is not None:
        call.raw, call.data = json.dumps(call.data, indent=4, ensure_ascii=True).encode(), None
        call.out.pop("content-length", None)


def _as_enterprise(call: Call) -> None:
    if call.key == "zv_demo_pro":
        call.key = "zv_demo_enterprise"


def _other_plan(call: Call) -> None:
    """121 a minute, two million a month, wherever it is said."""
    out = call.out
    if out.get("x-ratelimit-limit") == "120":
        out.update(
            {
                "x-ratelimit-limit": "121",
                "x-ratelimit-remaining": str(int(out["x-ratelimit-remaining"]) + 1),
                "x-usage-limit": "2000000",
            }
        )
    if call.operation == "getUsage" and call.good and out.get("x-ratelimit-limit") == "121":
        usage = call.inner["usage"]
        usage["monthly_limit"] = 2_000_000
        if "monthly_remaining" in usage:
            usage["monthly_remaining"] = 2_000_000 - usage["monthly_requests"]
            call.inner["rate_limits"]["requests_per_minute"] = 121
            call.inner["subscription"]["tier"] = "agency"
        else:
            call.inner["plan"] = "agency"


def _another_client(call: Call) -> Any:
    """Now and then somebody else asks with the same key, between our requests."""
    dice = call.state.setdefault("dice", random.Random(7))
    return call.ask(query=[]) if call.key and call.good and dice.random() < 0.4 else None


def _constant_client(call: Call) -> Any:
    """Somebody else asks with the same key between any two of our requests."""
    return call.ask(query=[]) if call.key and call.good and "x-usage-monthly" in call.out else None


def _no_resources(call: Call) -> None:
    """An account without a single site."""
    if call.good and call.operation in ("listWebsites", "listSites"):
        for name in ("websites", "sites"):
            if name in call.inner:
                call.inner[name] = []
        if "total" in call.inner:
            call.inner["total"] = 0


def _quiet(call: Call) -> None:
    """An account whose only site has no traffic."""
    if call.good and call.operation in ("listWebsites", "listSites"):
        for name in ("websites", "sites"):
            if name in call.inner:
                call.inner[name] = call.inner[name][-1:]
        if "total" in call.inner:
            call.inner["total"] = 1


def _extra(value: JSON) -> JSON:
    return {**value, "extraMember": {"nested": [1, None, "x"]}, "x_debug": 0.5} if isinstance(value, dict) else value


def _extra_headers(call: Call) -> None:
    call.out.update(
        {
            "x-powered-by": "stranger",
            "vary": "Origin",
            "cache-control": "private",
            "set-cookie": "a=b; Path=/",
            "x-ratelimit-policy": "30;w=60",
        }
    )
    if "content-type" in call.out:
        call.out["content-type"] = "Application/JSON; charset=UTF-8"


def _slow(call: Call) -> None:
    """5 to 500 milliseconds for every answer."""
    call.wait(call.state.setdefault("dice", random.Random(3)).uniform(0.005, 0.5))


STRANGERS: tuple[Stranger, ...] = (
    Stranger("other-seed", seed=5),
    Stranger("other-scale", scale=7),
    Stranger("extra-members", after=bodies(_extra)),
    Stranger("extra-headers", after=_extra_headers),
    Stranger("other-order", after=bodies(lambda v: dict(reversed(v.items())) if isinstance(v, dict) else v)),
    Stranger("other-words", after=_reworded),
    Stranger("gzip", after=_compressed),
    Stranger("pretty", after=_pretty),
    Stranger("offset", after=bodies(_offset)),
    Stranger("no-fraction", after=bodies(_no_fraction)),
    Stranger("other-plan", after=_other_plan, before=_as_enterprise),
    Stranger("another-client", after=_another_client),
    Stranger("constant-client", after=_constant_client),
    Stranger("latency", before=_slow),
    Stranger("no-sites", after=_no_resources),
    Stranger("quiet-site", after=_quiet),
    Stranger("numbers-as-floats", after=bodies(lambda v: v + 0.0 if isinstance(v, float) else v)),
)
