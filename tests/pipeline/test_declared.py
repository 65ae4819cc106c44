"""Errors of a document of somebody else: its declared response, in its schema and media type, with the mistakes."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import orjson
import pytest

from apicontract.contract import Contract
from mockserver.pipeline.declared import Declared, refuse_as_declared
from mockserver.pipeline.problem import Detail, Problem
from tests.documents import contract_of
from tests.strangers import Stranger

JSON, PROBLEM = "application/json", "application/problem+json"
TEXT = {"type": "string"}


@pytest.fixture(scope="module")
def pets() -> Stranger:
    return Stranger("pets.yaml")


def declaring(**responses: Any) -> Contract:
    return contract_of({"/a": {"get": {"responses": {"200": {"description": "ok"}, **responses}}}})


def refused(contract: Contract, problem: Problem, accept: str = "") -> Declared:
    kind = contract.errors.kinds[problem.kind]
    return refuse_as_declared(contract.operations[0], kind, problem, accept)


def as_json(schema: Any, **members: Any) -> Any:
    return {"description": "no", "content": {JSON: {"schema": schema, **members}}}


WRONG = Problem(
    "invalid-body",
    {},
    (Detail("body", ("a", 0), "an integer", "x"), Detail("body", ("b",), "present", None, is_missing=True)),
)


def test_invalid_parameters_are_answered_with_the_declared_422_and_all_of_them(pets: Stranger) -> None:
    answer = pets.get("/v1/pets?limit=0&status=x")
    assert (answer.status, answer.type) == (422, JSON)
    assert answer.json == {
        "code": 422,
        "message": "limit must be an integer from 1 to 100; status.0 must be one of available, pending, sold",
        "errors": [
            {"field": "limit", "message": "must be an integer from 1 to 100"},
            {"field": "status.0", "message": "must be one of available, pending, sold"},
        ],
    }


def test_an_error_is_sent_in_the_media_type_that_the_client_accepts(pets: Stranger) -> None:
    answer = pets.get("/v1/pets?limit=0", accept="application/xml")
    assert (answer.status, answer.type) == (422, "application/xml")
    assert ElementTree.fromstring(answer.body).findtext("errors/field") == "limit"


def test_an_invalid_body_is_answered_with_the_declared_400(pets: Stranger) -> None:
    answer = pets.ask("POST", "/v1/pets", b'{"name": ""}', content_type=JSON)
    assert (answer.status, answer.json["code"]) == (400, 400)
    assert [error["field"] for error in answer.json["errors"]] == ["secret", "name"]
    assert answer.headers["x-mock-rule"].startswith("invalid-body: secret must be present; name must be")


def test_an_error_that_no_status_declares_is_that_of_the_default(pets: Stranger) -> None:
    answer = pets.get("/v1/pets/x")
    assert (answer.status, answer.type) == (400, PROBLEM)
    assert answer.json == {"title": "Bad Request", "status": 400, "detail": "petId must be an integer, at least 1"}


def test_a_class_of_statuses_declares_its_errors(pets: Stranger) -> None:
    form = "application/x-www-form-urlencoded"
    answer = pets.ask("POST", "/v1/login", b"user=ann&attempts=9", content_type=form)
    assert (answer.status, answer.json["code"]) == (400, 400)


def test_another_content_type_is_answered_with_the_declared_415(pets: Stranger) -> None:
    answer = pets.ask("POST", "/v1/pets", b"x", content_type="text/plain")
    assert (answer.status, answer.json["code"]) == (415, 415)
    assert "application/json, application/xml" in answer.json["message"]


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/v1/nothing", 404), ("PATCH", "/v1/pets/1", 405)])
def test_what_no_operation_declares_is_a_problem(pets: Stranger, method: str, path: str, status: int) -> None:
    answer = pets.ask(method, path)
    assert (answer.status, answer.type, answer.json["status"]) == (status, PROBLEM, status)


def test_a_405_that_an_operation_of_the_path_declares_is_answered_as_it_says() -> None:
    no = as_json({"type": "object", "required": ["reason"], "properties": {"reason": TEXT}})
    contract = declaring(**{"405": no})
    made = refused(contract, Problem("method-not-allowed", {"method": "PUT", "allowed": "GET"}))
    assert (made.status, made.body) == (405, b'{"reason":"PUT is not allowed here; allowed: GET"}')


@pytest.mark.parametrize(
    ("declared", "status"),
    [
        (("400", "422", "4XX", "default"), 422),
        (("400", "4XX", "default"), 400),
        (("4XX", "default"), 400),
        (("default",), 400),
        ((), 400),
    ],
)
def test_the_status_of_an_invalid_request(declared: tuple[str, ...], status: int) -> None:
    made = refused(declaring(**{each: as_json({"type": "object"}) for each in declared}), WRONG)
    assert made.status == status
    assert made.content_type == (JSON if declared else PROBLEM)


SHAPES = [
    (
        {"required": ["detail"], "properties": {"detail": {"type": "array", "items": {
            "required": ["loc", "msg", "type"],
            "properties": {"loc": {"type": "array", "items": {"anyOf": [TEXT, {"type": "integer"}]}}, "msg": TEXT,
                           "type": TEXT}}}}},
        {"detail": [{"loc": ["body", "a", 0], "msg": "must be an integer", "type": "invalid"},
                    {"loc": ["body", "b"], "msg": "must be present", "type": "required"}]},
    ),
    (
        {"properties": {"errors": {"type": "array", "items": TEXT}}},
        {"errors": ["a.0 must be an integer", "b must be present"]},
    ),
    (
        {"properties": {"errors": {"additionalProperties": {"type": "array", "items": TEXT}}, "title": TEXT}},
        {"errors": {"a.0": ["must be an integer"], "b": ["must be present"]},
         "title": "a.0 must be an integer; b must be present"},
    ),
    (
        {"properties": {"error": {"properties": {"message": TEXT, "code": TEXT}}}},
        {"error": {"message": "a.0 must be an integer; b must be present", "code": "invalid_body"}},
    ),
    (
        {"properties": {"error": {"enum": ["bad"]}, "statusCode": {"type": "integer"}}, "required": ["error"]},
        {"error": "bad", "statusCode": 400},
    ),
    (TEXT, "a.0 must be an integer; b must be present"),
    (
        {"type": "object"},
        {"title": "Bad Request", "status": 400, "detail": "a.0 must be an integer; b must be present",
         "errors": [{"location": "body", "path": "a.0", "message": "must be an integer"},
                    {"location": "body", "path": "b", "message": "must be present"}]},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "value"), SHAPES, ids=str)
def test_mistakes_are_told_where_the_schema_has_room(schema: Any, value: Any) -> None:
    assert orjson.loads(refused(declaring(**{"400": as_json(schema)}), WRONG).body) == value


def test_the_example_of_an_error_is_sent_unless_there_is_more_to_tell() -> None:
    schema = {"type": "object", "properties": {"error": TEXT, "docs": TEXT}}
    example = {"error": "no key", "docs": "https://example.com"}
    contract = declaring(**{"400": as_json(schema, example=example), "401": as_json(schema, example=example)})
    assert refused(contract, Problem("unauthorized")).body == b'{"error":"no key","docs":"https://example.com"}'
    assert refused(contract, WRONG).body == (
        b'{"error":"a.0 must be an integer; b must be present","docs":"https://example.com"}'
    )


def test_an_error_that_is_declared_without_a_body_has_none_and_a_header_tells_the_reason() -> None:
    made = refused(declaring(**{"400": {"description": "no"}}), WRONG)
    assert (made.status, made.content_type, made.body) == (400, "", b"")
    assert made.rule == b"invalid-body: a.0 must be an integer; b must be present"


def test_an_error_that_is_asked_for_tells_its_status(pets: Stranger) -> None:
    answer = pets.get("/v1/pets", prefer="code=422")
    assert (answer.status, answer.json) == (422, {"code": 422, "message": "Unprocessable Entity"})
