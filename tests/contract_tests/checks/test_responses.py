"""Status, and what every answer by itself must be."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from contract_tests.checks import responses
from contract_tests.model.exchange import Exchange
from tests.contract_tests.checks.recorded import SHOP, Expected, asked, case, listed, outcomes, refused

TABLE = [
    case(
        "a success",
        [listed()],
        {
            "CT101:listShops:success": True,
            "CT102:listShops:no server error": True,
            "CT103:listShops:status 200": True,
            "CT106:listShops:200 schema": True,
            "CT108:listShops:200 X-Limit": True,
        },
    ),
    case(
        "a valid request refused",
        [refused("/v1/shops", 401, "unauthorized")],
        {"CT101:listShops:success": False},
    ),
    case(
        "a server error",
        [asked("/v1/shops", 503, {})],
        {
            "CT102:listShops:no server error": False,
            "CT103:listShops:status 503": False,
        },
    ),
    case(
        "an undeclared status",
        [listed(status=207)],
        {
            "CT101:listShops:success": False,
            "CT103:listShops:status 207": False,
        },
    ),
    case("no answer before others", [asked("/v1/shops", 0), listed()], {"CT113:listShops:answered": False}),
    case("no answer any more", [listed(), asked("/v1/shops", 0)], {"CT101:listShops:success": True}),
    case(
        "an unexpected 429",
        [refused("/v1/shops", 429, "rate_limited", headers={"Retry-After": "3"})],
        {
            "CT103:listShops:status 429": True,
        },
    ),
    case("an unknown path refused", [refused("/v1/nothing", 404, "unknown_path")], {"CT110::unknown path": True}),
    case("an unknown path answered", [asked("/v1/nothing", 200, {})], {"CT110::unknown path": False}),
    case("a wrong method refused", [refused("/v1/shops", 405, "wrong_method", method="PUT")], {"CT111::PUT": True}),
    case("a wrong method answered", [asked("/v1/shops", 200, {}, method="PUT")], {"CT111::PUT": False}),
]


@pytest.mark.parametrize(("exchanges", "expected"), TABLE)
def test_an_answer_is_judged_by_its_status(exchanges: Sequence[Exchange], expected: Expected) -> None:
    assert outcomes(responses.judge, exchanges, expected) == expected


def test_what_a_contract_states_of_single_answers_is_known_before() -> None:
    clauses = {clause.id for clause in responses.universe(SHOP)}
    assert {
        "CT101:listShops:success",
        "CT102:listShops:no server error",
        "CT103:listShops:status 401",
        "CT106:listShops:200 schema",
        "CT108:listShops:200 X-Request-Id",
    } <= clauses
