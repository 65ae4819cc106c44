"""Declared response headers of a document of somebody else are sent, with an example or a made value."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.pipeline.headers import header_plan
from mockserver.pipeline.lines import unpacked
from tests.documents import contract_of
from tests.strangers import Stranger


def sent(headers: dict[str, Any]) -> dict[str, str]:
    responses = {"200": {"description": "ok", "headers": headers}}
    (operation,) = contract_of({"/a": {"get": {"responses": responses}}}).operations
    lines = header_plan(operation, 200, made=True).fill(None)
    return {name.decode(): value.decode("latin-1") for name, value in unpacked(lines)}


TEXT = {"type": "string"}


@pytest.mark.parametrize(
    ("node", "value"),
    [
        ({"schema": TEXT, "example": "shown"}, "shown"),
        ({"schema": TEXT | {"default": "usual"}}, "usual"),
        ({"schema": {"enum": ["a", "b"]}}, "a"),
        ({"schema": {"type": "integer", "minimum": 4, "maximum": 4}, "example": "wrong"}, "4"),
        ({"schema": {"type": "boolean", "example": True}}, "true"),
        ({"schema": {"type": "array", "items": {"type": "integer"}, "example": [1, 2]}}, "1,2"),
        ({"schema": {"type": "object", "example": {"a": 1, "b": "c"}}}, "a,1,b,c"),
        ({"schema": {"type": "object", "example": {"a": 1, "b": "c"}}, "explode": True}, "a=1,b=c"),
        ({"content": {"application/json": {"schema": {"example": {"a": [1]}}}}}, '{"a":[1]}'),
        ({"schema": TEXT, "example": "two\r\nX-Other: lines"}, "two X-Other: lines"),
    ],
)
def test_a_header_has_its_example_or_a_value_of_its_schema(node: dict[str, Any], value: str) -> None:
    assert sent({"X-Thing": node}) == {"x-thing": value}


def test_headers_with_a_syntax_of_their_own_have_it() -> None:
    made = sent({name: {"schema": TEXT} for name in ("ETag", "Last-Modified", "Location", "Link", "Set-Cookie")})
    assert made["etag"].startswith('"')
    assert made["last-modified"].endswith("GMT")
    assert made["location"].startswith("https://example.com/")
    assert made["link"].startswith("<https://example.com/")
    assert "=" in made["set-cookie"]


def test_headers_that_tell_how_an_answer_is_sent_are_not_made_up() -> None:
    names = ("Content-Length", "Content-Encoding", "Transfer-Encoding", "Date", "Access-Control-Allow-Origin")
    assert sent({name: {"schema": {"type": "integer"}} for name in names}) == {}


def test_the_headers_of_an_answer_are_those_of_its_status() -> None:
    pets = Stranger("pets.yaml")
    made = pets.get("/v1/pets").headers
    assert 0 <= int(made["x-total-count"]) <= 500
    assert made["x-source"] == "warehouse"
    assert len(made["x-colors"].split(",")) == 2
    assert "T" in made["x-expires-after"]
    assert pets.get("/v1/shop").headers["location"].startswith("https://")
    assert "x-source" not in pets.get("/v1/pets?limit=0").headers
