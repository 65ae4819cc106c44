"""Values made from schemas of every kind are valid, realistic and the same for the same seed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from apicontract.directions import is_valid, list_violations, strip_unsent
from apicontract.document import Document
from apicontract.schemas import Schema
from apicontract.values import make_value

COMPONENTS: dict[str, Any] = {
    "Animal": {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"type": "string"}, "name": {"type": "string"}},
        "discriminator": {
            "propertyName": "kind",
            "mapping": {"cat": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"},
        },
    },
    "Cat": {
        "allOf": [
            {"$ref": "#/components/schemas/Animal"},
            {"type": "object", "required": ["claws"], "properties": {"claws": {"type": "integer"}}},
        ]
    },
    "Dog": {
        "allOf": [
            {"$ref": "#/components/schemas/Animal"},
            {"type": "object", "required": ["bark"], "properties": {"bark": {"type": "boolean"}}},
        ]
    },
    "Card": {
        "type": "object",
        "required": ["type", "number"],
        "properties": {"type": {}, "number": {"type": "string"}},
    },
    "Cash": {"type": "object", "required": ["type", "coins"], "properties": {"type": {}, "coins": {"type": "integer"}}},
    "Node": {
        "type": "object",
        "required": ["next"],
        "properties": {"next": {"oneOf": [{"$ref": "#/components/schemas/Node"}, {"type": "null"}]}},
    },
    "Tree": {
        "type": "object",
        "required": ["children"],
        "properties": {"children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}},
    },
    "User": {
        "type": "object",
        "required": ["id", "password", "email"],
        "properties": {
            "id": {"type": "integer", "readOnly": True},
            "password": {"type": "string", "writeOnly": True},
            "email": {"type": "string"},
        },
    },
}
OBJECT = {"type": "object"}
COUNTRY = {"country": {"enum": ["US", "CA"]}, "code": {"type": "string"}}
SCHEMAS: list[Any] = [
    {"$ref": "#/components/schemas/Node"},
    {"$ref": "#/components/schemas/Tree"},
    {"type": "array", "items": {"$ref": "#/components/schemas/User"}, "minItems": 2},
    OBJECT | {"properties": COUNTRY, "required": ["country", "code"],
              "if": {"properties": {"country": {"const": "US"}}},
              "then": {"properties": {"code": {"pattern": "^[0-9]{5}$"}}},
              "else": {"properties": {"code": {"pattern": "^[A-Z][0-9][A-Z]$"}}}},
    {"type": "array", "items": {"type": "integer"}, "contains": {"const": 7}, "minContains": 2, "maxItems": 4},
    {"type": "array", "items": {"type": "string"}, "contains": {"pattern": "^x", "type": "string"}},
    OBJECT | {"patternProperties": {"^S_": {"type": "integer"}}, "additionalProperties": False, "minProperties": 2},
    OBJECT | {"patternProperties": {"^[a-z]{4}$": {"type": "integer"}}, "required": ["abcd"]},
    OBJECT | {"propertyNames": {"pattern": "^[a-z]{3}$"}, "minProperties": 3},
    OBJECT | {"properties": {"a": {}, "b": {}}, "dependentRequired": {"a": ["c"]}, "required": ["a"]},
    OBJECT | {"properties": {"a": {}}, "required": ["a"],
              "dependentSchemas": {"a": {"required": ["b"], "properties": {"b": {"const": 1}}}}},
    OBJECT | {"properties": {"a": {}, "b": {}}, "not": {"required": ["a"]}},
    OBJECT | {"properties": {"a": {}, "b": {}, "c": {}}, "required": ["c"], "maxProperties": 1},
    OBJECT | {"unevaluatedProperties": False, "allOf": [{"properties": {"a": {"type": "integer"}}}]},
    OBJECT | {"required": ["x"], "additionalProperties": {"type": "integer"}},
    {"allOf": [OBJECT | {"properties": {"a": {"minLength": 3, "type": "string"}}},
               {"properties": {"a": {"maxLength": 4}}, "required": ["a"]}]},
    {"anyOf": [{"required": ["a"]}, {"required": ["b"]}], "properties": {"a": {"type": "integer"}}},
    {"not": {"type": "string"}},
    {"type": "number", "minimum": 1e-9, "maximum": 2e-9},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001},
    {"type": "number", "multipleOf": 0.01, "minimum": 1.005, "maximum": 1.02},
    {"type": "number", "maximum": -3},
    {"type": "integer", "multipleOf": 2.5, "minimum": 1, "maximum": 6},
    {"type": "integer", "minimum": -5, "maximum": -5},
    {"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 5},
    {"type": "integer", "minimum": 1 << 70},
    {"type": "string", "maxLength": 0},
    {"type": "string", "minLength": 5_000},
    {"type": "string", "pattern": "^\\p{L}+$"},
    {"type": "string", "pattern": "^(?<year>\\d{4})-\\d\\d$"},
    {"type": "string", "pattern": "^[a-z]+$", "minLength": 12, "maxLength": 60},
    {"type": "string", "pattern": "a", "minLength": 200},
    {"type": "string", "contentEncoding": "base64"},
    {"type": "array", "uniqueItems": True, "items": {"type": "boolean"}, "minItems": 2},
    {"type": "array", "prefixItems": [{"const": 1}, {"type": "string"}], "items": False, "minItems": 2},
    {"type": ["string", "null"], "enum": [None, "x"]},
    *({"type": "string", "format": name} for name in ("date-time", "date", "time", "uuid", "email", "hostname", "uri",
      "uri-reference", "iri", "ipv4", "ipv6", "duration", "json-pointer", "relative-json-pointer", "regex")),
]  # fmt: skip


def schema(node: Any) -> Schema:
    return Schema(node, Document(Path("none.yaml"), {"components": {"schemas": COMPONENTS}}))


@pytest.mark.parametrize("node", SCHEMAS, ids=str)
def test_a_value_is_valid_and_depends_on_the_seed_alone(node: Any) -> None:
    made = schema(node)
    for seed in "abc":
        for examples in (True, False):
            for sent in ("request", "response", ""):
                value = make_value(made, seed, examples=examples, sent=sent)
                assert list_violations(made, value, sent) == []
                assert make_value(made, seed, examples=examples, sent=sent) == value


@pytest.mark.parametrize("seed", "abcdef")
def test_a_discriminator_names_the_schema_that_the_value_has(seed: str) -> None:
    animal = make_value(schema({"$ref": "#/components/schemas/Animal"}), seed)
    assert (animal["kind"] == "cat") == ("claws" in animal)
    assert (animal["kind"] == "dog") == ("bark" in animal)
    names = ["Card", "Cash"]
    options = {"oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in names]}
    paid = make_value(schema({**options, "discriminator": {"propertyName": "type"}}), seed)
    assert paid["type"] == ("Card" if "number" in paid else "Cash")


def test_examples_defaults_and_constants_come_before_made_values() -> None:
    properties = {
        "a": {"type": "string", "example": "shown", "default": "other"},
        "b": {"type": "integer", "examples": [7]},
        "c": {"type": "integer", "default": 3},
        "d": {"const": "fixed"},
        "e": {"type": "string", "enum": ["first", "second"]},
    }
    value = make_value(schema({"type": "object", "properties": properties}), "s", examples=True)
    assert value == {"a": "shown", "b": 7, "c": 3, "d": "fixed", "e": "first"}


def test_an_example_of_a_member_that_is_not_valid_is_not_used() -> None:
    properties = {"a": {"type": "integer", "example": "wrong"}, "b": {"type": "string", "example": "right"}}
    value = make_value(schema({"type": "object", "properties": properties}), "s", examples=True)
    assert isinstance(value["a"], int)
    assert value["b"] == "right"


def test_the_valid_parts_of_a_hint_are_kept() -> None:
    items = {"type": "object", "required": ["id", "name"], "properties": {"id": {"type": "integer"}, "name": {}}}
    node = {"type": "object", "properties": {"total": {"type": "integer"}, "items": {"type": "array", "items": items}}}
    value = make_value(schema(node), "s", hint={"total": "2", "items": [{"id": "x", "name": "Ann"}, {"id": 4}]})
    assert isinstance(value["total"], int)
    assert [item["name"] == "Ann" or item["id"] == 4 for item in value["items"]] == [True, True]
    assert is_valid(schema(node), value)


def test_names_give_realistic_values() -> None:
    properties = {name: {"type": "string"} for name in ("email", "firstName", "created_at", "homepage", "address")}
    properties |= {"age": {"type": "integer"}, "latitude": {"type": "number"}}
    value = make_value(schema({"type": "object", "properties": properties}), "s", examples=True)
    assert "@example." in value["email"]
    assert value["firstName"].isalpha()
    assert value["created_at"].startswith("2026-")
    assert value["homepage"].startswith("https://example.com/")
    assert 18 <= value["age"] <= 90
    assert -60 <= value["latitude"] <= 70


def test_what_is_sent_in_one_direction_only_is_not_missed_in_the_other() -> None:
    user = schema({"$ref": "#/components/schemas/User"})
    whole = {"id": 1, "password": "p", "email": "e"}
    assert strip_unsent(user, whole, "response") == {"id": 1, "email": "e"}
    assert strip_unsent(user, whole, "request") == {"password": "p", "email": "e"}
    assert set(make_value(user, "s", sent="response")) == {"id", "email"}
    assert set(make_value(user, "s", sent="request")) == {"password", "email"}
    assert not is_valid(user, {"id": 1, "email": "e"})
    assert is_valid(user, {"id": 1, "email": "e"}, "response")
    assert [each.path for each in list_violations(user, {"id": 1}, "request")] == [("password",), ("email",)]


def test_a_contradiction_ends_with_an_invalid_value() -> None:
    contradiction = schema({"type": "string", "minLength": 5, "maxLength": 3})
    assert not is_valid(contradiction, make_value(contradiction, "s"))


def test_only_required_members_are_in_a_brief_value() -> None:
    node = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}}
    assert set(make_value(schema(node), "s", brief=True)) == {"a"}


def test_a_discriminator_decides_between_alternatives_that_a_value_has_both() -> None:
    same = {"type": "object", "properties": {"kind": {"type": "string"}}}
    either = {"oneOf": [same, {**same, "title": "other"}], "discriminator": {"propertyName": "kind"}}
    assert is_valid(schema(either), {"kind": "a"}, "request")
    assert not is_valid(schema(either), {"other": "a"}, "request")
    assert not is_valid(schema({"oneOf": either["oneOf"]}), {"kind": "a"}, "request")
