"""Reading documents: what cannot be used is refused in one clear line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from apicontract import ContractError, load_contract
from apicontract.document import Document, load_document
from apicontract.upgrade import upgrade_schemas
from tests.documents import document, write

OK = {"get": {"responses": {"200": {"description": "ok"}}}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("openapi: 3.1.0\n  paths: {}", ":2:"),
        ("[1, 2", "contract.yaml"),
        ("- a\n- b", "a mapping with"),
        ("", "a mapping with"),
        ("swagger: '2.0'\npaths: {/a: {}}", "convert it to OpenAPI 3"),
        ("openapi: 4.0.0\npaths: {/a: {}}", "found openapi: 4.0.0"),
        ("openapi: 3.1.0", "`paths` is missing or no mapping"),
        ("openapi: 3.1.0\npaths: []", "`paths` is missing or no mapping"),
        ("openapi: 3.1.0\npaths: {}\nx-plans: 7", "cannot be used"),
    ],
)
def test_a_document_that_cannot_be_used_is_refused_with_file_and_reason(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(text)
    with pytest.raises(ContractError) as caught:
        load_contract(path)
    assert str(path) in str(caught.value)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="No such file"):
        load_contract(tmp_path / "none.yaml")


def test_dates_and_country_codes_stay_text(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("openapi: 3.1.0\npaths: {/a: {}}\nx-list: [2026-02-07, NO, on, true, 1, 2026-02-07T12:00:00Z]")
    assert load_document(path).root["x-list"] == ["2026-02-07", "NO", "on", True, 1, "2026-02-07T12:00:00Z"]


def test_a_reference_into_another_file_is_followed(tmp_path: Path) -> None:
    write(tmp_path / "other.yaml", {"item": OK})
    path = write(tmp_path / "a.yaml", document({"/a": {"$ref": "other.yaml#/item"}}))
    assert [operation.path for operation in load_contract(path).operations] == ["/a"]


def test_what_needs_no_change_is_not_copied_and_data_is_left_alone() -> None:
    data = {"nullable": True, "type": "string", "$ref": "not/a reference"}
    schema: dict[str, Any] = {
        "properties": {"example": {"type": "string", "nullable": True}, "b": {}},
        "example": data,
        "enum": [data],
    }
    upgraded = upgrade_schemas(schema)
    assert upgraded["properties"] == {"example": {"type": ["string", "null"]}, "b": {}}
    assert upgraded["example"] is data
    assert upgraded["properties"]["b"] is schema["properties"]["b"]
    assert upgrade_schemas({"a": [schema["properties"]["b"]]})["a"][0] is schema["properties"]["b"]


def test_openapi_3_0_ignores_what_stands_beside_a_reference() -> None:
    node = {"$ref": "#/a", "minLength": 7, "description": "mine", "x-own": 1}
    assert upgrade_schemas(node) == {"$ref": "#/a", "description": "mine", "x-own": 1}


def test_the_schemas_of_openapi_3_0_become_those_of_3_1() -> None:
    old = {
        "type": "integer",
        "nullable": True,
        "minimum": 1,
        "exclusiveMinimum": True,
        "maximum": 9,
        "exclusiveMaximum": False,
    }
    assert upgrade_schemas(old) == {"type": ["integer", "null"], "exclusiveMinimum": 1, "maximum": 9}


def test_a_reference_and_its_siblings_hold_together() -> None:
    read = Document(Path("x"), {"a": {"type": "object", "required": ["x"], "title": "A"}})
    assert read.resolve({"$ref": "#/a", "title": "B"}) == {"type": "object", "required": ["x"], "title": "B"}
    both = read.resolve({"$ref": "#/a", "required": ["y"]})
    assert both == {"required": ["y"], "allOf": [{"type": "object", "required": ["x"], "title": "A"}]}


def test_references_may_hold_what_a_uri_may_not(tmp_path: Path) -> None:
    paths = {"/a/{id}": {"get": {"responses": {"200": {"description": "ok", "content": json_of("#/x-s/Page«Ü b»")}}}}}
    paths["/b"] = {"get": {"responses": {"200": {"$ref": "#/paths/~1a~1{id}/get/responses/200"}}}}
    contract = load_contract(write(tmp_path / "a.yaml", document(paths, **{"x-s": {"Page«Ü b»": {"type": "integer"}}})))
    for operation in contract.operations:
        schema = operation.responses["200"].content[0].schema
        assert schema is not None
        assert schema.is_valid(1)
        assert not schema.is_valid("1")


def json_of(ref: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": ref}}}


def test_swagger_2_is_refused_with_the_name_of_a_converter(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="npx swagger2openapi"):
        load_contract(write(tmp_path / "a.yaml", {"swagger": "2.0", "paths": {}}))
