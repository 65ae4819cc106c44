"""Every example of a contract is what its schema says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from tests.openapi.reading import CONTRACTS, contract, operations, parameters, resolve, responses

JSON = Any


def validator(root: JSON, schema: JSON) -> Any:
    """A schema with everything its references lead to, formats asserted."""
    whole = {"allOf": [schema], "components": {"schemas": root["components"]["schemas"]}}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def bodies(root: JSON) -> Iterator[tuple[str, JSON, JSON]]:
    """Every example of a body, with its place and schema."""
    for operation in operations(root):
        found = dict(responses(root, operation))
        if "requestBody" in operation.node:
            found["request"] = operation.node["requestBody"]
        for status, body in found.items():
            for media in body["content"].values():
                for name, example in media["examples"].items():
                    yield f"{operation.id} {status} {name}", media["schema"], resolve(root, example)["value"]


def values(root: JSON) -> Iterator[tuple[str, JSON, JSON]]:
    """Every example and default of a parameter or header."""
    for operation in operations(root):
        for parameter in parameters(root, operation):
            if "default" in parameter["schema"]:
                yield f"{operation.id} {parameter['name']} default", parameter["schema"], parameter["schema"]["default"]
            for name, example in parameter.get("examples", {}).items():
                yield f"{operation.id} {parameter['name']} {name}", parameter["schema"], example["value"]
    for name, header in root["components"]["headers"].items():
        yield f"header {name}", header["schema"], header["example"]


CASES = [(name, *case) for name in CONTRACTS for case in (*bodies(contract(name)), *values(contract(name)))]


@pytest.mark.parametrize(("name", "place", "schema", "value"), CASES, ids=[f"{c[0]} {c[1]}" for c in CASES])
def test_every_example_keeps_its_schema(name: str, place: str, schema: JSON, value: JSON) -> None:
    assert [error.message for error in validator(contract(name), schema).iter_errors(value)] == []


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_response_has_an_example(name: str) -> None:
    root = contract(name)
    for operation in operations(root):
        for status, response in responses(root, operation).items():
            assert response["content"]["application/json"]["examples"], f"{operation.id} {status}"


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_example_is_used(name: str) -> None:
    used = {example.get("$ref") for _, _, example in _raw(contract(name))}
    assert {f"#/components/examples/{key}" for key in contract(name)["components"]["examples"]} <= used


def _raw(root: JSON) -> Iterator[tuple[str, str, JSON]]:
    for operation in operations(root):
        for status, response in responses(root, operation).items():
            for example in response["content"]["application/json"]["examples"].values():
                yield operation.id, status, example


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_error_kind_answers_what_some_response_allows(name: str) -> None:
    """The messages of `x-errors`, rendered, are bodies of the responses with their status."""
    root = contract(name)
    for kind_name, kind in root["x-errors"]["kinds"].items():
        body = rendered(root["x-errors"]["body"], kind)
        schemas = [
            response["content"]["application/json"]["schema"]
            for operation in operations(root)
            for status, response in responses(root, operation).items()
            if status == str(kind["status"]) and kind_name not in ("unknown-path", "method-not-allowed")
        ]
        assert all(validator(root, schema).is_valid(body) for schema in schemas), kind_name
        assert schemas or kind["x-provenance"]["level"] == "inferred", kind_name


def rendered(template: JSON, kind: JSON) -> JSON:
    """An error body as a server fills it."""
    given = {"message": kind["message"], "code": kind["code"], "now": "2026-02-07T12:00:00.000Z"}
    if kind["status"] == 429:
        given["retry_after"] = 42
    if isinstance(template, dict):
        filled = {name: rendered(member, kind) for name, member in template.items()}
        return {name: value for name, value in filled.items() if value is not None}
    return given.get(template.strip("{}")) if isinstance(template, str) else template


@pytest.mark.parametrize(
    ("operation", "value"),
    [
        ("listHeatmapPages", {"success": True, "data": {"pages": [{"url": "/"}]}, "timestamp": "2026-02-07T12:00:00Z"}),
        ("listHeatmapPages", {"success": True, "data": {"pages": []}, "timestamp": "yesterday"}),
        ("listWebsites", {"success": False, "data": {"websites": [], "total": 0}, "timestamp": "2026-02-07T12:00:00Z"}),
        ("listWebsites", {"websites": []}),
    ],
)
def test_a_body_that_is_wrong_does_not_keep_its_schema(operation: str, value: JSON) -> None:
    root = contract("zenovay-2026-02")
    schema = next(schema for place, schema, _ in bodies(root) if place.startswith(f"{operation} 200"))
    assert not validator(root, schema).is_valid(value)


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_response_may_have_further_members(name: str) -> None:
    root = contract(name)
    for place, schema, value in bodies(root):
        if " 200 " in place:
            assert validator(root, schema).is_valid({**value, "further": 1}), place


@pytest.mark.parametrize("name", ["zenovay-2026-02", "zenovay-2025-01"])
def test_each_error_takes_its_own_codes_only(name: str) -> None:
    root = contract(name)
    every = {kind["code"] for kind in root["x-errors"]["kinds"].values()}
    for place, schema, body in bodies(root):
        if "error" in body:
            checked = validator(root, schema)
            taken = {code for code in every if checked.is_valid({**body, "error": {**body["error"], "code": code}})}
            assert body["error"]["code"] in taken, place
            assert len(taken) <= 2, place
            assert not checked.is_valid({**body, "error": {**body["error"], "code": "ANOTHER"}}), place


def test_whether_a_request_succeeded_is_not_up_to_the_answer() -> None:
    root = contract("zenovay-2026-02")
    for place, schema, body in bodies(root):
        if "success" in body:
            assert not validator(root, schema).is_valid({**body, "success": not body["success"]}), place
