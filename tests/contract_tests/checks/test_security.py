"""Keys: schemes, secrets, request ids, limited keys, public operations."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from contract_tests.checks import security
from contract_tests.model.exchange import Exchange
from tests.contract_tests.checks.recorded import SHOP, Expected, asked, case, listed, outcomes, refused

BEARER = {"Authorization": "Bearer $CONTRACT_TESTS_API_KEY"}
TABLE = [
    case(
        "both schemes work",
        [listed(), listed(sent=BEARER, headers={"X-Request-Id": "id-2"})],
        {
            "CT204::key": True,
            "CT204::bearer": True,
            "CT112::x-request-id": True,
            "CT209:listShops:secret": True,
        },
    ),
    case(
        "a scheme does not work",
        [listed(), refused("/v1/shops", 401, "unauthorized", sent=BEARER)],
        {"CT204::key": True, "CT204::bearer": False},
    ),
    case("a request id repeats", [listed(), listed()], {"CT112::x-request-id": False}),
    case("one request id", [listed()], {"CT204::key": True}),
    case(
        "the key in a body",
        [asked("/v1/shops", 200, {"shops": [], "key": "$CONTRACT_TESTS_API_KEY"})],
        {"CT209:listShops:secret": False},
    ),
    case(
        "a damaged key in a header",
        [listed(headers={"X-Echo": "${CONTRACT_TESTS_API_KEY%?}"})],
        {
            "CT209:listShops:secret": False,
        },
    ),
    case("a limited key lists its own", [listed("s1", role="scoped")], {"CT211:listShops:scoped list": True}),
    case("a limited key lists all", [listed(role="scoped")], {"CT211:listShops:scoped list": False}),
    case("public", [asked("/v1/live/c1", 200, {"visitors": 1}, role="")], {"CT207:countLive:public": True}),
    case("not public", [refused("/v1/live/c1", 401, "unauthorized", role="")], {"CT207:countLive:public": False}),
]


@pytest.mark.parametrize(("exchanges", "expected"), TABLE)
def test_keys_are_judged_between_answers(exchanges: Sequence[Exchange], expected: Expected) -> None:
    assert outcomes(security.judge, exchanges, expected) == expected


def test_what_a_contract_states_about_keys_is_known_before() -> None:
    assert {clause.id for clause in security.universe(SHOP)} >= {
        "CT201:listShops:no key",
        "CT206:getShop:shopId of another",
        "CT207:countLive:public",
        "CT210:getShop:shopId unknown",
    }
