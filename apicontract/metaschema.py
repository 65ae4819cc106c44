"""Checks of a document against the schemas of OpenAPI that the OpenAPI Initiative publishes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson

from apicontract.provenance import below
from apicontract.suggestion import find_similar

JSON = Any
_FOLDER = Path(__file__).parent / "metaschemas"
_NOTHING_FITS = ("anyOf", "oneOf")
_UNKNOWN = ("additionalProperties", "unevaluatedProperties")


def find_violations(root: JSON) -> Iterator[tuple[str, str]]:
    """Yield JSON pointer and message of everything that is not as OpenAPI asks for.

    Where a reference stands in a place in which OpenAPI has none, as many tools allow, its target counts.
    """
    validator = _validator(str(root.get("openapi", ""))[:3])
    for error in validator.iter_errors(root):
        for leaf in _leaves(error):
            owner = _owner(leaf, root)
            is_reference = isinstance(owner, dict) and isinstance(owner.get("$ref"), str)
            if not is_reference and not (isinstance(owner, str) and list(leaf.instance_path)[-1:] == ["$ref"]):
                yield below("#", *leaf.instance_path), _message(leaf, owner)


@cache
def _validator(version: str) -> Any:
    schema = orjson.loads((_FOLDER / f"{version}.json").read_bytes())
    return jsonschema_rs.validator_for(schema, validate_formats=False, mask="the value")


def _leaves(error: Any) -> list[Any]:
    """Return the errors that explain why none of several schemas fits: those of the schema that fits best."""
    if error.kind.name not in _NOTHING_FITS:
        return [error]
    branches = [branch for branch in getattr(error.kind, "context", ()) if branch and not _is_reference(branch)]
    if not branches:
        return [error]
    deepest = [leaf for leaf in min(branches, key=_misfit) if not _repeats(leaf)]
    return [leaf for inner in deepest for leaf in _leaves(inner)] or [error]


def _is_reference(branch: Sequence[Any]) -> bool:
    """Whether a branch only asks for a `$ref`."""
    return any(error.kind.name == "required" and error.kind.property == "$ref" for error in branch)


def _misfit(branch: Sequence[Any]) -> tuple[bool, int]:
    """Return how badly a branch fits: worst is one whose discriminating keyword has another value."""
    names = [error.kind.name for error in branch]
    return any(name in ("enum", "const", "type") for name in names), len(names)


def _repeats(error: Any) -> bool:
    """Whether an error only says that a combination is ruled out, or that several schemas fit."""
    return error.kind.name == "not" or type(error.kind).__name__ == "OneOfMultipleValid"


def _owner(error: Any, root: JSON) -> JSON:
    """Return the value that an error is about."""
    owner = root
    for step in error.instance_path:
        owner = owner[str(step) if isinstance(owner, dict) else step]  # `200` is a number in these paths
    return owner


def _message(error: Any, owner: JSON) -> str:
    kind = error.kind
    if kind.name == "required":
        return f"`{kind.property}` is missing"
    if kind.name in _UNKNOWN:
        return "; ".join(_unknown_member(name, owner) for name in kind.unexpected)
    if kind.name == "enum":
        return f"expected one of {', '.join(map(str, kind.options))}, found {_shown(error.instance)}"
    if kind.name == "const":
        return f"expected {kind.expected_value}, found {_shown(error.instance)}"
    if kind.name in _NOTHING_FITS:
        return f"none of the forms that OpenAPI knows fits {_shown(error.instance)}"
    return f"{error.message}; found {_shown(error.instance)}"


def _unknown_member(name: str, owner: JSON) -> str:
    near = find_similar(name, (known for known in _MEMBERS if known not in owner))
    return f"`{name}` is not expected here" + (f"; did you mean `{near}`?" if near else "")


_MEMBERS = (
    *("get", "put", "post", "delete", "options", "head", "patch", "trace", "parameters", "requestBody", "responses"),
    *("operationId", "summary", "description", "servers", "security", "tags", "deprecated", "callbacks", "content"),
    *("schema", "example", "examples", "headers", "links", "required", "explode", "style", "encoding", "name", "in"),
    *("securitySchemes", "requestBodies", "schemas", "components", "paths", "webhooks", "info", "title", "version"),
)


def _shown(value: JSON) -> str:
    text = orjson.dumps(value, default=str).decode()
    return text if len(text) <= 60 else f"{text[:59]}…"
