"""Limits: plans, bounds, refusals."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from contract_tests.checks import limits
from contract_tests.model.exchange import Exchange
from tests.contract_tests.checks.recorded import SHOP, Expected, case, outcomes, row

TABLE = [
    case(
        "the limits of one plan",
        [row(), row(left=28, used=6)],
        {
            "CT601::minute.limit constant": True,
            "CT601::month.limit constant": True,
            "CT601::plan": True,
            "CT603:listShops:remaining": True,
            "CT606:listShops:rate": True,
        },
    ),
    case(
        "the limit of a key changes",
        [row(), row(limit=10, left=9, used=6, reset=1770465720, at=61.0)],
        {
            "CT601::minute.limit constant": False,
        },
    ),
    case("limits of different plans", [row(limit=30, month=100)], {"CT601::plan": False}),
    case("the limit of the free plan", [row(role="free", limit=10, left=9, month=100)], {"CT601::plan Free": True}),
    case(
        "another limit than the free plan's",
        [row(role="free", limit=30, month=100)],
        {
            "CT601::plan Free": False,
            "CT601::plan": False,
        },
    ),
    case("more remain than the limit", [row(left=31)], {"CT603:listShops:remaining": False}),
    case("less than nothing remains", [row(left=-1)], {"CT603:listShops:remaining": False}),
    case("refused although requests remain", [row(429, left=5, wait=3)], {"CT606:listShops:rate": False}),
    case("refused when nothing remains", [row(429, left=0, wait=3)], {}),
    case("refused when the month is used up", [row(429, left=5, used=10_000, wait=3)], {}),
]


@pytest.mark.parametrize(("exchanges", "expected"), TABLE)
def test_announced_limits_are_those_of_the_plan(exchanges: Sequence[Exchange], expected: Expected) -> None:
    assert outcomes(limits.judge, exchanges, expected) == expected


def test_what_a_contract_states_about_limits_is_known_before() -> None:
    assert [clause.id for clause in limits.universe(SHOP)] == [
        "CT602::minute.remaining",
        "CT604::month.used",
        "CT605::minute.reset",
        "CT608:listShops:limit",
        "CT609:listShops:recovery",
    ]
