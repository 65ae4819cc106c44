"""Reading documents: what cannot be used is refused in one clear line."""

from __future__ import annotations

from pathlib import Path

import pytest

from apicontract import ContractError, load_contract
from apicontract.document import load_document
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
        ("openapi: 3.1.0", "`paths` is missing or empty"),
        ("openapi: 3.1.0\npaths: {a: {}}", "does not start with /"),
        ("openapi: 3.1.0\npaths: {/a: 7}", "is not a mapping"),
        ("openapi: 3.1.0\npaths: {/a: {get: {}}}", "`responses` is missing"),
        ("openapi: 3.1.0\npaths: {/a: {$ref: '#/nowhere'}}", "has no target"),
        ("openapi: 3.1.0\npaths: {/a: {$ref: 'https://example.com/a.yaml'}}", "is a URL, which is not fetched"),
        ("openapi: 3.1.0\npaths: {/a: {$ref: '#/paths/~1a'}}", "refers to itself"),
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


def test_two_operations_of_one_id_are_refused(tmp_path: Path) -> None:
    twice = {"get": {"operationId": "same", "responses": {"200": {"description": "ok"}}}}
    with pytest.raises(ContractError, match="two operations have the operationId 'same'"):
        load_contract(write(tmp_path / "a.yaml", document({"/a": twice, "/b": twice})))
