"""What a refusal says and must not say."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from contract_tests.checks import responses
from contract_tests.model.exchange import Exchange
from tests.contract_tests.checks.recorded import Expected, asked, case, listed, outcomes, refused

ORDERS = "/v1/shops/s1/orders"
WRONG = f"{ORDERS}?limit=0"
LIST = [{"id": 1, "total": 2, "open": True}]
TABLE = [
    case(
        "the right code",
        [listed(), refused(WRONG, 400, "invalid_parameter")],
        {
            "CT107:listOrders:400 invalid-parameter": True,
            "CT205:listOrders:no data in a refusal": True,
        },
    ),
    case("another code", [listed(), refused(WRONG, 400, "oops")], {"CT107:listOrders:400 invalid-parameter": False}),
    case(
        "a 429 of the minute",
        [refused("/v1/shops", 429, "rate_limited", headers={"X-Month-Used": "5", "X-Month-Limit": "100"})],
        {"CT108:listShops:429 Retry-After": False, "CT107:listShops:429 rate-limited": True},
    ),
    case(
        "a 429 of the minute that says that the month is over",
        [
            refused(
                "/v1/shops",
                429,
                "quota_exceeded",
                headers={"X-Month-Used": "5", "X-Month-Limit": "100", "Retry-After": "1"},
            )
        ],
        {"CT107:listShops:429 rate-limited": False},
    ),
    case(
        "the details name the parameter",
        [listed(), asked(WRONG, 400, {"error": {"code": "invalid_parameter", "details": {"parameter": "limit"}}})],
        {"CT114:listOrders:details": True},
    ),
    case(
        "the details name another parameter",
        [listed(), asked(WRONG, 400, {"error": {"code": "invalid_parameter", "details": {"parameter": "offset"}}})],
        {"CT114:listOrders:details": False},
    ),
    case(
        "further members beside the error",
        [
            listed(),
            asked(ORDERS, 200, {"orders": LIST, "count": 1}),
            asked(
                WRONG,
                400,
                {
                    "error": {"code": "invalid_parameter", "trace": ["a", "b"], "docs": "https://shop.test/errors"},
                    "errors": [{"field": "limit", "rule": "minimum", "value": 0}] * 20,
                    "data": {"count": 1},
                },
            ),
        ],
        {"CT205:listOrders:no data in a refusal": True},
    ),
    case(
        "a list that successes have",
        [
            listed(),
            asked(ORDERS, 200, {"orders": LIST}),
            asked(WRONG, 400, {"error": {"code": "invalid_parameter"}, "orders": LIST}),
        ],
        {"CT205:listOrders:no data in a refusal": False},
    ),
]


@pytest.mark.parametrize(("exchanges", "expected"), TABLE)
def test_a_refusal_has_its_code_and_no_data(exchanges: Sequence[Exchange], expected: Expected) -> None:
    assert outcomes(responses.judge, exchanges, expected) == expected
