"""Schemas: what they ask for, in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from apicontract.document import Document
from apicontract.schemas import Schema, describe
from apicontract.shortening import MOST


@pytest.mark.parametrize(
    ("node", "words"),
    [
        ({"const": "NO"}, "NO"),
        ({"type": "string", "enum": ["a", "b"]}, "one of a, b"),
        ({"type": "boolean", "not": {"const": False}}, "true"),
        ({"type": "boolean", "not": {"const": True}}, "false"),
        ({"type": "boolean"}, "true or false"),
        ({"type": "string", "not": {"const": "a"}}, "a string"),
        ({}, ""),
    ],
)
def test_a_schema_says_in_words_what_it_asks_for(node: dict[str, Any], words: str) -> None:
    assert describe(node) == words


def test_a_boolean_with_one_value_ruled_out_takes_the_other_only() -> None:
    schema = Schema({"properties": {"success": {"type": "boolean", "not": {"const": False}}}}, Document(Path("x"), {}))
    assert schema.is_valid({"success": True})
    (violation,) = schema.violations({"success": False})
    assert (violation.path, violation.expected, violation.provided) == (("success",), "true", False)
    assert violation.message == "true was expected"


def test_what_is_ruled_out_of_anything_else_is_named() -> None:
    schema = Schema({"type": "string", "not": {"const": "a"}}, Document(Path("x"), {}))
    (violation,) = schema.violations("a")
    assert violation.message == violation.expected == '{"const":"a"} is not allowed for "a"'


ITEMS = {"type": "array", "minItems": 6_000, "items": {"type": "object", "required": ["id"]}}


def test_of_a_huge_value_the_violations_of_its_beginning_are_listed() -> None:
    found = Schema(ITEMS, Document(Path("x"), {})).violations([{}] * 100_000)
    assert 1_000 < len(found) <= MOST
    assert {(violation.path[1], violation.keyword) for violation in found} == {("id", "required")}
    assert found[0].path == (0, "id")


def test_of_a_huge_value_whose_end_is_wrong_the_first_violation_is_listed() -> None:
    (violation,) = Schema(ITEMS, Document(Path("x"), {})).violations([{"id": 1}] * 100_000 + [{}])
    assert violation.path == (100_000, "id")


def test_of_a_huge_value_nothing_is_said_that_is_true_of_its_beginning_only() -> None:
    schema = Schema({**ITEMS, "contains": {"required": ["last"]}}, Document(Path("x"), {}))
    assert schema.violations([{"id": 1}] * 100_000 + [{"id": 1, "last": 1}]) == []
    (violation,) = schema.violations([{"id": 1}] * 100_000)
    assert violation.keyword == "contains"
