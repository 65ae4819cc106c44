"""A rate limit that was spent on purpose."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from contract_tests.checks import limits
from contract_tests.model.exchange import Exchange
from contract_tests.model.purposes import AFTER_WAIT, SPEND, TOO_EARLY
from tests.contract_tests.checks.recorded import Expected, case, outcomes, row


def burst(promised: int, successes: int, *, refused_at_end: bool = True) -> list[Exchange]:
    """An answer that promises some more requests, those that succeed, and the first 429."""
    done = [
        row(left=max(0, promised - number), used=5 + number, purpose=SPEND, at=0.01 * number)
        for number in range(successes + 1)
    ]
    last = row(429, left=0, used=6 + successes, purpose=SPEND, wait=30, at=0.5)
    return [*done, last] if refused_at_end else done


TABLE = [
    case(
        "exactly as many",
        burst(3, 3),
        {
            "CT608:listShops:limit": True,
            "CT609:listShops:retry-after of the minute": True,
            "CT612:listShops:retry-after": True,
        },
    ),
    case("one too many", burst(3, 4), {"CT608:listShops:limit": False}),
    case("more than promised and never refused", burst(3, 5, refused_at_end=False), {"CT608:listShops:limit": False}),
    case("not yet spent", burst(3, 2, refused_at_end=False), {}),
    case("no Retry-After", [row(429, left=0)], {"CT612:listShops:retry-after": False}),
    case(
        "a Retry-After beyond the window",
        [row(429, left=0, wait=900)],
        {
            "CT609:listShops:retry-after of the minute": False,
        },
    ),
    case(
        "a Retry-After that is no number",
        [row(429, left=0, wait="soon")],
        {
            "CT609:listShops:retry-after of the minute": False,
        },
    ),
    case(
        "a month's Retry-After",
        [row(429, role="exhausted", left=0, wait=900)],
        {
            "CT609:listShops:retry-after of the month": True,
        },
    ),
    case(
        "refused before Retry-After has passed",
        [row(429, left=0, wait=9, purpose=TOO_EARLY)],
        {
            "CT609:listShops:not before": True,
        },
    ),
    case("answered before Retry-After has passed", [row(purpose=TOO_EARLY)], {"CT609:listShops:not before": False}),
    case("answered after Retry-After", [row(purpose=AFTER_WAIT)], {"CT609:listShops:recovery": True}),
    case(
        "refused after Retry-After",
        [row(429, left=0, wait=9, purpose=AFTER_WAIT)],
        {
            "CT609:listShops:recovery": False,
        },
    ),
]


@pytest.mark.parametrize(("exchanges", "expected"), TABLE)
def test_a_spent_limit_refuses_and_recovers_as_announced(exchanges: Sequence[Exchange], expected: Expected) -> None:
    assert outcomes(limits.judge, exchanges, expected) == expected
