"""Longer and shorter ranges, and records outside of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from contract_tests.checks import meaning
from contract_tests.model.exchange import Exchange
from tests.contract_tests.checks.recorded import START, Expected, asked, case, listed, outcomes

STATS, ORDERS = "/v1/shops/s1/stats", "/v1/shops/s1/orders"


def stats(range_: str, visitors: int, **days: int) -> Exchange:
    rows = [{"date": f"2026-02-{day[1:]}", "visitors": count} for day, count in days.items()]
    return asked(f"{STATS}?range={range_}", 200, {"visitors": visitors, "days": rows})


def orders(query: str, *days_ago: float) -> Exchange:
    moments = [datetime.fromtimestamp(START - 86_400 * days, UTC).isoformat() for days in days_ago]
    return asked(f"{ORDERS}?{query}", 200, {"orders": [{"id": n, "at": at} for n, at in enumerate(moments)]})


TABLE = [
    case(
        "a longer range holds more",
        [listed(), stats("7d", 9, d05=4, d06=5), stats("30d", 11, d04=2, d05=4, d06=5)],
        {
            "CT504:getStats:range": True,
        },
    ),
    case("a longer range holds less", [listed(), stats("7d", 9), stats("30d", 8)], {"CT504:getStats:range": False}),
    case(
        "a day differs between ranges",
        [listed(), stats("7d", 9, d04=3, d05=4, d06=2), stats("30d", 99, d03=1, d04=3, d05=5, d06=2)],
        {"CT504:getStats:range": False},
    ),
    case(
        "the first day may be cut",
        [listed(), stats("7d", 9, d04=3, d05=4, d06=2), stats("30d", 99, d03=1, d04=9, d05=4, d06=2)],
        {"CT504:getStats:range": True},
    ),
    case(
        "a longer range lists less",
        [listed(), orders("range=24h", 0.1, 0.2, 0.3), orders("range=30d", 0.1, 0.2)],
        {
            "CT504:listOrders:range": False,
        },
    ),
    case("records within the range", [listed(), orders("range=7d", 1, 2, 6)], {"CT507:listOrders:orders at": True}),
    case("a record outside the range", [listed(), orders("range=7d", 1, 2, 29)], {"CT507:listOrders:orders at": False}),
    case("an instant that orders nothing", [listed(), orders("range=7d", 1, 29, 2)], {}),
]


@pytest.mark.parametrize(("exchanges", "expected"), TABLE)
def test_ranges_are_compared_with_each_other_and_with_their_records(
    exchanges: Sequence[Exchange], expected: Expected
) -> None:
    assert outcomes(meaning.judge, exchanges, expected) == expected
