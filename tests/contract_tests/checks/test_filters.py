"""Filters."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from contract_tests.checks import parameters
from contract_tests.model.exchange import Exchange
from contract_tests.model.purposes import UNMATCHED
from tests.contract_tests.checks.recorded import Expected, asked, case, listed, outcomes

ORDERS, PURPOSE = "/v1/shops/s1/orders", f"customer with {UNMATCHED}"
ANN, BEN = ({"id": f"o{n}", "customer": name, "total": n} for n, name in ((1, "ann"), (2, "ben")))
ALL = asked(ORDERS, 200, {"count": 2, "orders": [ANN, BEN]})
TABLE = [
    case(
        "records match",
        [listed(), ALL, asked(f"{ORDERS}?customer=ann", 200, {"count": 1, "orders": [ANN]})],
        {
            "CT308:listOrders:customer": True,
            "CT308:listOrders:customer narrows": True,
            "CT308:listOrders:customer among all": True,
        },
    ),
    case(
        "a record does not match",
        [listed(), ALL, asked(f"{ORDERS}?customer=ann", 200, {"orders": [ANN, BEN]})],
        {
            "CT308:listOrders:customer": False,
        },
    ),
    case(
        "more with the filter",
        [listed(), ALL, asked(f"{ORDERS}?customer=ann", 200, {"count": 3, "orders": [ANN]})],
        {
            "CT308:listOrders:customer narrows": False,
        },
    ),
    case(
        "a record that is missing without the filter",
        [listed(), ALL, asked(f"{ORDERS}?customer=ann", 200, {"orders": [{**ANN, "id": "o9"}]})],
        {"CT308:listOrders:customer among all": False},
    ),
    case(
        "a value that no record has",
        [listed(), ALL, asked(f"{ORDERS}?customer=zed", 200, {"orders": []}, purpose=PURPOSE)],
        {"CT308:listOrders:customer has effect": True},
    ),
    case(
        "a filter without effect",
        [
            listed(),
            asked(ORDERS, 200, {"total_visits": 2, "orders": []}),
            asked(f"{ORDERS}?customer=zed", 200, {"total_visits": 2, "orders": []}, purpose=PURPOSE),
        ],
        {"CT308:listOrders:customer has effect": False},
    ),
]


@pytest.mark.parametrize(("exchanges", "expected"), TABLE)
def test_a_filter_lets_through_what_matches(exchanges: Sequence[Exchange], expected: Expected) -> None:
    assert outcomes(parameters.judge, exchanges, expected) == expected
