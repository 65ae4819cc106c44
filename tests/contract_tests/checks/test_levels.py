"""How sure a broken clause is: part by part as the contract says it, never surer."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from apicontract.contract import Contract, load_contract
from apicontract.provenance import DOCUMENTED
from contract_tests.checks import limits, responses
from contract_tests.checks.provenance import fact_at
from contract_tests.model.exchange import Exchange
from tests.contract_tests.checks.recorded import ANNOUNCED, SHOP, Judge, asked, listed, refused, row, traffic_of
from tests.documents import write

JSON = Any
PAGE = {"level": "documented", "page": "P", "section": "S"}
SUPPLEMENT = {"level": "supplement", "page": "Q", "section": "S"}
GUESS = {"level": "inferred", "reason": "no page says so"}


@pytest.fixture
def changed(tmp_path: Path) -> Callable[..., Contract]:
    """The API of `shop.yaml` with something else at one place."""

    def change(*steps: str, **members: JSON) -> Contract:
        root = copy.deepcopy(SHOP.document.root)
        node = root
        for step in steps:
            node = node[step]
        node.update(members)
        return load_contract(write(tmp_path / "shop.yaml", root))

    return change


def levels(judge: Judge, contract: Contract, exchanges: Sequence[Exchange]) -> dict[str, str]:
    """The levels of the clauses that the exchanges break."""
    found = judge(traffic_of(exchanges, contract))
    return {judgement.id: judgement.clause.provenance.level for judgement in found if judgement.ok is False}


def test_a_status_that_a_page_excludes_from_the_month_is_a_guess_in_the_minute(
    changed: Callable[..., Contract],
) -> None:
    contract = changed("x-rate-limit", uncounted={"401": SUPPLEMENT, "429": GUESS})
    found = levels(limits.judge, contract, [row(left=29, used=5), row(401, left=28, used=6)])
    assert found == {"CT607::minute.remaining 401": "inferred", "CT607::month.used 401": "supplement"}


LIMIT = ("paths", "/shops", "get", "responses", "200", "headers", "X-Limit")


@pytest.mark.parametrize(
    ("members", "level"),
    [
        ({}, "inferred"),
        ({"required": True}, "documented"),
        ({"required": True, "x-inferred": {"keywords": ["required"], "reason": "not of every status"}}, "inferred"),
        ({"required": True, "x-provenance": SUPPLEMENT}, "supplement"),
    ],
)
def test_a_header_is_missed_as_surely_as_a_page_says_that_it_is_always_sent(
    changed: Callable[..., Contract], members: JSON, level: str
) -> None:
    sent = {name: value for name, value in ANNOUNCED.items() if name != "X-Limit"}
    exchange = asked("/v1/shops", 200, {"shops": []}, headers=sent)
    assert levels(responses.judge, changed(*LIMIT, **members), [exchange]) == {"CT108:listShops:200 X-Limit": level}


@pytest.mark.parametrize(
    ("others", "level"),
    [({}, "documented"), ({"code": SUPPLEMENT}, "supplement"), ({"code": GUESS}, "inferred")],
)
def test_a_code_is_as_sure_as_the_page_it_stands_on(changed: Callable[..., Contract], others: JSON, level: str) -> None:
    members = {"x-provenance": PAGE, "x-provenance-of": others}
    contract = changed("x-errors", "kinds", "invalid-parameter", **members)
    wrong = refused("/v1/shops/s1/orders?limit=0", 400, "oops")
    assert levels(responses.judge, contract, [listed(), wrong])["CT107:listOrders:400 invalid-parameter"] == level


@pytest.mark.parametrize(
    ("role", "clause", "level"),
    [("", "CT201:listShops:no key", "documented"), ("invalid:query", "CT203:listShops:key in query", "inferred")],
)
def test_a_key_that_is_accepted_in_the_query_as_well_is_ruled_out_by_no_page(
    changed: Callable[..., Contract], role: str, clause: str, level: str
) -> None:
    contract = changed("x-errors", "kinds", "unauthorized", **{"x-provenance": PAGE})
    assert levels(responses.judge, contract, [listed(role=role)])[clause] == level


@pytest.mark.parametrize(
    ("others", "text", "level"),
    [
        ({}, "0", "documented"),
        ({"out-of-bounds": GUESS}, "0", "inferred"),
        ({"out-of-bounds": GUESS}, "x", "documented"),
    ],
)
def test_a_number_out_of_bounds_may_be_cut_to_them_where_no_page_says_that_it_is_refused(
    changed: Callable[..., Contract], others: JSON, text: str, level: str
) -> None:
    members = {"x-provenance": PAGE, "x-provenance-of": {"status": others}}
    contract = changed("x-errors", "kinds", "invalid-parameter", **members)
    clamped = asked(f"/v1/shops/s1/orders?limit={text}", 200, {"orders": []})
    found = levels(responses.judge, contract, [listed(), clamped])
    assert [found[clause] for clause in found if clause.startswith(("CT303", "CT304"))] == [level]


COUNTED = {
    "type": "object",
    "x-provenance": PAGE,
    "required": ["total", "wait"],
    "x-provenance-of": {"required": {"wait": GUESS}},
    "properties": {
        "total": {
            "type": "integer",
            "minimum": 0,
            "x-inferred": {"keywords": ["type", "minimum"], "stated": {"type": "number"}, "reason": "it counts"},
        }
    },
}


@pytest.mark.parametrize(
    ("path", "keyword", "value", "level"),
    [
        (("total",), "type", 2.5, "inferred"),
        (("total",), "type", "2", "documented"),
        (("total",), "minimum", -1, "inferred"),
        (("total",), "required", None, "documented"),
        (("wait",), "required", None, "inferred"),
    ],
)
def test_where_a_keyword_is_a_guess_what_the_page_states_in_its_place_still_holds(
    changed: Callable[..., Contract], path: tuple[str, ...], keyword: str, value: JSON, level: str
) -> None:
    contract = changed("components", "schemas", Counted=COUNTED)
    media = contract.operation("listShops").responses["200"].media
    assert media is not None
    assert media.schema is not None
    schema = type(media.schema)({"$ref": "#/components/schemas/Counted"}, contract.document)
    assert fact_at(schema, path, DOCUMENTED, keyword, value).provenance.level == level
