"""A limit that was spent: exactly so many successes, a true Retry-After, recovery."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from apicontract import Header
from contract_tests.checks.guard import guarded
from contract_tests.model.clause import Clause, Guess, Judgement
from contract_tests.model.purposes import AFTER_WAIT, SPEND, TOO_EARLY
from contract_tests.reading.numbers import whole
from contract_tests.reading.quota import Quota, carrier_of
from contract_tests.reading.traffic import Traffic, View

EXACT = Clause("CT608", "limit", "exactly as many requests succeed as remain")
WITHIN_THE_WINDOW = Clause("CT609", "retry-after of {window}", "Retry-After is a number of seconds within the window")
NOT_BEFORE = Clause("CT609", "not before", "requests are refused until Retry-After has passed")
RECOVERY = Clause("CT609", "recovery", "requests succeed again after Retry-After")
RETRY_AFTER = Clause("CT612", "retry-after", "every 429 says how long to wait")
_MONTH = 32 * 86_400
_STRICT = Guess("no document says that every request is refused until Retry-After has passed")


@guarded
def retry_after(traffic: Traffic, sources: dict[str, Header]) -> Iterator[Judgement]:
    """Judge the Retry-After of every 429."""
    minute = traffic.contract.rate_limit.window_seconds if traffic.contract.rate_limit else 60
    level = carrier_of(sources, "retry-after")
    for view in traffic.views:
        if view.status != 429 or view.operation is None:
            continue
        text = view.header("retry-after")
        yield RETRY_AFTER.about(view.operation, level).holds(
            text is not None,
            view,
            message="the 429 has no Retry-After",
            expected="Retry-After in seconds",
            seen=text,
        )
        if text is not None:
            window, longest = ("the month", _MONTH) if view.role == "exhausted" else ("the minute", minute + 1)
            seconds = whole(text)
            yield WITHIN_THE_WINDOW.about(view.operation, level, window=window).holds(
                seconds is not None and 0 <= seconds <= longest,
                view,
                message=f"Retry-After is {text!r}",
                expected=f"0 to {longest}",
                seen=text,
            )


@guarded
def burst(traffic: Traffic, sources: dict[str, Header], by_role: dict[str, list[Quota]]) -> Iterator[Judgement]:
    """Judge the requests that spent a limit on purpose, recognised by their purposes."""
    spent = [view for view in traffic.views if view.exchange.request.purpose == SPEND]
    level = carrier_of(sources, "minute.remaining")
    rows = _of_one_window(by_role.get(spent[0].role, ()), spent) if spent else []
    if rows and rows[0].remaining is not None:
        yield from _exactly(EXACT.about(rows[0].view.operation, level), rows, rows[0].remaining)
    for view in traffic.views:
        purpose = view.exchange.request.purpose
        if purpose == TOO_EARLY:
            yield NOT_BEFORE.about(view.operation, level, _STRICT).holds(
                view.status == 429,
                view,
                message=f"answered {view.status} before Retry-After had passed",
                expected=429,
                seen=view.status,
                settled=True,
            )
        elif purpose == AFTER_WAIT:
            yield RECOVERY.about(view.operation, carrier_of(sources, "retry-after")).holds(
                view.status != 429,
                view,
                message="still answered 429 after Retry-After had passed",
                expected="a success",
                seen=view.status,
                settled=True,
            )


def _of_one_window(quotas: Sequence[Quota], spent: Sequence[View]) -> list[Quota]:
    """Return the figures of the requests that spent a limit, from the last new window on."""
    rows = [row for row in quotas if any(row.view is view for view in spent)]
    start = 0
    for index, (one, other) in enumerate(pairwise(rows)):
        fresh = one.remaining is not None and other.remaining is not None and other.remaining > one.remaining
        if fresh or (one.reset is not None and other.reset is not None and one.reset != other.reset):
            start = index + 1
    return rows[start:]


def _exactly(clause: Clause, rows: Sequence[Quota], promised: int) -> Iterator[Judgement]:
    """Judge that between the answer that says how many remain and the first 429 exactly that many succeed."""
    refused = next((index for index, row in enumerate(rows) if row.view.status == 429), None)
    end = len(rows) if refused is None else refused
    done, last = end - 1, rows[end - 1]
    if refused is None:
        right, what = done <= promised, "succeeded"
        if right:
            return  # the limit was not spent
    else:
        shared = refused > 0 and last.remaining == 0 and 0 <= done < promised  # another client took the others
        right, what = done == promised or shared, "succeeded before the 429"
    yield clause.holds(
        right,
        rows[0].view,
        rows[-1 if refused is None else refused].view,
        message=f"{promised} requests remained, {done} {what}",
        expected=promised,
        seen=done,
        settled=True,
    )
