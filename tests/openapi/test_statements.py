"""The contracts say what the documents say: compared with the table `openapi/statements/`, in both directions."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.openapi.reading import (
    CONTRACTS,
    FOLDER,
    LEVELS,
    Operation,
    contract,
    fields,
    inferred_keywords,
    json_schema,
    level_of,
    operations,
    parameters,
    read,
    resolve,
    responses,
    words_for,
)

JSON = Any
TABLES = sorted((FOLDER / "statements").glob("*.yaml"))


@dataclass(frozen=True)
class Statement:
    """One thing that a document states, and the contract that has to say it too."""

    contract: str
    page: str
    section: str
    kind: str
    what: str
    value: JSON

    @property
    def level(self) -> str:
        return "supplement" if self.page == "SUPPLEMENT" else "documented"

    @property
    def source(self) -> JSON:
        return {"level": self.level, "page": self.page, "section": self.section}


def statements() -> list[Statement]:
    found = []
    for path in TABLES:
        table = read(path)
        for name in table["contracts"]:
            for section, rows in table["sections"].items():
                found += [Statement(name, table["page"], section, *_columns(row)) for row in rows]
    return found


def _columns(row: JSON) -> tuple[str, str, JSON]:
    assert list(row) == ["kind", "what", "value"], row
    return row["kind"], row["what"], row["value"]


def _operation(root: JSON, operation_id: str) -> Operation:
    return next(operation for operation in operations(root) if operation.id == operation_id)


def _concerned(root: JSON, pattern: str) -> list[Operation]:
    """The operations a statement speaks of: one by its id, or `*`, all that need a key."""
    if pattern == "*":
        return [operation for operation in operations(root) if not operation.public]
    return [_operation(root, pattern)]


def _parameter(root: JSON, operation: Operation, name: str) -> JSON:
    return next((parameter for parameter in parameters(root, operation) if parameter["name"] == name), None)


def _named_parameters(root: JSON, what: str) -> list[JSON]:
    who, name = what.split()
    found = [_parameter(root, operation, name) for operation in _concerned(root, who)]
    return [parameter for parameter in found if parameter is not None]


def _success_fields(root: JSON, operation_id: str) -> dict[str, Any]:
    response = responses(root, _operation(root, operation_id))["200"]
    return {field.path: field for field in fields(root, json_schema(response), level_of(response, "documented"))}


def _body_fields(root: JSON, operation_id: str) -> dict[str, Any]:
    body = _operation(root, operation_id).node["requestBody"]
    return {field.path: field for field in fields(root, json_schema(body), level_of(body, "documented"))}


def _rules(root: JSON) -> dict[str, JSON]:
    own = [rule for operation in operations(root) for rule in operation.node.get("x-rules", [])]
    return {rule["id"]: rule for rule in [*own, *root.get("x-cross-rules", [])]}


def _headers(root: JSON, operation: Operation, status: str) -> dict[str, JSON]:
    raw = responses(root, operation)[status].get("headers", {})
    return {name: resolve(root, header) for name, header in raw.items()}


def _same_type(stated: str, written: str) -> bool:
    """A documented `number` that counts something may be written as an integer."""
    return written == stated or (stated.startswith("number") and written == stated.replace("number", "integer"))


def check_operation(root: JSON, statement: Statement) -> None:
    operation = _operation(root, statement.what)
    assert operation.name == statement.value
    assert operation.node["x-provenance"] == statement.source


def check_parameter(root: JSON, statement: Statement) -> None:
    found = _named_parameters(root, statement.what)
    assert found
    for parameter in found:
        schema = parameter["schema"]
        left_out = inferred_keywords(schema)
        words = schema["type"] + (f" {schema['format']}" if "format" in schema and "format" not in left_out else "")
        words += f" in {parameter['in']}" + (" required" if parameter.get("required") else "")
        assert words == statement.value
        assert parameter["x-provenance"]["level"] == statement.level


def _check_keyword(root: JSON, statement: Statement) -> None:
    for parameter in _named_parameters(root, statement.what):
        assert parameter["schema"][statement.kind] == statement.value
        assert statement.kind not in inferred_keywords(parameter["schema"])
        assert parameter["x-provenance"]["page"] == statement.page


def check_parameter_example(root: JSON, statement: Statement) -> None:
    assert [parameter["example"] for parameter in _named_parameters(root, statement.what)] == [statement.value]


def check_absent(root: JSON, statement: Statement) -> None:
    assert not _named_parameters(root, statement.what)


def check_no_parameters(root: JSON, statement: Statement) -> None:
    assert not parameters(root, _operation(root, statement.what))


def check_status(root: JSON, statement: Statement) -> None:
    who, status = statement.what.split()
    levels = [
        level_of(response, "inferred")
        for operation in _concerned(root, who)
        if (response := responses(root, operation).get(status)) is not None
    ]
    assert levels
    if who == "*":  # a page of its own may say the same with more authority
        assert statement.level in levels
        assert all(LEVELS.index(level) <= LEVELS.index(statement.level) for level in levels)
    else:
        assert levels == [statement.level]


def check_no_status(root: JSON, statement: Statement) -> None:
    who, status = statement.what.split()
    assert all(status not in responses(root, operation) for operation in _concerned(root, who))


def check_error(root: JSON, statement: Statement) -> None:
    kind = root["x-errors"]["kinds"][statement.what]
    assert {name: kind[name] for name in statement.value} == statement.value
    assert kind["x-provenance"] == statement.source
    if "code" in statement.value:
        _check_code(root, str(kind["status"]), kind["code"])


def check_code(root: JSON, statement: Statement) -> None:
    _check_code(root, *statement.what.split())


def _check_code(root: JSON, status: str, code: str) -> None:
    """Every operation that answers the status allows the code in its body."""
    allowed = []
    for operation in operations(root):
        response = responses(root, operation).get(status)
        if response is not None:
            words = {field.path: field.type for field in fields(root, json_schema(response), "documented")}
            allowed.append(code in words["error.code"].removeprefix("string of ").split()[0].split("|"))
    assert allowed
    assert all(allowed)


def check_message(root: JSON, statement: Statement) -> None:
    assert all(part in root["x-errors"]["kinds"][statement.what]["message"] for part in statement.value)


def check_error_fields(root: JSON, statement: Statement) -> None:
    schema = {"$ref": f"#/components/schemas/{statement.what}"}
    found = {field.path: field for field in fields(root, schema, "documented")}
    for path, words in statement.value.items():
        kind, expected = (text.removesuffix(" optional") for text in (found[path].type, words))
        # Each status has codes of its own.
        assert kind == expected or (path == "error.code" and kind.startswith("string of "))
        assert found[path].type.endswith(" optional") == words.endswith(" optional")
        assert found[path].level == statement.level


def check_header(root: JSON, statement: Statement) -> None:
    """Declared on every answer to a key, with the documented value as example where there is one."""
    for operation in _concerned(root, "*"):
        for status in responses(root, operation):
            found = _headers(root, operation, status)
            if status == "401" and statement.what != "x-request-id":
                continue  # without a key there is no plan whose limits could be told
            assert found[statement.what]["x-provenance"] == statement.source
            if not isinstance(statement.value, str) or statement.value[:2] == "20":
                assert found[statement.what]["example"] == statement.value


def check_header_429(root: JSON, statement: Statement) -> None:
    for operation in _concerned(root, "*"):
        for status in responses(root, operation):
            found = _headers(root, operation, status)
            assert (statement.what in found) == (status == "429")
            if status == "429":
                assert found[statement.what]["x-provenance"] == statement.source


def _check_fields(found: dict[str, Any], statement: Statement) -> None:
    for path, words in statement.value.items():
        assert path in found
        assert _same_type(words, found[path].type), path
        assert found[path].level == statement.level, path


def check_fields(root: JSON, statement: Statement) -> None:
    _check_fields(_success_fields(root, statement.what), statement)


def check_body_fields(root: JSON, statement: Statement) -> None:
    _check_fields(_body_fields(root, statement.what), statement)


def check_body(root: JSON, statement: Statement) -> None:
    body = _operation(root, statement.what).node["requestBody"]
    assert list(body["content"]) == ["application/json"]
    assert body["x-provenance"] == statement.source


def check_rule(root: JSON, statement: Statement) -> None:
    assert _rules(root)[statement.what]["x-provenance"] == statement.source


def check_example(root: JSON, statement: Statement) -> None:
    example = root["components"]["examples"][statement.what]
    assert example["value"] == statement.value
    assert example["x-provenance"] == statement.source


def check_figures(root: JSON, statement: Statement) -> None:
    example = root["components"]["examples"][statement.what]
    assert example["x-provenance"] == statement.source
    for path, value in statement.value.items():
        node = example["value"]
        for step in path.split("."):
            node = node[int(step) if step.isdigit() else step]
        assert node == value, path


def check_plan(root: JSON, statement: Statement) -> None:
    plan = root["x-plans"][statement.what]
    assert {name: value for name, value in plan.items() if name.startswith("requests")} == statement.value
    assert plan["x-provenance"] == statement.source


def check_uncounted(root: JSON, statement: Statement) -> None:
    assert set(statement.value) <= set(root["x-rate-limit"]["uncounted"])
    assert root["x-rate-limit"]["x-provenance"] == statement.source


def check_security(root: JSON, statement: Statement) -> None:
    scheme = root["components"]["securitySchemes"][statement.what]
    place = f"the header {scheme['name']}" if scheme["type"] == "apiKey" else "Authorization: Bearer"
    assert place == statement.value
    assert scheme["x-provenance"]["level"] == statement.level
    assert {statement.what: []} in root["security"]


def check_public(root: JSON, statement: Statement) -> None:
    assert _operation(root, statement.what).public


def check_server(root: JSON, statement: Statement) -> None:
    assert root["servers"][0]["url"] == statement.value


def check_note(root: JSON, statement: Statement) -> None:
    """A sentence that no part of an OpenAPI document can say: the table says what became of it."""
    assert len(statement.value) > 20


CHECKS: dict[str, Callable[[JSON, Statement], None]] = {
    "operation": check_operation,
    "parameter": check_parameter,
    "default": _check_keyword,
    "maximum": _check_keyword,
    "enum": _check_keyword,
    "parameter-example": check_parameter_example,
    "absent": check_absent,
    "no-parameters": check_no_parameters,
    "status": check_status,
    "no-status": check_no_status,
    "error": check_error,
    "code": check_code,
    "message": check_message,
    "error-fields": check_error_fields,
    "header": check_header,
    "header-429": check_header_429,
    "fields": check_fields,
    "body-fields": check_body_fields,
    "body": check_body,
    "rule": check_rule,
    "example": check_example,
    "figures": check_figures,
    "plan": check_plan,
    "uncounted": check_uncounted,
    "security": check_security,
    "public": check_public,
    "server": check_server,
    "note": check_note,
}


def _name(statement: Statement) -> str:
    return f"{statement.contract}: {statement.page}: {statement.kind} {statement.what}"


@pytest.mark.parametrize("statement", statements(), ids=_name)
def test_every_statement_of_a_document_is_in_the_contract(statement: Statement) -> None:
    CHECKS[statement.kind](contract(statement.contract), statement)


Claim = tuple[str, str, str]
KEYWORDS = ("default", "enum", "maximum", "minimum", "minLength", "maxLength", "pattern")


def claims(root: JSON) -> Iterator[Claim]:
    """Everything a contract says, with its level: kind, what, level."""
    for operation in operations(root):
        yield "operation", operation.id, operation.node["x-provenance"]["level"]
        yield from _parameter_claims(root, operation)
        yield from _response_claims(root, operation)
        if "requestBody" in operation.node:
            for path, field in _body_fields(root, operation.id).items():
                yield "body-fields", f"{operation.id} {path} {field.type}", field.level
    named = {
        "rule": _rules(root),
        "example": root["components"]["examples"],
        "plan": root["x-plans"],
        "error": root["x-errors"]["kinds"],
        "security": root["components"]["securitySchemes"],
    }
    for kind, entries in named.items():
        for name, entry in entries.items():
            yield kind, name, entry["x-provenance"]["level"]


def _parameter_claims(root: JSON, operation: Operation) -> Iterator[Claim]:
    for parameter in parameters(root, operation):
        level, what = parameter["x-provenance"]["level"], f"{operation.id} {parameter['name']}"
        yield "parameter", what, level
        for keyword in KEYWORDS:
            if keyword in parameter["schema"] and keyword not in inferred_keywords(parameter["schema"]):
                yield keyword, what, level


def _response_claims(root: JSON, operation: Operation) -> Iterator[Claim]:
    for status, response in responses(root, operation).items():
        yield "status", f"{operation.id} {status}", level_of(response, "inferred")
        for name, header in _headers(root, operation, status).items():
            yield "header-429" if name == "Retry-After" else "header", name, header["x-provenance"]["level"]
    for path, field in _success_fields(root, operation.id).items():
        yield "fields", f"{operation.id} {path} {field.type}", field.level


def _stated(name: str) -> set[tuple[str, str, str]]:
    """The same of the table: `*` is spelled out, and members one by one."""
    root = contract(name)
    found = set()
    for statement in statements():
        if statement.contract != name:
            continue
        kind = "example" if statement.kind == "figures" else statement.kind
        if kind in ("fields", "body-fields"):
            for path, words in statement.value.items():
                found.add((kind, f"{statement.what} {path} {words}", statement.level))
                found.add((kind, f"{statement.what} {path} {words.replace('number', 'integer')}", statement.level))
        elif statement.what.startswith("* "):
            for operation in _concerned(root, "*"):
                found.add((kind, f"{operation.id} {statement.what[2:]}", statement.level))
        else:
            found.add((kind, statement.what, statement.level))
    return found


@pytest.mark.parametrize("name", CONTRACTS)
def test_everything_a_contract_calls_documented_or_supplement_is_in_the_table(name: str) -> None:
    invented = {claim for claim in claims(contract(name)) if claim[2] != "inferred"} - _stated(name)
    assert sorted(invented) == []


def _at(root: JSON, *steps: str | int) -> JSON:
    for step in steps:
        root = root[step]
    return root


HEATMAP = ("paths", "/heatmaps/{websiteId}/pages", "get")
LIMIT = (*HEATMAP, "parameters", 1)
CHANGES: list[tuple[str, tuple[str | int, ...], str, JSON]] = [
    ("default listHeatmapPages limit", (*LIMIT, "schema"), "default", 21),
    ("maximum listHeatmapPages limit", (*LIMIT, "schema"), "maximum", 1000),
    ("parameter listHeatmapPages limit", LIMIT, "required", True),
    ("parameter listHeatmapPages limit", LIMIT, "x-provenance", {"level": "inferred", "reason": "guessed"}),
    ("operation listHeatmapPages", HEATMAP, "operationId", "listHeatmaps"),
    (
        "status listHeatmapPages 404",
        (*HEATMAP, "responses"),
        "404",
        {"description": "", "x-provenance": {"level": "inferred"}},
    ),
    ("rule heatmap-within-limit", (*HEATMAP, "x-rules", 1), "id", "heatmap-within-bounds"),
    ("fields listHeatmapPages", ("components", "schemas", "HeatmapPage"), "required", ["url"]),
    (
        "fields listHeatmapPages",
        ("components", "schemas", "HeatmapPage", "properties"),
        "last_updated",
        {"type": "string"},
    ),
    (
        "example HeatmapPages",
        ("components", "examples", "HeatmapPages", "value", "data", "pages", 0),
        "total_interactions",
        1,
    ),
    ("error server-error", ("x-errors", "kinds", "server-error"), "code", "SERVER_ERROR"),
    (
        "error not-found",
        ("components", "schemas", "NotFoundError", "properties"),
        "code",
        {"type": "string", "enum": ["NO"]},
    ),
    ("plan pro", ("x-plans", "pro"), "requests_per_minute", 31),
    ("header X-RateLimit-Limit", ("components", "headers", "RateLimitLimit"), "example", 31),
    ("uncounted statuses", ("x-rate-limit",), "uncounted", [429]),
    ("security bearer", ("components", "securitySchemes", "bearer"), "x-provenance", {"level": "inferred"}),
    ("server base", ("servers", 0), "url", "https://api.zenovay.com/api/v1"),
]


@pytest.mark.parametrize(("which", "place", "member", "value"), CHANGES, ids=[f"{c[0]} {c[2]}" for c in CHANGES])
def test_a_contract_that_says_something_else_is_noticed(
    which: str, place: tuple[str | int, ...], member: str, value: JSON
) -> None:
    changed = copy.deepcopy(contract("zenovay-2026-02"))
    _at(changed, *place)[member] = value
    concerned = [s for s in statements() if s.contract == "zenovay-2026-02" and f"{s.kind} {s.what}" == which]
    assert concerned
    with pytest.raises((AssertionError, StopIteration, KeyError)):
        _check_all(changed, concerned)


def _check_all(root: JSON, concerned: list[Statement]) -> None:
    for statement in concerned:
        CHECKS[statement.kind](root, statement)


def test_an_invented_fact_is_noticed() -> None:
    invented = copy.deepcopy(contract("zenovay-2026-02"))
    _at(invented, *LIMIT, "schema")["x-inferred"] = {"keywords": []}
    _at(invented, "components", "schemas", "HeatmapPage", "properties")["clicks"] = {"type": "integer"}
    new = {claim for claim in claims(invented) if claim[2] != "inferred"} - _stated("zenovay-2026-02")
    assert new == {
        ("minimum", "listHeatmapPages limit", "documented"),
        ("fields", "listHeatmapPages data.pages[].clicks integer optional", "documented"),
    }


def test_words_tell_types_apart() -> None:
    assert words_for({}, {"type": "integer", "minimum": 0, "maximum": 9}) == "integer 0..9"
    assert words_for({}, {"type": ["string", "null"]}) == "string|null"
