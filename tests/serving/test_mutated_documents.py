"""Real documents with random mistakes: whatever is wrong in a document, the server answers, and never with a 500."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apicontract import Contract, ContractError, bundled
from apicontract.export import export_document
from apicontract.inspection import find_problems
from mockserver.settings import Settings
from mockserver.testing.local import LocalServer

MEMBERS = (
    *("$ref", "type", "enum", "const", "default", "example", "examples", "pattern", "format", "minimum", "maxLength"),
    *("properties", "required", "items", "allOf", "oneOf", "not", "discriminator", "additionalProperties", "minItems"),
    *("in", "name", "style", "explode", "schema", "content", "security", "servers", "parameters", "responses"),
)
JUNK: tuple[Any, ...] = (
    *(None, True, 7, -1, 1.5, 10**30, "", "x", "string", "object", "(", "é\n", "#/paths", [], [1], ["a"], {}),
    *({"$ref": "#/nowhere"}, {"$ref": 7}, {"$ref": "#"}, {"type": "string"}, {"a": 1}, {"oneOf": []}, {"enum": []}),
)
REQUESTS: tuple[tuple[dict[str, str], bytes], ...] = (
    ({}, b""),
    ({"content-type": "application/json", "authorization": "Bearer x", "x-api-key": "x"}, b'{"a": [1]}'),
    ({"content-type": "application/x-www-form-urlencoded", "authorization": "Bearer x", "x-api-key": "x"}, b"a=1"),
    ({"prefer": "dynamic=true", "accept": "application/xml;q=0.5, */*;q=0.1", "cookie": "a=1"}, b""),
)


def foreign(selector: str) -> dict[str, Any]:
    """Return a bundled contract as if it were the document of somebody else, without fixtures."""
    root = export_document(bundled().load(selector).document)
    return {name: value for name, value in root.items() if not name.startswith("x-")}


DOCUMENTS = [foreign(selector) for selector in bundled().files]


def places(node: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the place of every value in a document but the document itself and its version."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, value in inner:
        if name != "openapi":
            yield (*at, name)
            yield from places(value, (*at, name))


def value_at(node: Any, place: tuple[Any, ...]) -> Any:
    for step in place:
        node = node[step]
    return node


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """Return a document with some values replaced, removed, exchanged or added."""
    root: dict[str, Any] = copy.deepcopy(draw(st.sampled_from(DOCUMENTS)))
    for _ in range(draw(st.integers(1, 4))):
        known = list(places(root))
        place = draw(st.sampled_from(known))
        owner, last = value_at(root, place[:-1]), place[-1]
        match draw(st.sampled_from(["replace", "replace", "remove", "copy", "add"])):
            case "replace":
                owner[last] = copy.deepcopy(draw(st.sampled_from(JUNK)))
            case "copy":
                owner[last] = copy.deepcopy(value_at(root, draw(st.sampled_from(known))))
            case "add" if isinstance(owner, dict):
                owner[draw(st.sampled_from(MEMBERS))] = copy.deepcopy(draw(st.sampled_from(JUNK)))
            case _:
                del owner[last]
    return root


def targets(contract: Contract) -> list[tuple[str, str]]:
    """Return method and path of every operation, broken ones included."""
    every = (*contract.operations, *contract.broken)
    filled = [(one.method, quote(one.path.replace("{", "").replace("}", ""))) for one in every]
    return [("GET" if method == "*" else method, path) for method, path in filled if method != "CONNECT"]


def start(path: Path) -> tuple[LocalServer | None, str]:
    """Return a server of a document, or None and why there is none."""
    try:
        return LocalServer(Settings(contracts=(str(path),))), ""
    except ContractError as error:
        return None, str(error)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(root=mutated())
def test_a_document_with_mistakes_is_refused_by_name_or_served_without_an_internal_error(
    root: dict[str, Any], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "mutated.json"
    path.write_text(json.dumps(root))
    server, refusal = start(path)
    assert server is not None or refusal.startswith(str(path))
    if server is None:
        return
    contract = server.app.mock.apis[0].contract
    assert all(str(problem).startswith(str(path)) for problem in find_problems(contract))
    try:
        with httpx.Client(base_url=server.url, timeout=60) as client:
            for method, target in targets(contract):
                for headers, body in REQUESTS:
                    answer = client.request(method, target, headers=headers, content=body)
                    assert answer.status_code != 500 or "500" in json.dumps(root)
    finally:
        server.stop()
    assert "callback" not in caplog.text
