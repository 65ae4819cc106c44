"""The errors that an operation declares, and which of them comes first."""

from __future__ import annotations

from typing import Any

from apicontract.template import Template
from tests.documents import contract_of

JSON = Any
INFERRED = {"level": "inferred", "reason": "made up"}
SUPPLEMENT = {"level": "supplement", "page": "P"}
ERRORS = {
    "body": {"error": {"code": "{code}", "message": "{message}", "at": "{now}"}},
    "kinds": {
        "no-permission": {"status": 403, "code": "FORBIDDEN", "message": "Not permitted"},
        "no-access": {"status": 403, "code": "FORBIDDEN", "message": "No access to {resource}"},
        "not-found": {"status": 404, "code": "NOT_FOUND", "message": "Not found"},
        "server-error": {"status": 500, "code": "BROKEN", "message": "Broken"},
    },
}


def example(code: str, message: str, provenance: JSON = None) -> JSON:
    """Return an example of an error, documented unless another provenance is given."""
    made: JSON = {"value": {"error": {"code": code, "message": message, "at": "then"}}}
    return made if provenance is None else {**made, "x-provenance": provenance}


def response(**examples: JSON) -> JSON:
    """Return a response with named examples."""
    return {"description": "error", "content": {"application/json": {"examples": examples}}}


def declared(responses: JSON, operation: JSON = None, errors: JSON = ERRORS) -> list[tuple[int, str, str]]:
    """Return status, kind and documented message of every error of an operation."""
    node = {"operationId": "op", "responses": {"200": {"description": "ok"}, **responses}, **(operation or {})}
    contract = contract_of({"/things/{id}": {"get": node}}, **({"x-errors": errors} if errors else {}))
    found = contract.errors.declared_by(contract.operation("op"))
    return [
        (
            error.status,
            error.kind.name if error.kind else "",
            error.example["error"]["message"] if error.example else "",
        )
        for error in found
    ]


def test_a_documented_body_comes_before_one_of_a_supplement_and_both_before_a_kind_in_words_of_its_own() -> None:
    found = declared(
        {
            "500": response(
                made=example("BROKEN", "Made up", INFERRED),
                second=example("BROKEN", "From elsewhere", SUPPLEMENT),
                first=example("BROKEN", "Documented"),
            ),
            "404": response(made=example("NOT_FOUND", "Made up", INFERRED)),
        }
    )
    assert found == [(404, "not-found", ""), (500, "server-error", "Documented"), (500, "", "From elsewhere")]


def test_a_documented_body_belongs_to_the_kind_with_its_message_else_to_the_first_with_its_code() -> None:
    examples = response(one=example("FORBIDDEN", "Not permitted"), two=example("FORBIDDEN", "Something else"))
    assert declared({"403": examples}) == [
        (403, "no-permission", "Not permitted"),
        (403, "no-access", "Something else"),
        (403, "plan-refused", ""),
    ]


def test_the_error_that_a_parameter_of_the_operation_names_is_the_likeliest() -> None:
    link = {"kind": "thing", "unknown": "not-found", "denied": "no-access"}
    parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}, "x-resource": link}
    found = declared({"403": response()}, {"parameters": [parameter]})
    assert [kind for _, kind, _ in found] == ["no-access", "no-permission", "plan-refused"]


def test_errors_of_bodies_are_declared_by_operations_that_read_one() -> None:
    statuses = {"400": response(), "413": response(), "415": response()}
    body = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}
    assert [kind for _, kind, _ in declared(statuses)] == ["invalid-parameter", "", ""]
    assert [kind for _, kind, _ in declared(statuses, body)] == [
        "invalid-body",
        "invalid-parameter",
        "body-too-large",
        "unsupported-media-type",
    ]


def test_a_document_that_words_no_errors_answers_its_examples() -> None:
    assert declared({"404": response(one=example("X", "Gone"))}, errors=None) == [
        (404, "", "Gone"),
        (404, "not-found", ""),
    ]


def test_a_template_reads_its_values_from_a_body_and_refreshes_them() -> None:
    template = Template.compile({"error": {"code": "{code}", "at": "{now}", "text": "at {now}"}, "ok": False})
    body: JSON = {"error": {"code": "A", "at": "then", "text": "at then", "more": {"at": "then"}}, "ok": False}
    assert template.values_in(body) == {"code": "A", "now": "then"}
    assert template.refresh(body, {"now": "today"}) == {**body, "error": {**body["error"], "at": "today"}}
    assert template.refresh({"error": "text"}, {"now": "today"}) == {"error": "text"}
