"""The status that each request must be answered with."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from contract_tests.checks import responses
from contract_tests.checks.expectation import expectation
from contract_tests.model.exchange import Exchange
from tests.contract_tests.checks.recorded import SHOP, Expected, asked, case, listed, outcomes, refused, traffic_of

LISTED = listed()
ORDERS: dict[str, object] = {"orders": []}
TABLE = [
    case("no key refused", [refused("/v1/shops", 401, "unauthorized", role="")], {"CT201:listShops:no key": True}),
    case("no key accepted", [listed(role="")], {"CT201:listShops:no key": False}),
    case(
        "a bad key refused",
        [refused("/v1/shops", 401, "unauthorized", role="invalid:prefix")],
        {"CT202:listShops:prefix": True},
    ),
    case("a bad key accepted", [listed(role="invalid:prefix")], {"CT202:listShops:prefix": False}),
    case("a key in the query accepted", [listed(role="invalid:query")], {"CT203:listShops:key in query": False}),
    case("a revoked key accepted", [listed(role="revoked")], {"CT208:listShops:revoked": False}),
    case(
        "an exhausted key refused",
        [refused("/v1/shops", 429, "quota_exceeded", role="exhausted", headers={"Retry-After": "9"})],
        {"CT610:listShops:exhausted": True, "CT107:listShops:429 quota-exceeded": True},
    ),
    case("an exhausted key answered", [listed(role="exhausted")], {"CT610:listShops:exhausted": False}),
    case(
        "a key without permission answered",
        [asked("/v1/shops/s1", 200, {"shop": {"id": "s1", "name": "One"}}, role="noperm")],
        {"CT206:getShop:no permission": False},
    ),
    case(
        "another resource refused",
        [listed(), listed("s1", role="scoped"), refused("/v1/shops/s2", 403, "no_access", role="scoped")],
        {"CT206:getShop:shopId of another": True},
    ),
    case(
        "another resource answered",
        [
            listed(),
            listed("s1", role="scoped"),
            asked("/v1/shops/s2", 200, {"shop": {"id": "s2", "name": "Two"}}, role="scoped"),
        ],
        {"CT206:getShop:shopId of another": False},
    ),
    case(
        "a malformed id answered",
        [listed(), asked("/v1/shops/not-an-id", 200, {"shop": {"id": "s1", "name": "One"}})],
        {"CT309:getShop:shopId malformed": False},
    ),
    *(
        case(
            f"{name} {'refused' if right else 'accepted'}",
            [
                listed(),
                refused(f"/v1/shops/s1/orders?{query}", 400, "invalid_parameter")
                if right
                else asked(f"/v1/shops/s1/orders?{query}", 200, ORDERS),
            ],
            {clause: right},
        )
        for name, query, clause in (
            ("a value below its minimum", "limit=0", "CT303:listOrders:limit below its minimum"),
            ("a value above its maximum", "limit=101", "CT303:listOrders:limit above its maximum"),
            ("a value of a wrong type", "limit=abc", "CT304:listOrders:limit of a wrong type"),
            ("a fraction", "limit=1.5", "CT304:listOrders:limit not whole"),
            ("a value outside an enum", "range=9y", "CT305:listOrders:range outside its values"),
        )
        for right in (True, False)
    ),
    case(
        "a missing parameter refused",
        [refused("/v1/search", 400, "invalid_parameter")],
        {
            "CT307:search:q missing": True,
        },
    ),
    case("a missing parameter accepted", [asked("/v1/search", 200, {})], {"CT307:search:q missing": False}),
    case(
        "a 500 where a refusal was due",
        [listed(), asked("/v1/shops/s1/orders?limit=0", 500, {})],
        {"CT102:listOrders:no server error": False, "CT103:listOrders:status 500": False},
    ),
]


@pytest.mark.parametrize(("exchanges", "expected"), TABLE)
def test_a_request_decides_how_it_must_be_answered(exchanges: Sequence[Exchange], expected: Expected) -> None:
    assert outcomes(responses.judge, exchanges, expected) == expected


def test_an_unknown_resource_is_refused() -> None:
    from contract_tests.reading.identifiers import unknown_id

    operation = SHOP.operation("getShop")
    stranger = unknown_id(operation.parameters[0], ["s1", "s2"], 0)
    path, clause = f"/v1/shops/{stranger}", "CT210:getShop:shopId unknown"
    assert outcomes(responses.judge, [listed(), refused(path, 404, "not_found")], {clause: True}) == {clause: True}
    answered = asked(path, 200, {"shop": {"id": stranger, "name": "x"}})
    assert outcomes(responses.judge, [listed(), answered], {}) == {clause: False}


@pytest.mark.parametrize(
    "exchange",
    [
        asked("/v1/shops/s1/orders?limit=1&limit=2"),
        asked("/v1/shops/s1/orders?limit="),
        asked("/v1/shops", role="free"),
        asked("/v1/shops/s1/orders?customer=" + "x" * 2000),
        asked("/v1/shops/s1/orders?offset=99999999999"),
        asked("/v1/shops", method="OPTIONS"),
        asked("/v1/e/c1", method="POST", role="", content=b"{", sent={"Content-Type": "application/json"}),
    ],
)
def test_where_a_contract_does_not_decide_any_status_below_500_is_right(exchange: Exchange) -> None:
    traffic = traffic_of([listed(), exchange])
    assert expectation(traffic, traffic.views[-1]).open
