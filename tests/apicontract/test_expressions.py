"""Runtime expressions of callbacks and links."""

from __future__ import annotations

from typing import Any

import pytest

from apicontract.expressions import Exchanged, evaluate

EXCHANGED = Exchanged(
    url="http://localhost/a?b=c",
    method="POST",
    status=201,
    query={"b": "c"},
    path={"id": 7},
    request_headers={"x-token": "t"},
    request_body={"url": "http://localhost:1", "list": [{"a/b": True}]},
    response_headers={"location": "/a/1"},
    response_body={"id": 1},
)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$url", "http://localhost/a?b=c"),
        ("$method", "POST"),
        ("$statusCode", 201),
        ("$request.query.b", "c"),
        ("$request.path.id", 7),
        ("$request.header.X-Token", "t"),
        ("$request.body#/url", "http://localhost:1"),
        ("$request.body#/list/0/a~1b", True),
        ("$response.header.Location", "/a/1"),
        ("$response.body#/id", 1),
        ("$response.body", {"id": 1}),
        ("http://localhost/{$request.path.id}?x={$request.body#/list/0/a~1b}", "http://localhost/7?x=true"),
        ("constant", "constant"),
        (5, 5),
        ("$request.body#/none", None),
        ("$request.body#/list/9", None),
        ("$response.query.b", None),
        ("$other.body", None),
        ("http://localhost/{$request.query.none}", None),
    ],
)
def test_an_expression_names_a_value_of_the_exchange(expression: Any, value: Any) -> None:
    assert evaluate(expression, EXCHANGED) == value
