"""Parameters: defaults, accepted values, unknown parameters, ranges."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path

import pytest

from apicontract.contract import load_contract
from contract_tests.checks import parameters
from contract_tests.checks.parameters import refused_together, suspects_of
from contract_tests.model.exchange import Exchange
from tests.contract_tests.checks.recorded import SHOP, Expected, asked, case, listed, outcomes, refused, traffic_of
from tests.documents import write

ORDERS, STATS = "/v1/shops/s1/orders", "/v1/shops/s1/stats"
TWO = {"orders": [{"id": "o2", "total": 5}, {"id": "o1", "total": 7}]}
OTHER = {"orders": [{"id": "o2", "total": 500}, {"id": "o1", "total": 700}]}

PAGES = [("/a", 9), ("/b", 5), ("/c", 5), ("/d", 3)]
TIES = [("/a", 9), ("/c", 5), ("/b", 5), ("/e", 3)]
"""The same counts; `/d` and `/e` have equal ones, and the list is cut between them."""


def days(*visitors: int) -> dict[str, object]:
    rows = [{"date": f"2026-02-0{number}", "visitors": count} for number, count in enumerate(visitors, 1)]
    return {"visitors": sum(visitors), "days": rows}


TABLE = [
    case(
        "values accepted",
        [listed(), asked(f"{ORDERS}?range=24h&limit=1", 200, TWO)],
        {
            "CT302:listOrders:range=24h": True,
            "CT302:listOrders:limit=1 (minimum)": True,
        },
    ),
    case(
        "a value refused alone",
        [listed(), asked(ORDERS, 200, TWO), refused(f"{ORDERS}?range=24h", 400, "invalid_parameter")],
        {"CT302:listOrders:range=24h": False},
    ),
    case(
        "two values refused together",
        [listed(), asked(ORDERS, 200, TWO), refused(f"{ORDERS}?range=24h&limit=100", 400, "invalid_parameter")],
        {"CT302:listOrders:range=24h": None, "CT302:listOrders:limit=100 (maximum)": None},
    ),
    case(
        "the default applies",
        [listed(), asked(ORDERS, 200, TWO), asked(f"{ORDERS}?range=7d", 200, TWO)],
        {
            "CT301:listOrders:range": True,
        },
    ),
    case(
        "another default",
        [listed(), asked(ORDERS, 200, TWO), asked(f"{ORDERS}?range=7d", 200, OTHER)],
        {
            "CT301:listOrders:range": False,
        },
    ),
    case(
        "an unknown parameter ignored",
        [listed(), asked(ORDERS, 200, TWO), asked(f"{ORDERS}?x=1", 200, TWO)],
        {
            "CT306:listOrders:unknown parameter": True,
        },
    ),
    case(
        "equal counts in another order",
        [
            listed(),
            asked(STATS, 200, {"pages": [{"path": path, "views": views} for path, views in PAGES]}),
            asked(STATS, 200, {"pages": [{"path": path, "views": views} for path, views in TIES]}),
        ],
        {"CT503:getStats:repeated": True},
    ),
    case(
        "other counts in another order",
        [
            listed(),
            asked(STATS, 200, {"pages": [{"path": path, "views": views} for path, views in PAGES]}),
            asked(STATS, 200, {"pages": [{"path": path, "views": views} for path, views in PAGES[::-1]]}),
        ],
        {"CT503:getStats:repeated": False},
    ),
    case(
        "an unknown parameter matters",
        [listed(), asked(ORDERS, 200, TWO), asked(f"{ORDERS}?x=1", 200, OTHER)],
        {
            "CT306:listOrders:unknown parameter": False,
        },
    ),
    case(
        "the same again",
        [listed(), asked(ORDERS, 200, TWO), asked(ORDERS, 200, TWO)],
        {
            "CT503:listOrders:repeated": True,
        },
    ),
    case(
        "other data for the same request",
        [listed(), asked(ORDERS, 200, TWO), asked(ORDERS, 200, OTHER)],
        {
            "CT503:listOrders:repeated": False,
        },
    ),
    case(
        "data that grew in between",
        [listed(), asked(ORDERS, 200, TWO), asked(ORDERS, 200, {"orders": [{"id": "o3", "total": 1}, *TWO["orders"]]})],
        {"CT503:listOrders:repeated": None},
    ),
    case(
        "a range without effect",
        [
            listed(),
            asked(f"{STATS}?range=24h", 200, days(3, 30)),
            asked(f"{STATS}?range=30d", 200, days(30, 300)),
            asked(f"{ORDERS}?range=24h&limit=50", 200, TWO),
            asked(f"{ORDERS}?range=30d&limit=50", 200, TWO),
        ],
        {"CT310:listOrders:range": False, "CT310:getStats:range": True},
    ),
]


@pytest.mark.parametrize(("exchanges", "expected"), TABLE)
def test_parameters_are_judged_between_answers(exchanges: Sequence[Exchange], expected: Expected) -> None:
    assert outcomes(parameters.judge, exchanges, expected) == expected


def test_an_array_of_values_is_compared_like_one_value(tmp_path: Path) -> None:
    root = copy.deepcopy(SHOP.document.root)
    tags = {"name": "tags", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}}
    root["paths"]["/shops/{shopId}/orders"]["get"]["parameters"].append(tags)
    contract = load_contract(write(tmp_path / "shop.yaml", root))
    exchanges = [listed(), *[asked(f"{ORDERS}?tags=a&tags=b", 200, body) for body in (TWO, OTHER)]]
    found = [judgement for judgement in parameters.judge(traffic_of(exchanges, contract)) if judgement.ok is False]
    assert [judgement.id for judgement in found] == ["CT503:listOrders:repeated"]


def test_a_request_that_two_values_can_explain_is_to_be_isolated() -> None:
    both = refused(f"{ORDERS}?range=24h&limit=100", 400, "invalid_parameter")
    traffic = traffic_of([listed(), asked(ORDERS, 200, TWO), both])
    (view,) = refused_together(traffic)
    assert [text for _, _, text in suspects_of(traffic, view)] == ["24h", "100"]
    accepted = asked(f"{ORDERS}?range=24h", 200, TWO)
    assert refused_together(traffic_of([listed(), asked(ORDERS, 200, TWO), both, accepted])) == []


def test_what_schemas_of_parameters_state_is_known_before() -> None:
    assert {clause.id for clause in parameters.universe(SHOP)} >= {
        "CT301:listOrders:range",
        "CT302:listOrders:range=7d",
        "CT302:listOrders:limit=100 (maximum)",
        "CT303:listOrders:limit below its minimum",
        "CT304:listOrders:limit of a wrong type",
        "CT305:listOrders:range outside its values",
    }
