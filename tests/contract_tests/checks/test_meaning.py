"""Rules of the contract, within and between answers, and different resources."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from contract_tests.checks import meaning
from contract_tests.model.exchange import Exchange
from tests.contract_tests.checks.recorded import SHOP, Expected, asked, case, listed, outcomes


def shop(id_: str, name: str = "Shop", path: str = "") -> Exchange:
    return asked(f"/v1/shops/{path or id_}", 200, {"shop": {"id": id_, "name": f"{name} {id_}" if name else id_}})


def stats(path: str, visitors: int) -> Exchange:
    return asked(f"/v1/shops/{path}/stats", 200, {"visitors": visitors})


TABLE = [
    case("a rule holds", [listed(), shop("s1")], {"CT501:getShop:name-is-not-the-id": True}),
    case(
        "a rule is broken",
        [listed(), shop("s1", "")],
        {
            "CT501:getShop:name-is-not-the-id": False,
            "CT505:getShop:shopId name": False,
        },
    ),
    case(
        "a rule cannot be applied",
        [listed(), asked("/v1/shops/s1", 200, {"shop": 1})],
        {
            "CT501:getShop:name-is-not-the-id": None,
        },
    ),
    case("a cross rule holds", [listed(), shop("s1")], {"CT502:listShops:shop-is-listed": True}),
    case("a cross rule is broken", [listed("s2"), shop("s1")], {"CT502:listShops:shop-is-listed": False}),
    case(
        "resources have data of their own",
        [listed(), stats("s1", 300), stats("s2", 400)],
        {
            "CT506:getStats:other resource": True,
        },
    ),
    case(
        "two resources have one answer",
        [listed(), stats("s1", 300), stats("s2", 300)],
        {
            "CT506:getStats:other resource": False,
        },
    ),
    case("two resources have little data", [listed(), stats("s1", 3), stats("s2", 3)], {}),
]


@pytest.mark.parametrize(("exchanges", "expected"), TABLE)
def test_answers_keep_the_rules_of_the_contract(exchanges: Sequence[Exchange], expected: Expected) -> None:
    assert outcomes(meaning.judge, exchanges, expected) == expected


def test_rules_and_ranges_are_known_before() -> None:
    assert [clause.id for clause in meaning.universe(SHOP)] == [
        "CT501:getShop:name-is-not-the-id",
        "CT504:listOrders:range",
        "CT504:getStats:range",
        "CT502:listShops:shop-is-listed",
    ]
