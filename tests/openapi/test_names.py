"""Generators name types after components and members: every type gets a name that a person would give it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.openapi.reading import CONTRACTS, contract, operations, responses
from tests.openapi.test_provenance import nodes

JSON = Any
STRUCTURE = re.compile(r"AllOf|Item|Inner|Inline|Envelope")
PROVENANCE = re.compile(r"Inferred|Documented|Supplement|Sibling|Guess")


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_component_is_named_after_what_it_is(name: str) -> None:
    names = [one for section in contract(name)["components"].values() for one in section]
    assert [one for one in names if STRUCTURE.search(one) or PROVENANCE.search(one)] == []


@pytest.mark.parametrize("name", CONTRACTS)
def test_no_part_of_a_schema_becomes_a_type_without_a_name_of_its_own(name: str) -> None:
    """A part of an `allOf` would be called `WebsiteAllOf`, an object in a list `PagesItem` or `PagesInner`."""
    for place, node in nodes(contract(name)["components"]["schemas"]):
        assert not {"allOf", "anyOf", "oneOf"} & set(node), place
        assert "properties" not in node.get("items", {}), place


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_body_is_a_named_type(name: str) -> None:
    root = contract(name)
    for operation in operations(root):
        for body in (operation.node.get("requestBody", {}), *responses(root, operation).values()):
            assert all("$ref" in media["schema"] for media in body.get("content", {}).values()), operation.id


@pytest.mark.parametrize("name", CONTRACTS)
def test_no_boolean_has_a_const_which_makes_generated_clients_refuse_answers(name: str) -> None:
    for place, node in nodes(contract(name)["components"]["schemas"]):
        if not place.endswith("/not"):
            assert not [value for value in (node.get("const"), *node.get("enum", ())) if isinstance(value, bool)], place


@pytest.mark.parametrize("name", CONTRACTS)
def test_no_type_shares_its_name_with_one_of_its_members_or_with_another_type(name: str) -> None:
    """Generated Python has one variable for a model and its member; orval makes `NotFoundResponse` of a response."""
    components = contract(name)["components"]
    for one, schema in components["schemas"].items():
        assert one.lower() not in {member.replace("_", "").lower() for member in schema.get("properties", ())}
    taken = {f"{one}Response" for one in components["responses"]} | {
        f"{one}Parameter" for one in components["parameters"]
    }
    assert taken & set(components["schemas"]) == set()
