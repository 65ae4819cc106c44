"""HEAD, compared with GET."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from contract_tests.checks import responses
from contract_tests.model.exchange import Exchange
from tests.contract_tests.checks.recorded import ANNOUNCED, Expected, asked, case, listed, outcomes

HEAD = "HEAD"
TABLE = [
    case(
        "like GET",
        [listed(), asked("/v1/shops", 200, headers=ANNOUNCED, method=HEAD)],
        {
            "CT115:listShops:HEAD": True,
            "CT115:listShops:HEAD status": True,
            "CT115:listShops:HEAD content type": True,
            "CT115:listShops:HEAD X-Limit": True,
        },
    ),
    case(
        "with a body",
        [listed(), asked("/v1/shops", 200, {}, headers=ANNOUNCED, method=HEAD)],
        {
            "CT115:listShops:HEAD": False,
        },
    ),
    case("another status", [listed(), asked("/v1/shops", 403, method=HEAD)], {"CT115:listShops:HEAD status": False}),
    case(
        "another content type",
        [listed(), asked("/v1/shops", 200, headers={**ANNOUNCED, "content-type": "text/plain"}, method=HEAD)],
        {"CT115:listShops:HEAD content type": False},
    ),
    case(
        "without a header",
        [listed(), asked("/v1/shops", 200, headers={**ANNOUNCED, "X-Limit": ""} | {"X-Limit2": "1"}, method=HEAD)],
        {"CT115:listShops:HEAD X-Limit": True},
    ),
    case(
        "without several headers",
        [listed(), asked("/v1/shops", 200, headers={"X-Request-Id": "id-2"}, method=HEAD)],
        {
            f"CT115:listShops:HEAD {name}": False
            for name in ("X-Limit", "X-Remaining", "X-Reset", "X-Month-Used", "X-Month-Limit")
        },
    ),
    case("not served", [listed(), asked("/v1/shops", 405, method=HEAD)], {"CT115:listShops:HEAD status": None}),
    case("without GET", [asked("/v1/shops", 200, method=HEAD)], {"CT115:listShops:HEAD status": None}),
]


@pytest.mark.parametrize(("exchanges", "expected"), TABLE)
def test_head_answers_what_get_answers(exchanges: Sequence[Exchange], expected: Expected) -> None:
    assert outcomes(responses.judge, exchanges, expected) == expected
