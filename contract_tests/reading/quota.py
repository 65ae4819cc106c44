"""The limits that an answer announces for its key, and the target's own time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from apicontract import Contract, Header
from contract_tests.model.clause import Ground, Guess
from contract_tests.reading.numbers import decimal, whole
from contract_tests.reading.records import instant_of
from contract_tests.reading.traffic import Traffic, View

JSON = Any
_COMMON = {
    "minute.limit": ("x-ratelimit-limit", "ratelimit-limit", "x-rate-limit-limit"),
    "minute.remaining": ("x-ratelimit-remaining", "ratelimit-remaining", "x-rate-limit-remaining"),
    "minute.reset": ("x-ratelimit-reset", "ratelimit-reset", "x-rate-limit-reset"),
    "retry-after": ("retry-after",),
}


def sources_of(contract: Contract) -> dict[str, Header]:
    """Return the header that carries each figure (`x-source`)."""
    found: dict[str, Header] = {}
    for operation in contract.operations:
        for response in operation.responses.values():
            for header in response.headers:
                if header.source:
                    found.setdefault(header.source, header)
    return found


def announced(contract: Contract, view: View, source: str) -> str | None:
    """Return the text of the header that carries a figure; by its common names where the contract does not say."""
    return announced_by(sources_of(contract), view.header, source)


def announced_by(sources: dict[str, Header], header: Callable[[str], str | None], source: str) -> str | None:
    """Return the text of the header that carries a figure."""
    if source in sources:
        return header(sources[source].name)
    return next((text for name in _COMMON.get(source, ()) if (text := header(name)) is not None), None)


@dataclass(frozen=True)
class Quota:
    """The limits that one answer announces."""

    view: View
    limit: int | None
    remaining: int | None
    used: int | None
    month: int | None
    total: int | None
    reset: str | None


def quotas_of(traffic: Traffic) -> dict[str, list[Quota]]:
    """Return what the answers to each key announced, in order."""
    sources = sources_of(traffic.contract)
    found: dict[str, list[Quota]] = defaultdict(list)
    for view in traffic.views:
        if not view.role or view.role.startswith("invalid") or view.exchange.response is None:
            continue
        texts = {
            name: announced_by(sources, view.header, name)
            for name in ("minute.limit", "minute.remaining", "month.used", "month.limit", "total.used", "minute.reset")
        }
        found[view.role].append(
            Quota(
                view,
                whole(texts["minute.limit"]),
                whole(texts["minute.remaining"]),
                whole(texts["month.used"]),
                whole(texts["month.limit"]),
                whole(texts["total.used"]),
                texts["minute.reset"],
            )
        )
    return found


def carrier_of(sources: dict[str, Header], source: str) -> Ground:
    """Return the header that carries a figure; a guess where only its usual name tells."""
    return sources.get(source) or Guess(f"that a header carries the figure {source} is taken from its usual name")


def server_now(view: View) -> float:
    """Return the target's own time: the timestamp of its answer, else its Date header, else our time."""
    body = view.json
    if isinstance(body, dict):
        error = body.get("error")
        for holder in (body, error if isinstance(error, dict) else {}):
            found = instant_of(holder.get("timestamp"))
            if found is not None:
                return found
    try:
        return parsedate_to_datetime(view.header("date") or "").timestamp()
    except (ValueError, OverflowError):
        return view.exchange.started


def reset_instant(header: Header, text: str) -> tuple[float | None, bool]:
    """Return the instant that a reset header names, and whether it is written in its unit."""
    unit = header.unit
    if unit in ("seconds", "milliseconds"):
        value = decimal(text)
        if value is None:
            return None, False
        is_milliseconds = value > 1e11
        return value / (1000 if is_milliseconds else 1), is_milliseconds == (unit == "milliseconds") and value > 1e8
    return instant_of(text), True
