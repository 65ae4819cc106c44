"""Limits: what is announced, what is counted, what is refused, and when it is given back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import Any

from contract_tests.checks.judgement import Judgement, weakest
from contract_tests.checks.records import folded, scalars_of
from contract_tests.checks.traffic import Traffic, View
from mockserver.contract import Contract, Header
from mockserver.contract.provenance import DOCUMENTED, INFERRED, Provenance

JSON = Any
_COMMON = {
    "minute.limit": ("x-ratelimit-limit", "ratelimit-limit", "x-rate-limit-limit"),
    "minute.remaining": ("x-ratelimit-remaining", "ratelimit-remaining", "x-rate-limit-remaining"),
    "minute.reset": ("x-ratelimit-reset", "ratelimit-reset", "x-rate-limit-reset"),
    "retry-after": ("retry-after",),
}
_SLACK = 5.0
_ENOUGH = 4


def sources_of(contract: Contract) -> dict[str, Header]:
    """Which header carries which figure (`x-source`)."""
    found: dict[str, Header] = {}
    for operation in contract.operations:
        for response in operation.responses.values():
            for header in response.headers:
                if header.source:
                    found.setdefault(header.source, header)
    return found


def figure(contract: Contract, view: View, source: str) -> str | None:
    """The text of the header that carries a figure; by its common names where the contract does not say."""
    return figure_from(sources_of(contract), view.header, source)


def figure_from(sources: dict[str, Header], header: Callable[[str], str | None], source: str) -> str | None:
    """The text of the header that carries a figure."""
    if source in sources:
        return header(sources[source].name)
    return next((text for name in _COMMON.get(source, ()) if (text := header(name)) is not None), None)


@dataclass(frozen=True)
class Figures:
    """The limits one answer announces."""

    view: View
    limit: int | None
    remaining: int | None
    used: int | None
    month: int | None
    total: int | None
    reset: str | None


def _int(text: str | None) -> int | None:
    try:
        return int(text) if text is not None else None
    except ValueError:
        return None


def figures_of(traffic: Traffic) -> dict[str, list[Figures]]:
    """What the answers to each key announced, in order."""
    sources = sources_of(traffic.contract)
    found: dict[str, list[Figures]] = defaultdict(list)
    for view in traffic.views:
        if not view.role or view.role.startswith("invalid") or view.exchange.response is None:
            continue
        texts = {
            name: figure_from(sources, view.header, name)
            for name in ("minute.limit", "minute.remaining", "month.used", "month.limit", "total.used", "minute.reset")
        }
        found[view.role].append(
            Figures(
                view,
                _int(texts["minute.limit"]),
                _int(texts["minute.remaining"]),
                _int(texts["month.used"]),
                _int(texts["month.limit"]),
                _int(texts["total.used"]),
                texts["minute.reset"],
            )
        )
    return found


def judge(traffic: Traffic) -> Iterator[Judgement]:
    """Everything about limits that the traffic shows."""
    sources = sources_of(traffic.contract)
    by_role = figures_of(traffic)
    for role, rows in by_role.items():
        yield from _constant(traffic.contract, sources, role, rows)
        yield from _bounds(sources, rows)
        yield from _counting(
            traffic.contract, sources, rows, "CT602", "minute.remaining", lambda row: row.remaining, -1
        )
        yield from _counting(traffic.contract, sources, rows, "CT604", "month.used", lambda row: row.used, 1)
        yield from _counting(traffic.contract, sources, rows, "CT604", "total.used", lambda row: row.total, 1)
        yield from _refusals(traffic.contract, sources, rows)
    for view in traffic.views:
        yield from _resets(traffic.contract, sources, view)
    yield from _bodies(traffic, sources)
    yield from _plan_named(traffic, by_role)
    yield from _retry_after(traffic, sources)
    yield from _burst(traffic, sources)


def _level(sources: dict[str, Header], source: str) -> Provenance:
    return sources[source].provenance if source in sources else INFERRED


def _constant(
    contract: Contract, sources: dict[str, Header], role: str, rows: Sequence[Figures]
) -> Iterator[Judgement]:
    for source, pick in (("minute.limit", lambda row: row.limit), ("month.limit", lambda row: row.month)):
        seen: dict[int, View] = {}
        for row in rows:
            value = pick(row)
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
            _level(sources, source),
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
            level = weakest(*(plan.provenance for plan in plans.values()), _level(sources, "minute.limit"))
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
            _level(sources, "minute.remaining"),
            right,
            (row.view.number,),
            f"remaining is {row.remaining} of {row.limit}",
            f"0 to {row.limit}",
            row.remaining,
        )


def _counting(
    contract: Contract,
    sources: dict[str, Header],
    rows: Sequence[Figures],
    code: str,
    source: str,
    pick: Callable[[Figures], int | None],
    direction: int,
) -> Iterator[Judgement]:
    """Each counted request moves a figure by one; another client of the same key can only move it further."""
    uncounted = contract.rate_limit.uncounted if contract.rate_limit else frozenset({401})
    steps: list[tuple[Figures, Figures, int]] = []
    fresh: list[tuple[Figures, Figures, int]] = []
    for one, other in pairwise(rows):
        a, b = pick(one), pick(other)
        if a is None or b is None or one.view.status == 429 or other.view.status == 429:
            continue
        if (
            one.reset is not None
            and other.reset is not None
            and one.reset != other.reset
            and source == "minute.remaining"
        ):
            continue
        move = (b - a) * direction
        if source == "minute.remaining" and move < 1 and other.limit is not None and b >= other.limit - 3:
            if other.view.status not in uncounted:
                fresh.append((one, other, move))  # a new window
            continue
        steps.append((one, other, move))
    level = _level(sources, source)
    name = sources[source].name if source in sources else source
    statement = f"{name} moves by one with every counted request"
    window = contract.rate_limit.window_seconds if contract.rate_limit else 60
    if len(fresh) > 3 and len(fresh) > 2 + (rows[-1].view.exchange.started - rows[0].view.exchange.started) / window:
        one, other, _ = fresh[0]
        yield Judgement(
            code,
            "",
            source,
            statement,
            level,
            False,
            (one.view.number, other.view.number),
            f"{name} starts anew {len(fresh)} times, more often than its window",
            "one further",
            pick(other),
            settled=True,
        )
    counted = [step for step in steps if step[1].view.status not in uncounted]
    idle = [step for step in steps if step[1].view.status in uncounted]
    backward = [step for step in counted if step[2] < 1]
    if backward:
        one, other, move = backward[0]
        where = other.view.operation.id if other.view.operation else ""
        yield Judgement(
            code,
            where,
            source,
            statement,
            level,
            False,
            (one.view.number, other.view.number),
            f"{name} went from {pick(one)} to {pick(other)} with a counted request",
            "one further",
            pick(other),
            settled=len(backward) > 2,
        )
    elif len(counted) >= _ENOUGH and all(step[2] == counted[0][2] for step in counted) and counted[0][2] != 1:
        one, other, move = counted[0]
        yield Judgement(
            code,
            "",
            source,
            statement,
            level,
            False,
            (one.view.number, other.view.number),
            f"{name} moves by {move} with every request",
            1,
            move,
            settled=True,
        )
    elif counted:
        yield from _per_operation(code, source, statement, level, name, counted)
        ones = sum(step[2] == 1 for step in counted)
        yield Judgement(
            code,
            "",
            source,
            statement,
            level,
            True if ones else None,
            (counted[0][1].view.number,),
            reason="" if ones else "another client seems to use the key",
        )
    if idle:
        wrong = [step for step in idle if step[2] != 0]
        one, other, move = (wrong or idle)[0]
        where = ""
        yield Judgement(
            "CT607",
            where,
            f"{source} {other.view.status}",
            f"a {other.view.status} is not counted",
            weakest(level, _uncounted_level(contract)),
            not wrong or (None if len(wrong) < len(idle) else False),
            (one.view.number, other.view.number),
            f"a {other.view.status} moved {name} by {move}",
            0,
            move,
            settled=len(wrong) > 2 and len(wrong) == len(idle),
        )


def _uncounted_level(contract: Contract) -> Provenance:
    return contract.rate_limit.provenance if contract.rate_limit else INFERRED


def _per_operation(
    code: str,
    source: str,
    statement: str,
    level: Provenance,
    name: str,
    counted: Sequence[tuple[Figures, Figures, int]],
) -> Iterator[Judgement]:
    """An operation that always costs more than one, while the others cost one."""
    by: dict[str, list[tuple[Figures, Figures, int]]] = defaultdict(list)
    for step in counted:
        operation = step[1].view.operation
        by[operation.id if operation else ""].append(step)
    others = sum(step[2] == 1 for step in counted)
    for operation_id, steps in by.items():
        if len(steps) >= 3 and others > len(counted) // 2 and len({step[2] for step in steps}) == 1 and steps[0][2] > 1:
            one, other, move = steps[0]
            yield Judgement(
                code,
                operation_id,
                source,
                statement,
                level,
                False,
                (one.view.number, other.view.number),
                f"{name} moves by {move} with every {operation_id}",
                1,
                move,
                settled=True,
            )


def _refusals(contract: Contract, sources: dict[str, Header], rows: Sequence[Figures]) -> Iterator[Judgement]:
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
                    _level(sources, "minute.remaining"),
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
                    _level(sources, "minute.remaining"),
                    True,
                    (view.number,),
                )
            before = row


def server_now(view: View) -> float:
    """The target's own clock: the instant its answer names, else its Date header, else ours."""
    body = view.json
    if isinstance(body, dict):
        error = body.get("error")
        for holder in (body, error if isinstance(error, dict) else {}):
            found = instant_of(holder.get("timestamp"))
            if found is not None:
                return found
    try:
        return parsedate_to_datetime(view.header("date") or "").timestamp()
    except ValueError:
        return view.exchange.started


def instant_of(text: JSON) -> float | None:
    """An RFC 3339 instant as epoch seconds; None where it is none."""
    if not isinstance(text, str) or "T" not in text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


def _resets(contract: Contract, sources: dict[str, Header], view: View) -> Iterator[Judgement]:
    window = contract.rate_limit.window_seconds if contract.rate_limit else 60
    now = server_now(view)
    name = view.operation.id if view.operation else ""
    for source, longest in (("minute.reset", float(window)), ("month.reset", 31 * 86_400.0)):
        header = sources.get(source)
        text = view.header(header.name) if header else None
        if header is None or text is None:
            continue
        instant, right_unit = reset_instant(header, text)
        if instant is None or not right_unit:
            message = f"{header.name}: {text} is not in {header.unit or 'its unit'}"
            ok = False
        else:
            ok = now - _SLACK <= instant <= now + longest + _SLACK
            message = f"{header.name}: {text} lies {abs(instant - now):.0f} s {'before' if instant < now else 'after'} the answer"
        yield Judgement(
            "CT605",
            name if not ok else "",
            source,
            f"{header.name} lies in the future, no farther than its window",
            header.provenance,
            ok,
            (view.number,),
            message,
            f"up to {longest:.0f} s ahead, in {header.unit or 'its unit'}",
            text,
        )


def reset_instant(header: Header, text: str) -> tuple[float | None, bool]:
    """The instant a reset header names, and whether it is written in its unit."""
    unit = header.unit
    if unit in ("seconds", "milliseconds"):
        try:
            value = float(text)
        except ValueError:
            return None, False
        is_milliseconds = value > 1e11
        return value / (1000 if is_milliseconds else 1), is_milliseconds == (unit == "milliseconds") and value > 1e8
    return instant_of(text), True


_CLAIMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("minute.limit", ("requestsperminute", "minutelimit")),
    ("month.limit", ("monthlylimit",)),
    ("month.used", ("monthlyrequests", "requeststhismonth")),
    ("total.used", ("totalrequests",)),
    ("month.reset", ("monthlyresetat", "monthlyreset")),
    ("minute.used", ("requeststhisminute",)),
    ("month.remaining", ("monthlyremaining",)),
)


def _bodies(traffic: Traffic, sources: dict[str, Header]) -> Iterator[Judgement]:
    """Where a body tells the figures of its own key, it tells what its headers do."""
    by_number = {row.view.number: row for rows in figures_of(traffic).values() for row in rows}
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
                level = weakest(
                    view.operation.provenance, _level(sources, source if source in sources else "minute.remaining")
                )
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


def _plan_named(traffic: Traffic, by_role: dict[str, list[Figures]]) -> Iterator[Judgement]:
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
                    level = weakest(plan.provenance, view.operation.provenance)
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


def _retry_after(traffic: Traffic, sources: dict[str, Header]) -> Iterator[Judgement]:
    window = traffic.contract.rate_limit.window_seconds if traffic.contract.rate_limit else 60
    for view in traffic.views:
        if view.status != 429 or view.operation is None:
            continue
        text = view.header("retry-after")
        level = _level(sources, "retry-after") if sources else INFERRED
        yield Judgement(
            "CT612",
            view.operation.id,
            "retry-after",
            "every 429 says how long to wait",
            level,
            text is not None,
            (view.number,),
            "the 429 has no Retry-After",
            "Retry-After in seconds",
            text,
        )
        seconds = _int(text)
        if text is not None:
            longest = 32 * 86_400 if view.role == "exhausted" else window + 1
            right = seconds is not None and 0 <= seconds <= longest
            yield Judgement(
                "CT609",
                view.operation.id,
                f"retry-after of {'the month' if view.role == 'exhausted' else 'the minute'}",
                "Retry-After is a number of seconds within the window",
                level,
                right,
                (view.number,),
                f"Retry-After is {text!r}",
                f"0 to {longest}",
                text,
            )


def _burst(traffic: Traffic, sources: dict[str, Header]) -> Iterator[Judgement]:
    """Between the answer that says how many remain and the first 429 exactly that many requests succeed."""
    spent = [view for view in traffic.views if view.exchange.request.purpose.startswith("burst: spend")]
    level = weakest(_level(sources, "minute.remaining"))
    if spent:
        yield from _exactly(traffic, sources, spent, level)
    for view in traffic.views:
        purpose = view.exchange.request.purpose
        name = view.operation.id if view.operation else ""
        if purpose.startswith("burst: too early"):
            yield Judgement(
                "CT609",
                name,
                "not before",
                "before Retry-After has passed requests are refused",
                weakest(level, INFERRED),
                view.status == 429,
                (view.number,),
                f"half of Retry-After later answered {view.status}",
                429,
                view.status,
                settled=True,
            )
        elif purpose.startswith("burst: after the wait"):
            yield Judgement(
                "CT609",
                name,
                "recovery",
                "after Retry-After requests succeed again",
                _level(sources, "retry-after"),
                view.status != 429,
                (view.number,),
                "after waiting for Retry-After still answered 429",
                "a success",
                view.status,
                settled=True,
            )


def _exactly(
    traffic: Traffic, sources: dict[str, Header], spent: Sequence[View], level: Provenance
) -> Iterator[Judgement]:
    rows = [row for row in figures_of(traffic).get(spent[0].role, ()) if any(row.view is view for view in spent)]
    start = 0
    for index, (one, other) in enumerate(pairwise(rows)):
        fresh = one.remaining is not None and other.remaining is not None and other.remaining > one.remaining
        if fresh or (one.reset is not None and other.reset is not None and one.reset != other.reset):
            start = index + 1
    rows = rows[start:]
    refused = next((index for index, row in enumerate(rows) if row.view.status == 429), None)
    if not rows or rows[0].remaining is None:
        return
    name = rows[0].view.operation.id if rows[0].view.operation else ""
    promised = rows[0].remaining
    statement = "exactly as many requests succeed as remain"
    if refused is None:
        if len(rows) - 1 > promised:
            yield Judgement(
                "CT608",
                name,
                "limit",
                statement,
                level,
                False,
                (rows[0].view.number, rows[-1].view.number),
                f"{promised} requests remained, {len(rows) - 1} succeeded",
                promised,
                len(rows) - 1,
                settled=True,
            )
        return
    done = refused - 1
    last = rows[refused - 1].remaining if refused else None
    shared = last == 0 and done < promised and done >= 0  # another client took the others
    right = done == promised or shared
    yield Judgement(
        "CT608",
        name,
        "limit",
        statement,
        level,
        right,
        (rows[0].view.number, rows[refused].view.number),
        f"{promised} requests remained, {done} succeeded before the 429",
        promised,
        done,
        settled=True,
    )


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
            "CT609", first, "recovery", "after Retry-After requests succeed again", _level(sources, "retry-after"), None
        )


__all__ = [
    "DOCUMENTED",
    "figure",
    "figure_from",
    "figures_of",
    "judge",
    "reset_instant",
    "server_now",
    "sources_of",
    "universe",
]
