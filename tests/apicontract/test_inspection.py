"""The problems of a document: every one is named at its place, and spoils its own operation only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from apicontract import Contract, Operation, bundled, inspection, load_contract
from apicontract.inspection import find_problems, without_broken
from tests.documents import document, write

OK: dict[str, Any] = {"responses": {"200": {"description": "ok"}}}
JSON = "application/json"
CONTENT = "#/paths/~1a/get/responses/200/content/application~1json"


def load(folder: Path, paths: dict[str, Any], **members: Any) -> Contract:
    return load_contract(write(folder / "a.yaml", document({**paths, "/fine": {"get": OK}}, **members)))


def answer(schema: Any, **more: Any) -> dict[str, Any]:
    return {"get": {"responses": {"200": {"description": "ok", "content": {JSON: {"schema": schema, **more}}}}}}


@pytest.mark.parametrize("selector", bundled().files)
def test_the_bundled_contracts_have_no_problem(selector: str) -> None:
    contract = bundled().load(selector)
    assert find_problems(contract) == []
    assert without_broken(contract) is contract


SPOILED: list[tuple[Any, str, str]] = [
    (7, "#/paths/~1a", "expected a mapping of methods, found 7"),
    ({"$ref": "#/nowhere"}, "#/paths/~1a", "has no target"),
    ({"$ref": "#/paths/~1a"}, "#/paths/~1a", "refers to itself"),
    ({"$ref": "none.yaml"}, "#/paths/~1a", "cannot be read: No such file"),
    ({"get": 7}, "#/paths/~1a/get", "expected an operation, found 7"),
    ({"get": {**OK, "parameters": [{"name": "x"}]}}, "#/paths/~1a/get/parameters/0", "a parameter needs"),
    ({"get": {**OK, "parameters": 7}}, "#/paths/~1a/get/parameters", "the value is not of type"),
    ({"get": {"responses": {"200": 7}}}, "#/paths/~1a/get/responses/200", "expected a response"),
    ({"get": {"responses": {"2000": {}}}}, "#/paths/~1a/get/responses/2000", "expected a status"),
    ({"get": {"responses": [1]}}, "#/paths/~1a/get/responses", "the value is not of type"),
    ({"get": {"responses": {"200": {"$ref": "#/x"}}}}, "#/paths/~1a/get/responses/200", "has no target"),
    (answer({"type": "strin"}), f"{CONTENT}/schema/type", "strin"),
    (answer({"pattern": "[a-"}), f"{CONTENT}/schema/pattern", "a regular expression"),
    (
        answer({"properties": {"b": {"$ref": "#/x"}}}),
        f"{CONTENT}/schema/properties/b",
        "the reference '#/x' has no target",
    ),
    (answer(7), f"{CONTENT}/schema", "not of type"),
]


@pytest.mark.parametrize(("item", "pointer", "message"), SPOILED)
def test_what_cannot_be_used_spoils_its_operation_only(item: Any, pointer: str, message: str, tmp_path: Path) -> None:
    contract = load(tmp_path, {"/a": item})
    assert [operation.path for operation in without_broken(contract).operations] == ["/fine"]
    problems = [problem for problem in find_problems(contract) if problem.spoils]
    assert {problem.spoils.partition(" ")[2] for problem in problems} == {"/a"}
    assert {problem.pointer for problem in problems} == {pointer}
    assert all(message in problem.message for problem in problems)
    assert str(problems[0]).startswith(f"{tmp_path / 'a.yaml'}:")


REPORTED: list[tuple[Any, dict[str, Any], str, str]] = [
    ({"get": {**OK, "operationId": "same"}, "put": {**OK, "operationId": "same"}}, {}, "/put/operationId", "'same'"),
    ({"get": {**OK, "security": [{"key": []}]}}, {}, "/get/security/0/key", "has no 'key'; it is not asked for"),
    (answer({"type": "integer"}, example="x"), {}, "json/example", 'it: "x" is not of type'),
    (
        {"get": {**OK, "parameters": [{"name": "b", "in": "path", "required": True, "schema": {}}]}},
        {},
        "/get/parameters/0",
        "the path has no {b}; the parameter is ignored",
    ),
    ({"get": OK, "gett": OK}, {}, "#/paths/~1a", "`gett` is not expected here"),
    ({"get": {**OK, "summry": "x"}}, {}, "#/paths/~1a/get", "did you mean `summary`?"),
    ({"get": OK}, {"components": {"schemas": {"A": {"type": 7}}}}, "#/components/schemas/A/type", "not valid"),
    ({"get": OK}, {"webhooks": {"w": {"post": {"responses": 7}}}}, "#/webhooks/w/post/responses", "not of type"),
    ({"get": OK}, {"webhooks": {"w": {"$ref": "#/x"}}}, "#/webhooks/w", "has no target"),
    (
        {"get": OK},
        {"components": {"securitySchemes": {"k": {"type": "apikey"}}}},
        "#/components/securitySchemes/k/type",
        'expected one of apiKey, http, mutualTLS, oauth2, openIdConnect, found "apikey"',
    ),
]


@pytest.mark.parametrize(("item", "members", "pointer", "message"), REPORTED)
def test_what_is_only_wrong_is_named_and_served(
    item: Any, members: dict[str, Any], pointer: str, message: str, tmp_path: Path
) -> None:
    contract = load(tmp_path, {"/a": item}, **members)
    assert "/a" in {operation.path for operation in without_broken(contract).operations}
    problems = find_problems(contract)
    assert [problem for problem in problems if problem.pointer.endswith(pointer) and message in problem.message]
    assert not any(problem.spoils for problem in problems)


def test_the_second_of_two_equal_templates_is_not_served(tmp_path: Path) -> None:
    contract = load(tmp_path, {"/a/{x}": {"get": OK}, "/a/{y}": {"get": OK}})
    assert [problem.spoils for problem in find_problems(contract)] == ["GET /a/{y}"]


def test_every_problem_has_its_line_and_a_name_that_stands_twice_is_one(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(
        "openapi: 3.1.0\ninfo: {title: A, version: '1'}\npaths:\n  /a:\n    get:\n      responses:\n"
        "        '200':\n          description: ok\n          descripton: again\n  /a: {}\n"
    )
    text = [str(problem) for problem in find_problems(load_contract(path))]
    assert text == [f"{path}:10:3: #/paths/~1a: `/a` stands here twice, first in line 4; the last one counts"]


def test_a_problem_of_another_file_has_the_place_there(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    write(tmp_path / "parts" / "b.yaml", {"item": answer({"$ref": "c.yaml#/A"})})
    write(tmp_path / "parts" / "c.yaml", {"A": {"type": "object", "properties": {"b": {"type": "strin"}}}})
    contract = load(tmp_path, {"/a": {"$ref": "parts/b.yaml#/item"}})
    (problem,) = find_problems(contract)
    assert str(problem).startswith(f"{tmp_path / 'parts' / 'c.yaml'}:5:7: #/A/properties/b/type: ")
    assert problem.spoils == "GET /a"


@pytest.mark.parametrize("version", ["3.1.0", "3.2.0"])
@pytest.mark.parametrize(
    "members", [{"webhooks": {"w": {"post": {"description": "no responses"}}}}, {"components": {}}]
)
def test_a_document_needs_no_paths_and_an_operation_no_responses(
    version: str, members: dict[str, Any], tmp_path: Path
) -> None:
    info = {"title": "A", "version": "1"}
    contract = load_contract(write(tmp_path / "a.yaml", {"openapi": version, "info": info, **members}))
    assert (contract.operations, find_problems(contract)) == ((), [])


def test_openapi_3_2_has_the_method_query_and_methods_of_its_own(tmp_path: Path) -> None:
    item = {"query": OK, "additionalOperations": {"COPY": OK}}
    contract = load_contract(write(tmp_path / "a.yaml", {**document({"/a": item}), "openapi": "3.2.0"}))
    assert [operation.method for operation in contract.operations] == ["QUERY", "COPY"]
    assert find_problems(contract) == []


def test_schemas_with_names_of_their_own_are_found(tmp_path: Path) -> None:
    page = {
        "$id": "https://example.com/page",
        "$defs": {"item": {"$dynamicAnchor": "item", "not": {}}},
        "properties": {"data": {"items": {"$dynamicRef": "#item"}}, "next": {"$ref": "#/components/schemas/Text"}},
    }
    pets = {
        "$ref": "#/components/schemas/Page",
        "$defs": {"item": {"$dynamicAnchor": "item", "$ref": "#/components/schemas/Text"}},
    }
    schemas = {"Page": page, "Text": {"type": "string", "$anchor": "text"}}
    paths = {"/a": answer(pets), "/b": answer({"$ref": "https://example.com/page"}), "/c": answer({"$ref": "#text"})}
    contract = load(tmp_path, paths, components={"schemas": schemas})
    assert find_problems(contract) == []
    bodies = {"/a": [{"data": ["x"]}, {"data": [7]}], "/b": [{"next": "x"}, {"next": 7}], "/c": ["x", 7]}
    for operation in contract.operations[:3]:
        schema = operation.responses["200"].content[0].schema
        assert schema is not None
        assert [schema.is_valid(body) for body in bodies[operation.path]] == [True, False]


def test_equal_schemas_are_compiled_once(tmp_path: Path) -> None:
    shared = {"$ref": "#/components/schemas/A"}
    contract = load(
        tmp_path, {"/a": answer(shared), "/b": answer(shared)}, components={"schemas": {"A": {"type": "null"}}}
    )
    one, other = (operation.responses["200"].content[0].schema for operation in contract.operations[:2])
    assert one is not None
    assert other is not None
    assert one.validator is other.validator


def test_the_verdict_on_a_large_document_is_remembered_unless_it_depends_on_other_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    filler = {f"Schema{number}": {"type": "string", "description": "x" * 100} for number in range(3_000)}
    members = {"components": {"schemas": filler}}
    first = without_broken(load(tmp_path, {"/a": answer({"type": "strin"})}, **members))

    def refuse(operation: Operation) -> None:
        raise AssertionError("compiled again")

    monkeypatch.setattr(inspection, "_schema_error", refuse)
    again = without_broken(load(tmp_path, {"/a": answer({"type": "strin"})}, **members))
    assert [(one.path, one.broken) for one in again.broken] == [(one.path, one.broken) for one in first.broken]
    assert [one.path for one in again.operations] == ["/fine"]
    for text in ({"$ref": "none.yaml"}, {"$ref": "none.yaml"}):
        with pytest.raises(AssertionError, match="compiled again"):
            without_broken(load(tmp_path, {"/a": text}, **members))


def test_operations_and_whole_sections_may_be_references_into_nested_folders(tmp_path: Path) -> None:
    for folder in ("paths", "schemas", "responses"):
        (tmp_path / folder).mkdir()
    listed = {"type": "array", "items": {"$ref": "../schemas/index.yaml#/Pet"}}
    found = {"description": "ok", "content": {JSON: {"schema": listed}}}
    write(tmp_path / "responses" / "pets.yaml", found)
    write(tmp_path / "schemas" / "index.yaml", {"Pet": {"$ref": "pet.yaml"}})
    write(
        tmp_path / "schemas" / "pet.yaml",
        {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}},
    )
    write(
        tmp_path / "paths" / "list.yaml",
        {"operationId": "list", "responses": {"200": {"$ref": "../responses/pets.yaml"}}},
    )
    write(
        tmp_path / "paths" / "index.yaml",
        {"/pets": {"get": {"$ref": "list.yaml"}}, "/pet": answer({"$ref": "#/x"}), "x": 1},
    )
    root = document({}, components={"schemas": {"$ref": "schemas/index.yaml"}})
    root["paths"] = {"$ref": "paths/index.yaml"}
    contract = load_contract(write(tmp_path / "a.yaml", root))
    (operation,) = without_broken(contract).operations
    assert (operation.id, operation.path) == ("list", "/pets")
    schema = operation.responses["200"].content[0].schema
    assert schema is not None
    assert [schema.is_valid([{"id": value}]) for value in (1, "1")] == [True, False]
    assert contract.document.find("#/components/schemas/Pet")[1] == {
        "$ref": (tmp_path / "schemas" / "pet.yaml").as_uri()
    }
    assert [problem.message for problem in find_problems(contract) if not problem.spoils] == []
