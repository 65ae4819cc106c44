"""The facts that a clause stands on: of an answer, and of a place in a schema, with what leads to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from apicontract import Fact, Level, Operation, Schema
from apicontract.document import Document
from apicontract.provenance import (
    LEVELS,
    Provenance,
    Stated,
    below,
    is_inferred,
    read_keyword_provenance,
    read_provenance,
    weakest,
)

JSON = Any


def _standard(level: Level, page: str, section: str) -> Fact:
    return Fact("", Provenance(level, page, section))


SERVED = _standard("documented", "RFC 9110", "15.6. Server Error 5xx")
"""That a server answers, and that a 5xx is its own fault."""
HEAD = _standard("inferred", "RFC 9110", "9.3.2. HEAD")
"""What HEAD is answered. No contract declares it, so a server is not held to it."""


def answer_facts(operation: Operation, status: int | None = None) -> tuple[Stated, ...]:
    """Return what a statement about an operation's answers stands on: a success, unless another status is given."""
    response = operation.response(operation.success if status is None else status)
    return (operation, response) if response else (operation,)


@dataclass(frozen=True, slots=True)
class _Node:
    """A node of a schema, with its place and the provenance of what it says."""

    raw: JSON
    pointer: str
    provenance: Provenance


def fact_at(
    schema: Schema, path: tuple[str | int, ...], otherwise: Provenance, keyword: str = "", value: JSON = None
) -> Fact:
    """Return the fact that a value breaks: the keyword of the innermost schema that names its place.

    A keyword that stands in the schema's `x-inferred` is a guess, whatever the rest is, unless the value also breaks
    what the document says in its place (`stated`).
    """
    steps = path[:-1] if keyword == "required" else path
    nodes = list(_with_parts(_Node(schema.node, schema.pointer, otherwise), schema.document))
    for step in steps:
        inner = [child for node in nodes for child in _children(node, step, schema.document)]
        if not inner:
            break
        nodes = [part for child in inner for part in _with_parts(child, schema.document)]
    else:
        if keyword:
            return _of_keyword(nodes, keyword, path, value, schema.document)
    return Fact(nodes[-1].pointer, nodes[-1].provenance)


def _of_keyword(nodes: list[_Node], keyword: str, path: tuple[str | int, ...], value: JSON, document: Document) -> Fact:
    """Return the fact that a keyword states which stands at one of the nodes of a place."""
    facts = []
    for node in nodes:
        read = _read(node, document)
        provenance = node.provenance
        if keyword not in read or (keyword == "required" and path[-1] not in read["required"]):
            continue
        if keyword == "required":
            members = [part for child in _children(node, path[-1], document) for part in _with_parts(child, document)]
            provenance = read_keyword_provenance(read, keyword, provenance, path[-1])
            provenance = weakest(provenance, *(part.provenance for part in members[-1:]))
        elif not is_inferred(read, keyword) or jsonschema_rs.is_valid(read["x-inferred"].get("stated", True), value):
            provenance = read_keyword_provenance(read, keyword, provenance)
        facts.append(Fact(below(node.pointer, keyword), provenance))
    return max(
        facts,
        key=lambda fact: LEVELS.index(fact.provenance.level),
        default=Fact(nodes[-1].pointer, nodes[-1].provenance),
    )


def _read(node: _Node, document: Document) -> Mapping[str, JSON]:
    resolved = document.resolve(node.raw)
    return resolved if isinstance(resolved, dict) else {}


def _with_parts(node: _Node, document: Document) -> Iterator[_Node]:
    """List a node with its references followed, and the parts that it is composed of."""
    raw = node.raw
    if isinstance(raw, dict) and "x-provenance" in raw:
        provenance = read_provenance(raw, node.provenance)
    else:  # the weaker of what it stands in and what it refers to
        provenance = weakest(node.provenance, read_provenance(document.resolve(raw), node.provenance))
    found = _Node(raw, document.follow(raw, node.pointer), provenance)
    yield found
    for keyword in ("allOf", "anyOf", "oneOf"):
        for index, part in enumerate(_read(found, document).get(keyword) or ()):
            yield from _with_parts(_Node(part, below(found.pointer, keyword, index), provenance), document)


def _children(node: _Node, step: str | int, document: Document) -> Iterator[_Node]:
    """List the schemas of a member or an item of a node's value."""
    read = _read(node, document)
    names: tuple[str | int, ...] = ("items",) if isinstance(step, int) else ("properties", step)
    child: JSON = read
    for name in names:
        child = child.get(name) if isinstance(child, Mapping) else None
    if isinstance(child, Mapping):
        yield _Node(child, below(node.pointer, *names), node.provenance)
