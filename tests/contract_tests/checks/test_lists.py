"""Lists: limits, prefixes, pages, records listed twice, the echo of the pagination."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from contract_tests.checks import lists
from contract_tests.model.exchange import Exchange
from tests.contract_tests.checks.recorded import Expected, asked, case, listed, outcomes

ORDERS = "/v1/shops/s1/orders"


def page(first: int, count: int, query: str, **pagination: object) -> Exchange:
    """A page of orders, numbered in their order."""
    orders = [{"id": f"o{number:02d}", "total": number} for number in range(first, first + count)]
    return asked(f"{ORDERS}?{query}", 200, {"orders": orders, **({"pagination": pagination} if pagination else {})})


TABLE = [
    case(
        "within the limit",
        [listed(), page(0, 3, "limit=3")],
        {
            "CT401:listOrders:orders limit": True,
            "CT408:listOrders:orders id": True,
        },
    ),
    case("more than the limit", [listed(), page(0, 4, "limit=3")], {"CT401:listOrders:orders limit": False}),
    case(
        "more than the default limit",
        [listed(), asked(ORDERS, 200, {"orders": [{"id": n} for n in range(21)]})],
        {
            "CT401:listOrders:orders default limit": False,
        },
    ),
    case(
        "a prefix",
        [listed(), page(0, 3, "limit=3"), page(0, 5, "limit=5")],
        {
            "CT403:listOrders:orders prefix": True,
        },
    ),
    case(
        "no prefix",
        [listed(), page(1, 3, "limit=3"), page(0, 5, "limit=5")],
        {
            "CT403:listOrders:orders prefix": False,
        },
    ),
    case(
        "pages of a list",
        [listed(), page(0, 6, "limit=6"), page(3, 3, "limit=3&offset=3")],
        {
            "CT405:listOrders:orders pages": True,
        },
    ),
    case(
        "a page skips a record",
        [listed(), page(0, 6, "limit=6"), page(4, 3, "limit=3&offset=3")],
        {
            "CT405:listOrders:orders pages": False,
        },
    ),
    case(
        "disjoint pages",
        [listed(), page(0, 3, "limit=3"), page(3, 3, "limit=3&offset=3")],
        {
            "CT404:listOrders:orders pages": True,
        },
    ),
    case(
        "pages that overlap",
        [listed(), page(0, 3, "limit=3"), page(2, 3, "limit=3&offset=3")],
        {
            "CT404:listOrders:orders pages": False,
        },
    ),
    case(
        "a record listed twice",
        [listed(), asked(ORDERS, 200, {"orders": [{"id": "o1"}, {"id": "o1"}]})],
        {
            "CT408:listOrders:orders id": False,
        },
    ),
    case(
        "the pagination repeats the request",
        [listed(), page(0, 3, "limit=3", limit=3, offset=0)],
        {
            "CT409:listOrders:limit": True,
            "CT409:listOrders:offset": True,
        },
    ),
    case(
        "the pagination repeats another limit",
        [listed(), page(0, 3, "limit=3", limit=20)],
        {
            "CT409:listOrders:limit": False,
        },
    ),
]


@pytest.mark.parametrize(("exchanges", "expected"), TABLE)
def test_lists_are_judged_by_their_limit_and_order(exchanges: Sequence[Exchange], expected: Expected) -> None:
    assert outcomes(lists.judge, exchanges, expected) == expected


def test_figures_of_a_part_may_differ_in_a_longer_list_but_counts_may_not() -> None:
    def shares(share: float, visits: int) -> dict[str, object]:
        return {"orders": [{"id": "a", "visits": visits, "share": share}, {"id": "b", "visits": 900, "share": 1.0}]}

    short, long = f"{ORDERS}?limit=2", f"{ORDERS}?limit=5"
    clause = "CT403:listOrders:orders prefix"
    same = [listed(), asked(short, 200, shares(50.0, 3)), asked(long, 200, shares(10.0, 3))]
    assert outcomes(lists.judge, same, {clause: True}) == {clause: True}
    other = [listed(), asked(short, 200, shares(50.0, 300)), asked(long, 200, shares(10.0, 3))]
    assert outcomes(lists.judge, other, {}) == {clause: False}
