"""Values given twice or left empty."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from contract_tests.checks import ambiguous
from contract_tests.model.exchange import Exchange
from tests.contract_tests.checks.recorded import Expected, asked, case, listed, outcomes, refused

ORDERS = "/v1/shops/s1/orders"


def orders(count: int) -> dict[str, object]:
    return {"orders": [{"id": f"o{number}", "total": 1} for number in range(count)]}


TABLE = [
    case(
        "refused as documented",
        [listed(), refused(f"{ORDERS}?limit=2&limit=3", 400, "invalid_parameter")],
        {
            "CT311:listOrders:limit given twice": True,
        },
    ),
    case(
        "refused in another way",
        [listed(), refused(f"{ORDERS}?limit=2&limit=3", 404, "not_found")],
        {
            "CT311:listOrders:limit given twice": False,
        },
    ),
    case(
        "answered as if one was given",
        [listed(), asked(f"{ORDERS}?limit=2&limit=3", 200, orders(3))],
        {
            "CT311:listOrders:limit given twice": True,
        },
    ),
    case(
        "answered as if the values were added",
        [listed(), asked(f"{ORDERS}?limit=2&limit=3", 200, orders(5))],
        {
            "CT311:listOrders:limit given twice": False,
        },
    ),
    case(
        "not what the same request in clear was answered",
        [
            listed(),
            asked(f"{ORDERS}?limit=2", 200, orders(2)),
            asked(f"{ORDERS}?limit=2&limit=2", 200, {"orders": [{"id": "o0", "total": 500}]}),
        ],
        {"CT311:listOrders:limit given twice": False},
    ),
    case(
        "an empty one means none",
        [listed(), asked(f"{ORDERS}?limit=", 200, orders(20))],
        {
            "CT311:listOrders:limit empty": True,
        },
    ),
    case(
        "an empty one means everything",
        [listed(), asked(f"{ORDERS}?limit=", 200, orders(50))],
        {
            "CT311:listOrders:limit empty": False,
        },
    ),
    case(
        "no value would be accepted alone",
        [listed(), asked(f"{ORDERS}?limit=0&limit=999", 200, orders(5))],
        {
            "CT311:listOrders:limit given twice": None,
        },
    ),
]


@pytest.mark.parametrize(("exchanges", "expected"), TABLE)
def test_an_ambiguous_value_is_refused_or_read_as_one_of_its_values(
    exchanges: Sequence[Exchange], expected: Expected
) -> None:
    assert outcomes(ambiguous.judge, exchanges, expected) == expected
