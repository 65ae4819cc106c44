"""Schemas: what they ask for, in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from apicontract.document import Document
from apicontract.schemas import Schema, describe


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
