"""The provenance of a place in a schema: `x-provenance` and `x-inferred` along the way to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs

from apicontract import Operation, Schema
from apicontract.provenance import (
    DOCUMENTED,
    INFERRED,
    Provenance,
    is_inferred,
    read_keyword_provenance,
    read_provenance,
    weakest,
)

JSON = Any


def answer_facts(operation: Operation, status: int | None = None) -> tuple[Provenance, ...]:
    """Return what a statement about an operation's answers stands on: a success, unless another status is given."""
    response = operation.response(operation.success if status is None else status)
    return (operation.provenance, response.provenance) if response else (operation.provenance,)


def provenance_at(
    schema: Schema, path: tuple[str | int, ...], otherwise: Provenance, keyword: str = "", value: JSON = None
) -> Provenance:
    """Return the provenance of what a value breaks: that of the innermost schema that names its place.

    A keyword that stands in the schema's `x-inferred` is a guess, whatever the rest is, unless the value also breaks
    what the document says in its place (`stated`).
    """
    if keyword == "required" and path and _guesses_member(schema, path):
        return INFERRED
    resolve = schema.document.resolve
    nodes: list[tuple[JSON, Provenance]] = [(schema.node, otherwise)]
    for step in (None, *path):
        found: list[tuple[JSON, Provenance]] = []
        for raw, level in nodes:
            found += list(_children(resolve(raw), step, level)) if step is not None else [(raw, level)]
        nodes = [pair for raw, level in found for pair in _alternatives(raw, _own(raw, level, resolve), resolve)]
        if not nodes:
            return otherwise
        otherwise = nodes[-1][1]
    if keyword == "required":
        return otherwise
    guesses = [node["x-inferred"] for raw, _ in nodes if is_inferred(node := resolve(raw), keyword)]
    return INFERRED if any(jsonschema_rs.is_valid(guess.get("stated", True), value) for guess in guesses) else otherwise


def _guesses_member(schema: Schema, path: tuple[str | int, ...]) -> bool:
    """Return whether it is a guess that the member at a place is required."""
    resolve = schema.document.resolve
    nodes = [node for node, _ in _alternatives(schema.node, INFERRED, resolve)]
    for step in path[:-1]:
        children = [child for node in nodes for child, _ in _children(node, step, INFERRED)]
        nodes = [node for child in children for node, _ in _alternatives(child, INFERRED, resolve)]
    return any(read_keyword_provenance(node, "required", DOCUMENTED, path[-1]).level == "inferred" for node in nodes)


def _own(raw: JSON, inherited: Provenance, resolve: Any) -> Provenance:
    """Return the provenance of a node: its own, else the weaker of what it stands in and what it refers to."""
    if isinstance(raw, dict) and "x-provenance" in raw:
        return read_provenance(raw, inherited)
    return weakest(inherited, read_provenance(resolve(raw), inherited))


def _alternatives(raw: JSON, level: Provenance, resolve: Any) -> Iterator[tuple[JSON, Provenance]]:
    node = resolve(raw)
    yield node, level
    if isinstance(node, dict):
        for keyword in ("allOf", "anyOf", "oneOf"):
            for part in node.get(keyword) or ():
                yield from _alternatives(part, _own(part, level, resolve), resolve)


def _children(node: JSON, step: str | int, level: Provenance) -> Iterator[tuple[JSON, Provenance]]:
    if not isinstance(node, dict):
        return
    child = node.get("items") if isinstance(step, int) else (node.get("properties") or {}).get(step)
    if isinstance(child, Mapping):
        yield child, level
