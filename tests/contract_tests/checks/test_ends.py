"""The ends of lists: whether records remain, and how many there are."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from contract_tests.checks import lists
from contract_tests.model.exchange import Exchange
from tests.contract_tests.checks.recorded import Expected, case, listed, outcomes
from tests.contract_tests.checks.test_lists import page

TABLE = [
    case(
        "full while records remain",
        [listed(), page(0, 6, "limit=6"), page(0, 3, "limit=3")],
        {
            "CT402:listOrders:orders limit": True,
        },
    ),
    case(
        "less than the limit while records remain",
        [listed(), page(0, 6, "limit=6"), page(0, 2, "limit=3")],
        {
            "CT402:listOrders:orders limit": False,
        },
    ),
    case(
        "nothing past the end",
        [listed(), page(0, 4, "limit=6"), page(4, 0, "limit=3&offset=4")],
        {
            "CT407:listOrders:orders past the end": True,
        },
    ),
    case(
        "records past the end",
        [listed(), page(0, 4, "limit=6"), page(8, 3, "limit=3&offset=5")],
        {
            "CT402:listOrders:orders limit": False,
            "CT407:listOrders:orders past the end": False,
        },
    ),
    case(
        "more records remain",
        [listed(), page(0, 6, "limit=6"), page(0, 3, "limit=3", has_more=True)],
        {
            "CT406:listOrders:has_more true": True,
        },
    ),
    case(
        "more records remain, which is denied",
        [listed(), page(0, 6, "limit=6"), page(0, 3, "limit=3", more=False)],
        {
            "CT406:listOrders:more true": False,
        },
    ),
    case(
        "no more records", [listed(), page(0, 2, "limit=3", has_more=False)], {"CT406:listOrders:has_more false": True}
    ),
    case(
        "no more records, which is denied",
        [listed(), page(0, 2, "limit=3", has_more=True)],
        {
            "CT406:listOrders:has_more false": False,
        },
    ),
    case(
        "the last full page says that more remain",
        [listed(), page(0, 6, "limit=20"), page(3, 3, "limit=3&offset=3", has_more=True)],
        {"CT406:listOrders:has_more false": False},
    ),
    case(
        "the total",
        [listed(), page(0, 4, "limit=6", total=4, total_pages=1)],
        {
            "CT406:listOrders:total": True,
            "CT406:listOrders:total_pages": True,
        },
    ),
    case(
        "a total that is the length of the page",
        [listed(), page(0, 6, "limit=6"), page(0, 3, "limit=3", total=3)],
        {
            "CT406:listOrders:total": False,
        },
    ),
    case(
        "another number of pages",
        [listed(), page(0, 4, "limit=6", total=4, total_pages=2)],
        {
            "CT406:listOrders:total_pages": False,
        },
    ),
]


@pytest.mark.parametrize(("exchanges", "expected"), TABLE)
def test_the_end_of_a_list_is_what_its_pages_show(exchanges: Sequence[Exchange], expected: Expected) -> None:
    assert outcomes(lists.judge, exchanges, expected) == expected
