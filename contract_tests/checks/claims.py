"""Claims: where a body tells the figures or the plan of its own key, the headers tell the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from apicontract import Header
from contract_tests.checks.guard import guarded
from contract_tests.checks.provenance import answer_facts
from contract_tests.model.clause import Clause, Guess, Judgement
from contract_tests.reading.quota import Quota, announced_by, carrier_of
from contract_tests.reading.records import folded, instant_of, scalars_of
from contract_tests.reading.traffic import Traffic

JSON = Any
AGREES = Clause("CT601", "{member} agrees", "{member} agrees with the headers")
NAMED_PLAN = Clause("CT601", "named plan", "the limits are those of the named plan")
_NAMED = Guess("what the member tells is taken from its name")
_CLAIMS: Mapping[str, str] = {
    "requestsperminute": "minute.limit",
    "minutelimit": "minute.limit",
    "monthlylimit": "month.limit",
    "monthlyrequests": "month.used",
    "requeststhismonth": "month.used",
    "totalrequests": "total.used",
    "monthlyresetat": "month.reset",
    "monthlyreset": "month.reset",
    "requeststhisminute": "minute.used",
    "monthlyremaining": "month.remaining",
}
"""Names of members, folded, and the figure that each tells."""


@guarded
def claims(traffic: Traffic, sources: dict[str, Header], by_role: dict[str, list[Quota]]) -> Iterator[Judgement]:
    """Judge what bodies say about their own key: its figures, in the order of the requests, then its plan."""
    own = {row.view.number: row for rows in by_role.values() for row in rows if _is_about_its_key(row)}
    for view in traffic.views:
        if view.number in own:
            yield from _figures(sources, own[view.number])
    for row in own.values():
        yield from _plan_named(traffic, sources, row)


def _is_about_its_key(row: Quota) -> bool:
    view = row.view
    return view.succeeded and view.has_json and view.operation is not None and not view.resource


def _figures(sources: dict[str, Header], row: Quota) -> Iterator[Judgement]:
    told = _told(sources, row)
    view = row.view
    for path, seen in scalars_of(view.json):
        source = _CLAIMS.get(folded(path[-1]), "") if path else ""
        wanted = told.get(source)
        if wanted is None or view.operation is None:
            continue
        carrier = carrier_of(sources, source if source in sources else "minute.remaining")
        facts = (*answer_facts(view.operation, view.status), carrier, _NAMED)
        yield AGREES.about(view.operation, *facts, member=path[-1]).holds(
            (instant_of(seen) if source == "month.reset" else seen) == wanted,
            view,
            message=f"{path[-1]} is {seen}, the headers say {wanted}",
            expected=wanted,
            seen=seen,
        )


def _told(sources: dict[str, Header], row: Quota) -> Mapping[str, JSON]:
    """Return the figures that the headers of an answer tell, by source."""
    return {
        "minute.limit": row.limit,
        "month.limit": row.month,
        "month.used": row.used,
        "total.used": row.total,
        "minute.used": row.limit - row.remaining if row.limit is not None and row.remaining is not None else None,
        "month.remaining": max(0, row.month - row.used) if row.month is not None and row.used is not None else None,
        "month.reset": instant_of(announced_by(sources, row.view.header, "month.reset")),
    }


def _plan_named(traffic: Traffic, sources: dict[str, Header], row: Quota) -> Iterator[Judgement]:
    """Judge that where a body names a plan of the contract, the limits are that plan's."""
    plans, view = traffic.contract.plans, row.view
    for path, value in scalars_of(view.json):
        if not path or folded(path[-1]) not in ("plan", "tier") or not isinstance(value, str):
            continue
        plan = plans.get(value.lower())
        if plan is not None and view.operation is not None:
            facts = (plan, *answer_facts(view.operation, view.status), carrier_of(sources, "minute.limit"), _NAMED)
            yield NAMED_PLAN.about(view.operation, *facts).holds(
                row.limit in (None, plan.per_minute) and row.month in (None, plan.per_month),
                view,
                message=f"the plan is {value}, the limits are {row.limit} a minute and {row.month} a month",
                expected=[plan.per_minute, plan.per_month],
                seen=[row.limit, row.month],
            )
