"""Operations: what a document says of them, and with which authority."""

from __future__ import annotations

from typing import Any

import pytest

from tests.documents import contract_of

PAGE = {"level": "documented", "page": "A", "section": "Errors"}
FURTHER = {"level": "supplement", "page": "B", "section": "Errors"}
GUESS = {"level": "inferred", "reason": "nothing says so"}


def test_a_shared_response_has_no_more_authority_than_the_operation_that_refers_to_it() -> None:
    shared = {"components": {"responses": {"Gone": {"description": "gone", "x-quoted": True, "x-provenance": PAGE}}}}
    answers = {"200": {"description": "ok", "x-provenance": GUESS}, "404": {"$ref": "#/components/responses/Gone"}}
    paths = {
        "/a": {"get": {"operationId": "one", "responses": answers}},
        "/b": {"get": {"operationId": "other", "responses": answers, "x-provenance-of": {"responses": FURTHER}}},
    }
    contract = contract_of(paths, **shared)
    levels = {
        (operation.id, status): response.provenance.level
        for operation in contract.operations
        for status, response in operation.responses.items()
    }
    assert levels == {
        ("one", "200"): "inferred",
        ("one", "404"): "documented",
        ("other", "200"): "inferred",
        ("other", "404"): "supplement",
    }
    assert contract.operation("other").responses["404"].provenance.page == "B"
    assert [one.responses["404"].description for one in contract.operations] == ["“gone”", "gone"]


@pytest.mark.parametrize(
    ("node", "text", "value"),
    [
        ({"schema": {"type": "integer"}}, " 5 ", 5),
        ({"schema": {"type": "array", "items": {"type": "integer"}}}, "1, 2", [1, 2]),
        ({"schema": {"type": "object", "properties": {"a": {"type": "integer"}}}}, "a,1", {"a": 1}),
        ({"schema": {"type": "object", "properties": {"a": {"type": "integer"}}}, "explode": True}, "a=1", {"a": 1}),
        ({"content": {"application/json": {"schema": {}}}}, '{"a": 1}', {"a": 1}),
        ({"schema": {"type": "string"}}, "a, b", "a, b"),
    ],
)
def test_a_header_is_read_in_its_style(node: dict[str, Any], text: str, value: Any) -> None:
    responses = {"200": {"description": "ok", "headers": {"X-A": node}}}
    (operation,) = contract_of({"/a": {"get": {"responses": responses}}}).operations
    assert operation.responses["200"].headers[0].read(text) == value
