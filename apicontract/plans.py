"""Plans and rate limits: `x-plans` and `x-rate-limit`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apicontract.provenance import INFERRED, Provenance, below, read_provenance


@dataclass(frozen=True, slots=True)
class Plan:
    """The limits of one plan. `per_month` None: no monthly quota."""

    name: str
    title: str
    per_minute: int
    per_month: int | None
    provenance: Provenance
    pointer: str = "#/x-plans"


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A fixed window, and the statuses that are not counted, each with its provenance.

    A page that names such a status means the monthly quota; that the window does not count it either is inferred.
    """

    window_seconds: int
    uncounted: Mapping[int, Provenance]
    provenance: Provenance


def read_plans(root: Mapping[str, Any]) -> dict[str, Plan]:
    """Read `x-plans` by plan name; empty if the document has none."""
    return {
        name: Plan(
            name=name,
            title=str(entry.get("title", name)),
            per_minute=int(entry["requests_per_minute"]),
            per_month=int(entry["requests_per_month"]) if entry.get("requests_per_month") is not None else None,
            provenance=read_provenance(entry),
            pointer=below("#", "x-plans", name),
        )
        for name, entry in (root.get("x-plans") or {}).items()
        if isinstance(entry, dict) and "requests_per_minute" in entry
    }


def read_rate_limit(root: Mapping[str, Any]) -> RateLimit | None:
    """Read `x-rate-limit`, or return None if the document has none."""
    entry = root.get("x-rate-limit")
    if not isinstance(entry, dict):
        return None
    raw = entry.get("uncounted", [401])
    sources = raw if isinstance(raw, dict) else dict.fromkeys(raw)
    uncounted = {int(status): read_provenance({"x-provenance": source}, INFERRED) for status, source in sources.items()}
    return RateLimit(int(entry.get("window_seconds", 60)), uncounted, read_provenance(entry))
