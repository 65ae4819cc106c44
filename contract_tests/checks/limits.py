"""Limits: what is announced, what is counted, what is refused, and when it is given back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from apicontract import Contract, Header, Plan
from contract_tests.checks.bursts import EXACT, RECOVERY, burst, retry_after
from contract_tests.checks.claims import claims
from contract_tests.checks.counting import COUNTED, counting, moves_by_one
from contract_tests.checks.guard import guarded
from contract_tests.checks.resets import IN_ITS_WINDOW, resets
from contract_tests.model.clause import Clause, Judgement
from contract_tests.reading.quota import Quota, carrier_of, quotas_of, sources_of
from contract_tests.reading.traffic import Traffic, View

CONSTANT = Clause("CT601", "{source} constant", "the limit of a key is the same in every answer")
ONE_PLAN = Clause("CT601", "plan", "the limits are those of one plan")
OF_THE_PLAN = Clause("CT601", "plan {title}", "{title} allows {limit} requests a minute")
IN_BOUNDS = Clause("CT603", "remaining", "remaining is between zero and the limit")
NOT_REFUSED = Clause("CT606", "rate", "no request is refused for its rate while requests remain")


@guarded
def judge(traffic: Traffic) -> Iterator[Judgement]:
    """Judge everything about limits that the traffic shows."""
    sources = sources_of(traffic.contract)
    by_role = quotas_of(traffic)
    for role, rows in by_role.items():
        yield from _constant(sources, rows)
        yield from _plan(traffic.contract, sources, role, rows)
        yield from _bounds(sources, rows)
        for counted in COUNTED:
            yield from counting(traffic.contract, sources, rows, counted)
        yield from _refusals(sources, rows)
    for view in traffic.views:
        yield from resets(traffic.contract, sources, view)
    yield from claims(traffic, sources, by_role)
    yield from retry_after(traffic, sources)
    yield from burst(traffic, sources, by_role)


@guarded
def _constant(sources: dict[str, Header], rows: Sequence[Quota]) -> Iterator[Judgement]:
    for source in ("minute.limit", "month.limit"):
        seen: dict[int, View] = {}
        for row in rows:
            value = row.limit if source == "minute.limit" else row.month
            if value is not None:
                seen.setdefault(value, row.view)
        if seen:
            yield CONSTANT.about(None, carrier_of(sources, source), source=source).holds(
                len(seen) == 1,
                *list(seen.values())[:2],
                message=f"the limit of one key is {' and '.join(map(str, seen))}",
                expected=next(iter(seen)),
                seen=list(seen)[-1],
            )


@guarded
def _plan(contract: Contract, sources: dict[str, Header], role: str, rows: Sequence[Quota]) -> Iterator[Judgement]:
    """Judge the limits of a key by the plan it must have, or by the plans that the contract knows."""
    limits = {row.limit: row for row in reversed(rows) if row.limit is not None}
    months = {row.month for row in rows if row.month is not None}
    plans = contract.plans
    if role == "main" and len(plans) == 1:
        plan = next(iter(plans.values()))
        yield from _of_the_plan(plan, plan.title, plan.per_minute, limits)
    if role == "free" and "free" in plans:
        yield from _of_the_plan(plans["free"], "Free", plans["free"].per_minute, limits)
    if len(limits) == 1 and len(months) == 1 and len(plans) > 1:
        minute, month = next(iter(limits)), next(iter(months))
        known = {(plan.per_minute, plan.per_month) for plan in plans.values()}
        if minute in {pair[0] for pair in known} and month in {pair[1] for pair in known}:
            facts = (*plans.values(), carrier_of(sources, "minute.limit"))
            yield ONE_PLAN.about(None, *facts).holds(
                (minute, month) in known,
                next(iter(limits.values())).view,
                message=f"{minute} a minute and {month} a month are limits of different plans",
                seen=[minute, month],
            )


def _of_the_plan(plan: Plan, title: str, wanted: int, limits: dict[int, Quota]) -> Iterator[Judgement]:
    for limit, row in limits.items():
        yield OF_THE_PLAN.about(None, plan, title=title, limit=wanted).holds(
            limit == wanted,
            row.view,
            message=f"the limit is {limit}, the plan {title} allows {wanted}",
            expected=wanted,
            seen=limit,
        )


@guarded
def _bounds(sources: dict[str, Header], rows: Sequence[Quota]) -> Iterator[Judgement]:
    for row in rows:
        if row.remaining is not None:
            yield IN_BOUNDS.about(row.view.operation, carrier_of(sources, "minute.remaining")).holds(
                row.remaining >= 0 and (row.limit is None or row.remaining <= row.limit),
                row.view,
                message=f"remaining is {row.remaining} of {row.limit}",
                expected=f"0 to {row.limit}",
                seen=row.remaining,
            )


@guarded
def _refusals(sources: dict[str, Header], rows: Sequence[Quota]) -> Iterator[Judgement]:
    """Judge a 429 although requests remain, by the answer itself or by the one before it."""
    before: Quota | None = None
    for row in rows:
        view = row.view
        clause = NOT_REFUSED.about(view.operation, carrier_of(sources, "minute.remaining"))
        if view.status != 429 or view.role == "exhausted":
            before = row
            if view.succeeded:
                yield clause.holds(True, view)
            continue
        left = row.remaining if row.remaining is not None else before.remaining if before else None
        month_over = row.used is not None and row.month is not None and row.used >= row.month
        if left is not None and left > 0 and not month_over:
            message = f"answered 429 with {left} requests remaining"
            yield clause.holds(False, view, message=message, expected="an answer", seen=429)


def universe(contract: Contract) -> Iterator[Clause]:
    """List every clause of this family that the contract holds."""
    sources = sources_of(contract)
    for counted in COUNTED:
        if counted.source in sources:
            yield moves_by_one(counted, sources)
    for source in ("minute.reset", "month.reset"):
        if source in sources:
            header = sources[source]
            yield IN_ITS_WINDOW.about(None, header, source=source, name=header.name)
    if "minute.remaining" in sources and contract.rate_limit:
        first = next(operation for operation in contract.operations if operation.security)
        yield EXACT.about(first, sources["minute.remaining"])
        yield RECOVERY.about(first, carrier_of(sources, "retry-after"))
