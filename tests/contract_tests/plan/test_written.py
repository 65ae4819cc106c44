"""Values in the styles of OpenAPI: what is written is read again as the same value."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from apicontract import Parameter, load_contract
from apicontract.parameters import parse_query
from contract_tests.plan.written import one_text, query_pairs
from tests.documents import document, write

JSON = Any
COLOURS = {"type": "array", "items": {"type": "string"}}
POINT = {"type": "object", "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}}}


def parameter(folder: Path, schema: JSON, **more: JSON) -> Parameter:
    """The one parameter of a document."""
    content = {"content": {"application/json": {"schema": schema}}} if more.pop("json", False) else {"schema": schema}
    node = {"name": "v", "in": "query", **content, **more}
    root = document({"/a": {"get": {"parameters": [node], "responses": {"200": {"description": "ok"}}}}})
    return load_contract(write(folder / "a.yaml", root)).operations[0].parameters[0]


@pytest.mark.parametrize(
    ("schema", "more", "value", "query"),
    [
        (COLOURS, {}, ["red", "blue"], "v=red&v=blue"),
        (COLOURS, {"explode": False}, ["red", "blue"], "v=red,blue"),
        (COLOURS, {"style": "pipeDelimited", "explode": False}, ["red", "blue"], "v=red|blue"),
        (COLOURS, {"style": "spaceDelimited", "explode": False}, ["red", "blue"], "v=red blue"),
        (POINT, {}, {"x": 1, "y": 2}, "x=1&y=2"),
        (POINT, {"explode": False}, {"x": 1, "y": 2}, "v=x,1,y,2"),
        (POINT, {"style": "deepObject"}, {"x": 1, "y": 2}, "v[x]=1&v[y]=2"),
        (POINT, {"json": True}, {"x": 1, "y": 2}, 'v={"x": 1, "y": 2}'),
        ({"type": "boolean"}, {}, True, "v=true"),
    ],
)
def test_a_value_in_a_query_is_read_as_it_was_written(
    tmp_path: Path, schema: JSON, more: JSON, value: JSON, query: str
) -> None:
    one = parameter(tmp_path, schema, **more)
    pairs = query_pairs(one, value)
    assert "&".join(f"{name}={text}" for name, text in pairs) == query
    assert one.read_among(parse_query(query.encode())) == value
    assert all(one.takes(name) for name, _ in parse_qsl(query))
    assert not one.takes("w")


@pytest.mark.parametrize(
    ("schema", "explode", "value", "text"),
    [
        (COLOURS, False, ["red", "blue"], "red,blue"),
        (POINT, False, {"x": 1, "y": 2}, "x,1,y,2"),
        (POINT, True, {"x": 1, "y": 2}, "x=1,y=2"),
    ],
)
def test_a_value_in_a_header_is_read_as_it_was_written(
    tmp_path: Path, schema: JSON, explode: bool, value: JSON, text: str
) -> None:
    one = parameter(tmp_path, schema, **{"in": "header", "explode": explode})
    assert one_text(one, value) == text
    assert one.read([text]) == value
