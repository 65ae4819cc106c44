"""Counting: what changes with every request."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from contract_tests.checks import limits
from contract_tests.model.exchange import Exchange
from tests.contract_tests.checks.recorded import ANNOUNCED, Expected, asked, case, outcomes, row


def counted(*left: int, step: int = 1) -> list[Exchange]:
    """Answers in one window, the month going up by `step` each time."""
    return [row(left=one, used=5 + step * number) for number, one in enumerate(left)]


TABLE = [
    case(
        "down by one each time",
        counted(29, 28, 27),
        {
            "CT602::minute.remaining": True,
            "CT604::month.used": True,
        },
    ),
    case("down by two each time", counted(29, 27, 25, 23, 21), {"CT602::minute.remaining": False}),
    case("constant", counted(29, 29, 29), {"CT602:listShops:minute.remaining": False}),
    case("upward", counted(20, 21, 22), {"CT602:listShops:minute.remaining": False}),
    case(
        "another client uses the key",
        counted(29, 27, 25, 23, 21, step=2),
        {
            "CT602::minute.remaining": None,
            "CT604::month.used": None,
        },
    ),
    case("down, but never by one", counted(29, 27, 24), {"CT602::minute.remaining": None}),
    case("the month is constant", counted(29, 28, 27, step=0), {"CT604:listShops:month.used": False}),
    case(
        "a new window",
        [*counted(29, 28), row(left=29, used=7, reset=1770465720, at=61.0)],
        {"CT602::minute.remaining": True},
    ),
    case(
        "reset more often than its window allows",
        [
            row(left=left, reset=None, used=5 + number)
            for number, left in enumerate((20, 25, 24, 29, 28, 29, 28, 29, 28))
        ],
        {"CT602::minute.remaining": False},
    ),
    case(
        "an operation costs more",
        [
            *(row(left=29 - number, used=5 + number) for number in range(8)),
            *(
                asked("/v1/usage", 200, {}, headers={**ANNOUNCED, "X-Remaining": str(left), "X-Month-Used": str(used)})
                if number % 2
                else row(left=left, used=used)
                for number, (left, used) in enumerate(((21, 13), (18, 14), (17, 15), (14, 16), (13, 17), (10, 18)))
            ),
        ],
        {"CT602:showLimits:minute.remaining": False, "CT604::month.used": True},
    ),
    case(
        "an uncounted answer",
        [row(left=29, used=5), row(401, left=29, used=5)],
        {"CT607::minute.remaining 401": True, "CT607::month.used 401": True},
    ),
    case(
        "an uncounted answer that was counted",
        [row(left=29, used=5), row(401, left=28, used=5)],
        {"CT607::minute.remaining 401": False, "CT607::month.used 401": True},
    ),
]


@pytest.mark.parametrize(("exchanges", "expected"), TABLE)
def test_each_counted_request_changes_a_figure_by_one(exchanges: Sequence[Exchange], expected: Expected) -> None:
    assert outcomes(limits.judge, exchanges, expected) == expected
