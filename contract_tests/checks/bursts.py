"""A limit that was spent: exactly so many successes, a true Retry-After, recovery."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from apicontract import Header
from apicontract.provenance import INFERRED, Provenance, weakest
from contract_tests.checks.judgement import Judgement
from contract_tests.reading.figures import figures_of, level_of, whole
from contract_tests.reading.traffic import Traffic, View


def retry_after(traffic: Traffic, sources: dict[str, Header]) -> Iterator[Judgement]:
    window = traffic.contract.rate_limit.window_seconds if traffic.contract.rate_limit else 60
    for view in traffic.views:
        if view.status != 429 or view.operation is None:
            continue
        text = view.header("retry-after")
        level = level_of(sources, "retry-after") if sources else INFERRED
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
        seconds = whole(text)
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


def burst(traffic: Traffic, sources: dict[str, Header]) -> Iterator[Judgement]:
    """Between the answer that says how many remain and the first 429 exactly that many requests succeed."""
    spent = [view for view in traffic.views if view.exchange.request.purpose.startswith("burst: spend")]
    level = weakest(level_of(sources, "minute.remaining"))
    if spent:
        yield from _exactly(traffic, spent, level)
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
                level_of(sources, "retry-after"),
                view.status != 429,
                (view.number,),
                "after waiting for Retry-After still answered 429",
                "a success",
                view.status,
                settled=True,
            )


def _exactly(traffic: Traffic, spent: Sequence[View], level: Provenance) -> Iterator[Judgement]:
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
