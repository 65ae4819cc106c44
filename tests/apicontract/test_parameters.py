"""Parameters: from text to value, and refusals that say what is expected."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apicontract.parameters import MISSING, Parameter, ParameterError
from mockserver.pipeline.validate import read_parameters
from tests.documents import contract_of

LIMIT = {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}


def parameter(schema: dict[str, Any], **members: Any) -> Parameter:
    node = {"name": "p", "in": "query", "schema": schema, **members}
    get = {"parameters": [node], "responses": {"200": {"description": "ok"}}}
    return contract_of({"/a": {"get": get}}).operations[0].parameters[0]


@pytest.mark.parametrize(
    ("schema", "texts", "value"),
    [
        (LIMIT, None, 20),
        (LIMIT, ["1"], 1),
        (LIMIT, ["100"], 100),
        ({"type": "string"}, None, MISSING),
        ({"type": "string"}, [""], ""),
        ({"type": "string"}, ["5"], "5"),
        ({"type": "number"}, ["-1.5e2"], -150.0),
        ({"type": "boolean"}, ["false"], False),
        ({"type": ["integer", "null"]}, ["null"], None),
        ({"type": "array", "items": {"type": "integer"}}, ["1", "2"], [1, 2]),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, ["x"], "x"),
    ],
)
def test_a_text_is_read_as_its_schema_says(schema: dict[str, Any], texts: list[str] | None, value: Any) -> None:
    assert parameter(schema).read(texts) == value


@pytest.mark.parametrize(
    "text", ["0", "101", "-1", "1.0", "1e1", "+1", " 1", "1 ", "01", "٥", "", "abc", "9" * 500, "null"]
)
def test_a_limit_that_is_no_plain_integer_within_bounds_is_refused(text: str) -> None:
    with pytest.raises(ParameterError) as caught:
        parameter(LIMIT).read([text])
    assert caught.value.provided == text
    assert caught.value.expected == "an integer from 1 to 100"


@pytest.mark.parametrize("text", [str(1 << 63), str(1 << 64), "9" * 300, "-" + "9" * 299])
def test_an_integer_has_no_bounds_but_those_of_its_schema(text: str) -> None:
    assert str(parameter({"type": "integer"}).read([text])) == text
    assert str(parameter({"type": "number"}).read([text])) == text


@pytest.mark.parametrize("digits", [301, 5_000, 60_000])
def test_a_number_of_more_digits_than_a_double_holds_is_refused(digits: int) -> None:
    for schema, words in (
        ({"type": "integer"}, "an integer, of at most 300 digits"),
        ({"type": "number"}, "a number, of at most 300 digits"),
        (LIMIT, "an integer from 1 to 100"),
    ):
        with pytest.raises(ParameterError) as caught:
            parameter(schema).read(["9" * digits])
        assert caught.value.expected == words
    assert parameter({"type": "string"}).read(["9" * digits]) == "9" * digits


def test_a_single_value_given_twice_is_refused() -> None:
    with pytest.raises(ParameterError, match="given once"):
        parameter(LIMIT).read(["1", "1"])


def test_a_required_parameter_that_is_absent_is_refused() -> None:
    with pytest.raises(ParameterError, match="one of 7d, 30d"):
        parameter({"enum": ["7d", "30d"]}, required=True).read(None)


@pytest.mark.parametrize(
    ("members", "query", "value"),
    [
        ({"style": "form", "explode": False}, b"p=1,2", [1, 2]),
        ({"style": "pipeDelimited", "explode": False}, b"p=1%7C2", [1, 2]),
        ({"style": "spaceDelimited", "explode": False}, b"p=1%202", [1, 2]),
        ({}, b"p=1&p=2", [1, 2]),
    ],
)
def test_lists_are_read_in_every_style(members: dict[str, Any], query: bytes, value: Any) -> None:
    node = {"name": "p", "in": "query", "schema": {"type": "array", "items": {"type": "integer"}}, **members}
    get = {"parameters": [node], "responses": {"200": {"description": "ok"}}}
    operation = contract_of({"/a": {"get": get}}).operations[0]
    assert read_parameters(operation, {}, query, {}) == ({"p": value}, None)


@pytest.mark.parametrize(("style", "query"), [("deepObject", b"p[a]=1&p[b]=x"), ("form", b"a=1&b=x")])
def test_objects_are_read_in_every_style(style: str, query: bytes) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}}
    node = {"name": "p", "in": "query", "style": style, "schema": schema}
    get = {"parameters": [node], "responses": {"200": {"description": "ok"}}}
    operation = contract_of({"/a": {"get": get}}).operations[0]
    assert read_parameters(operation, {}, query, {}) == ({"p": {"a": 1, "b": "x"}}, None)


@given(st.integers(-1000, 1000))
def test_every_integer_is_accepted_exactly_when_it_lies_within_the_bounds(number: int) -> None:
    wanted = parameter(LIMIT)
    if 1 <= number <= 100:
        assert wanted.read([str(number)]) == number
    else:
        with pytest.raises(ParameterError):
            wanted.read([str(number)])


@given(st.binary(max_size=60))
def test_no_query_string_breaks_the_reading(query: bytes) -> None:
    operation = contract_of(
        {
            "/a": {
                "get": {
                    "parameters": [{"name": "p", "in": "query", "schema": LIMIT}],
                    "responses": {"200": {"description": ""}},
                }
            }
        }
    ).operations[0]
    values, problem = read_parameters(operation, {}, query, {})
    assert (problem is None) == ("p" in values)
