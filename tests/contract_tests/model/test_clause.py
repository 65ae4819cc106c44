"""Clauses stand on facts; they are as sure as the weakest of them, and hints where a guess is among them."""

from __future__ import annotations

import pytest

from apicontract import Fact, Provenance
from contract_tests.model.clause import Clause, Ground, Guess, Rests
from tests.contract_tests.checks.recorded import SHOP, asked, listed, traffic_of

LISTED = Clause("CT401", "{list} limit", "{list} holds no more than its limit", rests="values")
OPERATION = SHOP.operation("listOrders")
SURE, UNSURE = Fact("#/a", Provenance("documented", "P")), Fact("#/b", Provenance("inferred", reason="as ever"))
ORDERS = "/v1/shops/s1/orders"


def test_a_clause_is_as_sure_as_the_weakest_of_its_facts() -> None:
    assert LISTED.about(OPERATION, SURE, list="orders").provenance == SURE.provenance
    assert LISTED.about(OPERATION, SURE, UNSURE, SURE, list="orders").provenance == UNSURE.provenance
    assert LISTED.about(OPERATION, SURE, UNSURE, SURE, list="orders").facts == (SURE, UNSURE)


@pytest.mark.parametrize("grounds", [(), (Guess("its name"),), (SURE, Guess("its name"))])
def test_a_clause_on_a_guess_or_on_nothing_is_a_hint(grounds: tuple[Fact | Guess, ...]) -> None:
    clause = LISTED.about(OPERATION, *grounds, list="orders")
    assert clause.is_hint
    assert clause.provenance.level == "inferred"
    assert clause.provenance.reason == ("its name" if grounds else "no document states it")


@pytest.mark.parametrize(
    ("query", "rests", "grounds"),
    [
        ("", "answer", []),
        ("", "request", ["shopId"]),
        ("", "values", ["shopId", "range/schema/default", "limit/schema/default", "offset/schema/default"]),
        ("?limit=7", "request", ["shopId", "limit"]),
        ("?limit=100", "request", ["shopId", "limit", "limit/schema/maximum"]),
        ("?range=7d", "request", ["shopId", "range", "range/schema/enum"]),
        ("?colour=red", "request", ["shopId", "a guess"]),
    ],
)
def test_a_request_brings_its_own_facts(query: str, rests: Rests, grounds: list[str]) -> None:
    (view,) = traffic_of([asked(f"{ORDERS}{query}", 200, {"orders": []})]).views
    assert [named(each) for each in view.grounds(rests)] == grounds


def named(ground: Ground) -> str:
    """The name of a parameter, with the place inside of it."""
    if isinstance(ground, Guess):
        return "a guess"
    owner = next(each for each in OPERATION.parameters if ground.pointer.startswith(each.pointer))
    return owner.name + ground.pointer.removeprefix(owner.pointer)


def test_only_a_violated_clause_takes_over_what_its_requests_stand_on() -> None:
    first, second = traffic_of([listed(), asked(f"{ORDERS}?colour=red", 200, {"orders": []})]).views
    clause = LISTED.about(OPERATION, SURE, list="orders")
    assert clause.holds(True, second).clause == clause
    assert not clause.holds(False, first).clause.is_hint
    assert clause.holds(False, first, second).clause.is_hint
