"""Declared headers: present and well-formed."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from contract_tests.checks import responses
from contract_tests.model.exchange import Exchange
from tests.contract_tests.checks.recorded import ANNOUNCED, Expected, asked, case, listed, outcomes

WITHOUT_LIMIT = {name: value for name, value in ANNOUNCED.items() if name != "X-Limit"}
WITHOUT_MONTH = {name: value for name, value in ANNOUNCED.items() if not name.startswith("X-Month")}
SHOPS: dict[str, object] = {"shops": []}
TABLE = [
    case(
        "sent and well-formed",
        [listed()],
        {
            "CT108:listShops:200 X-Limit": True,
            "CT109:listShops:200 X-Limit": True,
        },
    ),
    case("missing", [asked("/v1/shops", 200, SHOPS, headers=WITHOUT_LIMIT)], {"CT108:listShops:200 X-Limit": False}),
    case("malformed", [listed(headers={"X-Limit": "many"})], {"CT109:listShops:200 X-Limit": False}),
    case("too short", [listed(headers={"X-Request-Id": "1"})], {"CT109:listShops:200 X-Request-Id": False}),
    case(
        "the month's figures missing for the main key",
        [asked("/v1/shops", 200, SHOPS, headers=WITHOUT_MONTH)],
        {"CT108:listShops:200 X-Month-Used": False, "CT108:listShops:200 X-Month-Limit": False},
    ),
    case(
        "the month's figures missing for a key that may have no monthly quota",
        [asked("/v1/shops", 200, SHOPS, headers=WITHOUT_MONTH, role="scoped")],
        {"CT108:listShops:200 X-Limit": True},
    ),
]


@pytest.mark.parametrize(("exchanges", "expected"), TABLE)
def test_a_declared_header_is_sent_and_matches_its_schema(exchanges: Sequence[Exchange], expected: Expected) -> None:
    assert outcomes(responses.judge, exchanges, expected) == expected
