"""One resource in several answers."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from contract_tests.checks.same_records import same_records as judge
from contract_tests.model.exchange import Exchange
from tests.contract_tests.checks.recorded import Expected, asked, case, listed, outcomes


def shop(id_: str, name: str, path: str = "s1") -> Exchange:
    return asked(f"/v1/shops/{path}", 200, {"shop": {"id": id_, "name": name}})


TABLE = [
    case(
        "alike",
        [listed(), shop("s1", "Shop s1")],
        {
            "CT505::shopId name": True,
            "CT505:getShop:shopId asked": True,
        },
    ),
    case("another name", [listed(), shop("s1", "Another")], {"CT505:getShop:shopId name": False}),
    case(
        "another resource than the requested one",
        [listed(), shop("s2", "Shop s2")],
        {
            "CT505:getShop:shopId asked": False,
        },
    ),
    case(
        "another resource by the parameter's name",
        [listed(), asked("/v1/shops/s1/stats", 200, {"shop_id": "s2"})],
        {"CT505:getStats:shopId asked": False},
    ),
]


@pytest.mark.parametrize(("exchanges", "expected"), TABLE)
def test_a_resource_is_the_same_wherever_it_is_shown(exchanges: Sequence[Exchange], expected: Expected) -> None:
    assert outcomes(judge, exchanges, expected) == expected
