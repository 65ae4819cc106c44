"""A contract's document for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from openapi_spec_validator import validate

from apicontract import ContractError, bundled, load_contract
from apicontract.document import load_document
from apicontract.export import as_json, as_yaml, export_document
from tests.documents import document, write

OK = {"get": {"responses": {"200": {"description": "ok"}}}}


def export(path: Path, content: Any, *, flatten: bool = False) -> dict[str, Any]:
    return export_document(load_document(write(path, content)), flatten=flatten)


@pytest.mark.parametrize("flatten", [False, True])
@pytest.mark.parametrize("selector", bundled().files)
def test_a_contract_is_written_without_aliases_and_reads_the_same_from_json_and_yaml(
    selector: str, flatten: bool
) -> None:
    root = export_document(bundled().load(selector).document, flatten=flatten)
    text = as_yaml(root)
    assert not [token for token in yaml.scan(text) if isinstance(token, (yaml.AliasToken, yaml.AnchorToken))]
    assert yaml.load(text, yaml.CSafeLoader) == orjson.loads(as_json(root)) == root
    validate(root)


@pytest.mark.parametrize("selector", bundled().files)
def test_a_flattened_contract_has_the_same_operations_at_the_same_paths(selector: str, tmp_path: Path) -> None:
    contract = bundled().load(selector)
    path = tmp_path / "flat.json"
    path.write_bytes(as_json(export_document(contract.document, flatten=True)))
    flat = load_contract(path)
    assert {(one.id, one.path) for one in flat.operations} == {(one.id, one.path) for one in contract.operations}
    assert flat.base_path == ""
    assert not any("servers" in item for item in flat.document.root["paths"].values())


def test_a_document_is_exported_as_it_was_written(tmp_path: Path) -> None:
    text = "openapi: 3.0.3\ninfo: {title: Old, version: 1.0}\n"
    text += "paths:\n  /a:\n    get:\n      responses:\n        200: &ok\n"
    text += "          description: ok\n          content: {text/plain: {schema: {type: string, nullable: true}}}\n"
    path = tmp_path / "old.yaml"
    path.write_text(text + "        201: *ok\n")
    responses = export_document(load_document(path))["paths"]["/a"]["get"]["responses"]
    assert list(responses) == ["200", "201"]
    assert responses["201"]["content"]["text/plain"]["schema"] == {"type": "string", "nullable": True}


def test_text_that_another_yaml_takes_for_a_number_is_quoted() -> None:
    texts = ["1e3", "0o17", "NO", "2026-02-07", "12:30:45", "1_000", "0x1F", ".5", "~", "two\nlines\n", "a: b", "1.0"]
    written = as_yaml({"texts": texts}).decode()
    assert yaml.safe_load(written) == {"texts": texts}
    for text in ("1e3", "0o17"):
        assert f"'{text}'" in written


def test_parts_of_other_files_are_taken_in(tmp_path: Path) -> None:
    pet = {"type": "object", "properties": {"parent": {"$ref": "#/Pet"}, "tag": {"$ref": "tag.yaml"}}}
    write(tmp_path / "pets.yaml", {"Pet": pet, "item": {"get": {"$ref": "#/get"}}, "get": OK["get"]})
    write(tmp_path / "tag.yaml", {"type": "string", "description": "A tag"})
    schema = {"schema": {"$ref": "pets.yaml#/Pet"}}
    answer = {"description": "ok", "content": {"application/json": schema}}
    own = {"schemas": {"tag": {"type": "integer"}}}
    paths = {"/a": {"get": {"responses": {"200": answer}}}, "/b": {"$ref": "pets.yaml#/item"}}
    root = export(tmp_path / "a.yaml", document(paths, components=own))
    validate(root)
    assert root["paths"]["/b"] == OK
    assert root["paths"]["/a"]["get"]["responses"]["200"]["content"]["application/json"] == {
        "schema": {"$ref": "#/components/schemas/Pet"}
    }
    assert root["components"]["schemas"] == {
        "tag": {"type": "integer"},
        "Pet": {
            "type": "object",
            "properties": {
                "parent": {"$ref": "#/components/schemas/Pet"},
                "tag": {"$ref": "#/components/schemas/tag2"},
            },
        },
        "tag2": {"type": "string", "description": "A tag"},
    }


def test_a_part_of_another_file_may_lead_back_to_the_first(tmp_path: Path) -> None:
    write(tmp_path / "list.yaml", {"type": "array", "items": {"$ref": "a.yaml#/components/schemas/Item"}})
    own = {"schemas": {"Item": {"type": "string"}, "List": {"$ref": "list.yaml"}}}
    root = export(tmp_path / "a.yaml", document({"/a": OK}, components=own))
    assert root["components"]["schemas"]["list"]["items"] == {"$ref": "#/components/schemas/Item"}


def test_flattening_moves_paths_and_what_names_them_and_leaves_other_hosts_alone(tmp_path: Path) -> None:
    servers = [
        {"url": "https://{at}.example.com/{v}/", "variables": {"at": {"default": "api"}, "v": {"default": "v1"}}},
        {"url": "https://staging.example.com/v1", "description": "Staging"},
        {"url": "https://old.example.com/v0"},
    ]
    linked = {"description": "ok", "links": {"next": {"operationRef": "#/paths/~1b~1{c}/get"}}}
    paths = {
        "/a": {"get": {"responses": {"200": linked}}},
        "/b/{c}": {"servers": [{"url": "https://api.example.com"}], **OK},
        "/d": {"servers": [{"url": "https://other.example.com/x"}], **OK},
    }
    root = export(tmp_path / "a.yaml", document(paths, servers=servers), flatten=True)
    assert root["servers"] == [{"url": "https://api.example.com"}, {"url": "https://staging.example.com"}]
    assert root["paths"] == {
        "/v1/a": paths["/a"],
        "/b/{c}": OK,
        "/d": {"servers": [{"url": "https://other.example.com/x"}], **OK},
    }
    assert export(tmp_path / "b.yaml", document(paths), flatten=True)["servers"] == [{"url": "/"}]


def test_a_moved_path_is_named_by_its_new_place(tmp_path: Path) -> None:
    paths = {"/a": {"get": {"responses": {"200": {"$ref": "#/paths/~1b/get/responses/200"}}}}, "/b": OK}
    root = export(tmp_path / "a.yaml", document(paths, servers=[{"url": "/v1"}]), flatten=True)
    assert root["paths"]["/v1/a"]["get"]["responses"]["200"] == {"$ref": "#/paths/~1v1~1b/get/responses/200"}
    assert root["servers"] == [{"url": "/"}]


def test_an_alias_inside_of_what_it_names_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("openapi: 3.1.0\ninfo: {title: A, version: '1'}\npaths: {/a: {}}\nx-loop: &loop {again: *loop}\n")
    with pytest.raises(ContractError, match=r"a\.yaml:4:23: the alias \*loop contains itself; use \$ref there"):
        load_document(path)
