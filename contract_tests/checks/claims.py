"""Claims: where a body tells the figures or the plan of its own key, the headers tell the same."""

from __future__ import annotations

from collections.abc import Iterator

from apicontract import Header
from apicontract.provenance import weakest
from contract_tests.checks.judgement import Judgement
from contract_tests.checks.provenance import told_by
from contract_tests.reading.figures import Figures, figure_from, level_of
from contract_tests.reading.records import folded, instant_of, scalars_of
from contract_tests.reading.traffic import Traffic

_CLAIMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("minute.limit", ("requestsperminute", "minutelimit")),
    ("month.limit", ("monthlylimit",)),
    ("month.used", ("monthlyrequests", "requeststhismonth")),
    ("total.used", ("totalrequests",)),
    ("month.reset", ("monthlyresetat", "monthlyreset")),
    ("minute.used", ("requeststhisminute",)),
    ("month.remaining", ("monthlyremaining",)),
)


def claims(traffic: Traffic, sources: dict[str, Header], by_role: dict[str, list[Figures]]) -> Iterator[Judgement]:
    """What bodies say about their own key: its figures and its plan."""
    yield from _figures(traffic, sources, by_role)
    yield from _plan_named(traffic, sources, by_role)


def _figures(traffic: Traffic, sources: dict[str, Header], by_role: dict[str, list[Figures]]) -> Iterator[Judgement]:
    """Where a body tells the figures of its own key, it tells what its headers do."""
    by_number = {row.view.number: row for rows in by_role.values() for row in rows}
    for view in traffic.views:
        row = by_number.get(view.number)
        if row is None or not view.succeeded or not view.has_json or view.operation is None or view.resource:
            continue
        claims = {
            "minute.limit": row.limit,
            "month.limit": row.month,
            "month.used": row.used,
            "total.used": row.total,
            "minute.used": row.limit - row.remaining if row.limit is not None and row.remaining is not None else None,
            "month.remaining": max(0, row.month - row.used) if row.month is not None and row.used is not None else None,
            "month.reset": instant_of(figure_from(sources, view.header, "month.reset")),
        }
        for path, seen in scalars_of(view.json):
            for source, names in _CLAIMS:
                if not path or folded(path[-1]) not in names or claims[source] is None:
                    continue
                value = instant_of(seen) if source == "month.reset" else seen
                told = level_of(sources, source if source in sources else "minute.remaining")
                level = weakest(told_by(view.operation, view.status), told)
                yield Judgement(
                    "CT601",
                    view.operation.id,
                    f"{path[-1]} agrees",
                    f"{path[-1]} agrees with the headers",
                    level,
                    value == claims[source],
                    (view.number,),
                    f"{path[-1]} is {seen}, the headers say {claims[source]}",
                    claims[source],
                    seen,
                )


def _plan_named(traffic: Traffic, sources: dict[str, Header], by_role: dict[str, list[Figures]]) -> Iterator[Judgement]:
    """Where a body names a plan of the contract, the limits are that plan's."""
    plans = traffic.contract.plans
    for rows in by_role.values():
        for row in rows:
            view = row.view
            if not view.succeeded or not view.has_json or view.operation is None or view.resource:
                continue
            for path, value in scalars_of(view.json):
                if path and folded(path[-1]) in ("plan", "tier") and isinstance(value, str) and value.lower() in plans:
                    plan = plans[value.lower()]
                    told = level_of(sources, "minute.limit")
                    level = weakest(plan.provenance, told_by(view.operation, view.status), told)
                    right = row.limit in (None, plan.per_minute) and row.month in (None, plan.per_month)
                    yield Judgement(
                        "CT601",
                        view.operation.id,
                        "named plan",
                        "the limits are those of the named plan",
                        level,
                        right,
                        (view.number,),
                        f"the plan is {value}, the limits are {row.limit} a minute and {row.month} a month",
                        [plan.per_minute, plan.per_month],
                        [row.limit, row.month],
                    )
