"""Limits: what is announced, what is counted, what is refused, and when it is given back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from apicontract import Contract, Header
from apicontract.provenance import Provenance, weakest
from contract_tests.checks.bursts import burst, retry_after
from contract_tests.checks.claims import claims
from contract_tests.checks.counting import counting
from contract_tests.checks.judgement import Judgement
from contract_tests.checks.resets import resets
from contract_tests.reading.figures import Figures, figures_of, level_of, sources_of
from contract_tests.reading.traffic import Traffic, View

JSON = Any
_Pick = Callable[[Figures], int | None]
_COUNTED: tuple[tuple[str, str, _Pick, int, _Pick], ...] = (
    ("CT602", "minute.remaining", lambda row: row.remaining, -1, lambda row: row.used),
    ("CT604", "month.used", lambda row: row.used, 1, lambda row: row.remaining),
    ("CT604", "total.used", lambda row: row.total, 1, lambda row: row.used),
)
"""Check, source, the figure, the direction it moves in, and the figure that another client would move as far."""


def judge(traffic: Traffic) -> Iterator[Judgement]:
    """Everything about limits that the traffic shows."""
    sources = sources_of(traffic.contract)
    by_role = figures_of(traffic)
    for role, rows in by_role.items():
        yield from _constant(traffic.contract, sources, role, rows)
        yield from _bounds(sources, rows)
        for code, source, pick, direction, companion in _COUNTED:
            yield from counting(traffic.contract, sources, rows, code, source, pick, direction, companion)
        yield from _refusals(sources, rows)
    for view in traffic.views:
        yield from resets(traffic.contract, sources, view)
    yield from claims(traffic, sources, by_role)
    yield from retry_after(traffic, sources)
    yield from burst(traffic, sources)


def _constant(
    contract: Contract, sources: dict[str, Header], role: str, rows: Sequence[Figures]
) -> Iterator[Judgement]:
    for source in ("minute.limit", "month.limit"):
        seen: dict[int, View] = {}
        for row in rows:
            value = row.limit if source == "minute.limit" else row.month
            if value is not None:
                seen.setdefault(value, row.view)
        if not seen:
            continue
        views = list(seen.values())
        yield Judgement(
            "CT601",
            "",
            f"{source} constant",
            "the limit of a key is the same on every answer",
            level_of(sources, source),
            len(seen) == 1,
            tuple(view.number for view in views[:2]),
            f"the limit of one key is {' and '.join(map(str, seen))}",
            next(iter(seen)),
            list(seen)[-1],
        )
    limits = {row.limit: row for row in reversed(rows) if row.limit is not None}
    months = {row.month for row in rows if row.month is not None}
    plans = contract.plans
    if role == "main" and len(plans) == 1 and limits:
        plan = next(iter(plans.values()))
        yield from _fits(plan.provenance, plan.title, plan.per_minute, limits)
    if role == "free" and "free" in plans and limits:
        yield from _fits(plans["free"].provenance, "Free", plans["free"].per_minute, limits)
    if len(limits) == 1 and len(months) == 1 and len(plans) > 1:
        minute, month = next(iter(limits)), next(iter(months))
        known = {plan.per_minute for plan in plans.values()}, {plan.per_month for plan in plans.values()}
        if minute in known[0] and month in known[1]:
            right = any(plan.per_minute == minute and plan.per_month == month for plan in plans.values())
            level = weakest(*(plan.provenance for plan in plans.values()), level_of(sources, "minute.limit"))
            yield Judgement(
                "CT601",
                "",
                "plan",
                "the limits are those of one plan",
                level,
                right,
                (next(iter(limits.values())).view.number,),
                f"{minute} a minute and {month} a month are limits of different plans",
                None,
                [minute, month],
            )


def _fits(level: Provenance, title: str, wanted: int, limits: dict[int, Figures]) -> Iterator[Judgement]:
    for limit, row in limits.items():
        yield Judgement(
            "CT601",
            "",
            f"plan {title}",
            f"{title} allows {wanted} requests a minute",
            level,
            limit == wanted,
            (row.view.number,),
            f"the limit is {limit}, the plan {title} allows {wanted}",
            wanted,
            limit,
        )


def _bounds(sources: dict[str, Header], rows: Sequence[Figures]) -> Iterator[Judgement]:
    for row in rows:
        if row.remaining is None:
            continue
        right = row.remaining >= 0 and (row.limit is None or row.remaining <= row.limit)
        name = row.view.operation.id if row.view.operation else ""
        yield Judgement(
            "CT603",
            name,
            "remaining",
            "remaining lies between zero and the limit",
            level_of(sources, "minute.remaining"),
            right,
            (row.view.number,),
            f"remaining is {row.remaining} of {row.limit}",
            f"0 to {row.limit}",
            row.remaining,
        )


def _refusals(sources: dict[str, Header], rows: Sequence[Figures]) -> Iterator[Judgement]:
    """A 429 although requests remain."""
    before: Figures | None = None
    for row in rows:
        view = row.view
        name = view.operation.id if view.operation else ""
        if view.status == 429 and view.role != "exhausted":
            left = row.remaining if row.remaining is not None else before.remaining if before else None
            month_over = row.used is not None and row.month is not None and row.used >= row.month
            if left is not None and left > 0 and not month_over:
                yield Judgement(
                    "CT606",
                    name,
                    "rate",
                    "no request is refused for its rate while requests remain",
                    level_of(sources, "minute.remaining"),
                    False,
                    (view.number,),
                    f"answered 429 with {left} requests remaining",
                    "an answer",
                    429,
                )
        else:
            if view.succeeded:
                yield Judgement(
                    "CT606",
                    name,
                    "rate",
                    "no request is refused for its rate while requests remain",
                    level_of(sources, "minute.remaining"),
                    True,
                    (view.number,),
                )
            before = row


def universe(contract: Contract) -> Iterator[Judgement]:
    """Every clause of this family that the contract holds."""
    sources = sources_of(contract)
    for source, code in (("minute.remaining", "CT602"), ("month.used", "CT604"), ("total.used", "CT604")):
        if source in sources:
            yield Judgement(
                code,
                "",
                source,
                f"{sources[source].name} moves by one with every counted request",
                sources[source].provenance,
                None,
            )
    for source in ("minute.reset", "month.reset"):
        if source in sources:
            name = sources[source].name
            yield Judgement(
                "CT605",
                "",
                source,
                f"{name} lies in the future, no farther than its window",
                sources[source].provenance,
                None,
            )
    if "minute.remaining" in sources and contract.rate_limit:
        first = next(operation.id for operation in contract.operations if operation.security)
        yield Judgement(
            "CT608",
            first,
            "limit",
            "exactly as many requests succeed as remain",
            sources["minute.remaining"].provenance,
            None,
        )
        yield Judgement(
            "CT609",
            first,
            "recovery",
            "after Retry-After requests succeed again",
            level_of(sources, "retry-after"),
            None,
        )
