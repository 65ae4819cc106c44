"""The provenance of what a clause stands on."""

from __future__ import annotations

import pytest

from apicontract import Schema
from apicontract.document import load_document
from contract_tests.checks.provenance import answer_facts, fact_at
from tests.contract_tests.checks.recorded import SHOP
from tests.documents import document, write

SOURCES = {level: {"level": level, "page": "P", "section": "S"} for level in ("documented", "supplement")}
GUESS = {"level": "inferred", "reason": "because it must be"}
SCHEMA = {
    "type": "object",
    "x-provenance": SOURCES["documented"],
    "required": ["id", "guessed"],
    "x-inferred": {"keywords": ["required"], "members": ["guessed"], "reason": "no page says so"},
    "properties": {
        "id": {"type": "string"},
        "later": {"type": "string", "x-provenance": SOURCES["supplement"]},
        "size": {"type": "integer", "minimum": 0, "x-inferred": {"keywords": ["minimum"], "reason": "it counts"}},
        "parts": {"type": "array", "items": {"allOf": [{"type": "object", "x-provenance": GUESS}]}},
    },
}


@pytest.mark.parametrize(
    ("path", "keyword", "level"),
    [
        (("id",), "type", "documented"),
        (("later",), "type", "supplement"),
        (("size",), "type", "documented"),
        (("size",), "minimum", "inferred"),
        (("parts", 0), "type", "inferred"),
        (("unknown",), "type", "documented"),
    ],
)
def test_a_place_has_the_provenance_of_the_innermost_schema(
    tmp_path_factory: pytest.TempPathFactory, path: tuple[str | int, ...], keyword: str, level: str
) -> None:
    folder = tmp_path_factory.mktemp("schema")
    place = write(folder / "a.yaml", document({"/a": {}}, components={"schemas": {"A": SCHEMA}}))
    read = load_document(place)
    schema = Schema({"$ref": "#/components/schemas/A"}, read)
    documented = answer_facts(SHOP.operation("listShops"))[0].provenance
    assert fact_at(schema, path, documented, keyword, -1).provenance.level == level


def test_an_answer_stands_on_its_operation_and_on_its_response() -> None:
    operation = SHOP.operation("listShops")
    assert len(answer_facts(operation)) == 2
    assert len(answer_facts(operation, 418)) == 1
