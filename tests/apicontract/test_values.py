"""Values made from schemas: valid, and the same for the same seed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apicontract.document import Document
from apicontract.schemas import Schema
from apicontract.values import make_value

SCHEMAS: list[dict[str, Any]] = [
    {"type": "string", "minLength": 40, "maxLength": 41},
    {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$"},
    {"type": "integer", "exclusiveMinimum": 3, "maximum": 4},
    {"type": "number", "minimum": 0.5, "maximum": 0.6},
    {"type": "integer", "multipleOf": 7, "minimum": 8, "maximum": 20},
    {"type": ["string", "null"], "format": "uuid"},
    {"type": "array", "items": {"enum": ["a", "b", "c"]}, "minItems": 3, "uniqueItems": True},
    {"type": "object", "required": ["a", "z"], "properties": {"a": {"format": "date-time", "type": "string"}}},
    {"allOf": [{"type": "object", "required": ["a"]}, {"properties": {"a": {"const": 5}}}]},
    {"oneOf": [{"type": "object", "required": ["k"], "properties": {"k": {"const": "x"}}}, {"type": "integer"}]},
    {"$ref": "#/components/schemas/Tree"},
]
ROOT = {
    "components": {
        "schemas": {
            "Tree": {
                "type": "object",
                "required": ["name", "children"],
                "properties": {
                    "name": {"type": "string", "format": "email"},
                    "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
                },
            }
        }
    }
}


@pytest.mark.parametrize("node", SCHEMAS, ids=str)
@given(seed=st.text(max_size=5))
def test_a_made_value_keeps_its_schema_and_depends_on_the_seed_alone(
    node: dict[str, Any], seed: str, tmp_path_factory: Any
) -> None:
    schema = Schema(node, Document(tmp_path_factory.getbasetemp() / "none.yaml", ROOT))
    value = make_value(schema, seed)
    assert schema.violations(value) == []
    assert make_value(schema, seed) == value
