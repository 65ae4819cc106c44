"""Bodies: content type, JSON, schema."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from contract_tests.checks import responses
from contract_tests.model.exchange import Exchange
from tests.contract_tests.checks.recorded import Expected, case, listed, outcomes

TABLE = [
    case(
        "as declared",
        [listed()],
        {
            "CT104:listShops:200 content type": True,
            "CT105:listShops:200 body": True,
            "CT106:listShops:200 schema": True,
        },
    ),
    case(
        "another content type",
        [listed(headers={"content-type": "text/html"})],
        {"CT104:listShops:200 content type": False},
    ),
    case("not JSON", [listed(body=b"{")], {"CT105:listShops:200 body": False}),
    case(
        "another charset",
        [listed(headers={"content-type": "application/json; charset=latin-1"})],
        {"CT104:listShops:200 content type": True, "CT105:listShops:200 body": False},
    ),
    case(
        "a member missing",
        [listed(body={})],
        {
            "CT106:listShops:200 shops": False,
            "CT106:listShops:200 schema": None,
        },
    ),
    case(
        "a member of a wrong type in a list, counted once",
        [listed(body={"shops": [{"id": 1, "name": "x"}, {"id": 2, "name": "y"}]})],
        {"CT106:listShops:200 shops.*.id": False, "CT106:listShops:200 schema": None},
    ),
]


@pytest.mark.parametrize(("exchanges", "expected"), TABLE)
def test_a_body_is_judged_by_itself(exchanges: Sequence[Exchange], expected: Expected) -> None:
    assert outcomes(responses.judge, exchanges, expected) == expected


def test_a_truncated_body_is_not_judged() -> None:
    exchange = listed(body=b"[")
    assert exchange.response is not None
    object.__setattr__(exchange.response, "truncated", True)
    clause = "CT105:listShops:200 body"
    assert outcomes(responses.judge, [exchange], {clause: None}) == {clause: None}
