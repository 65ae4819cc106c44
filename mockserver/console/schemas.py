"""A schema as a table: one row for each member, with its type and provenance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from apicontract.document import Document
from apicontract.provenance import Provenance, read_description, read_provenance, weakest
from apicontract.schemas import describe

JSON = Any
_DEEPEST = 12
_COMBINED = ("allOf", "anyOf", "oneOf")


@dataclass(frozen=True, slots=True)
class PartProvenance:
    """The provenance of some keywords, or of some values of one, that is not that of the schema they belong to."""

    keywords: tuple[str, ...]
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Field:
    """A member. `path`: such as `data.items[].id`, empty for the root. `depth`: from 0. `note`: its alternative.

    `within`: the provenance of the member it belongs to.
    """

    path: str
    name: str
    depth: int
    required: bool
    kind: str
    description: str
    provenance: Provenance
    within: Provenance
    parts: tuple[PartProvenance, ...]
    note: str = ""


def list_fields(node: JSON, document: Document, inherited: Provenance) -> list[Field]:
    """List the members of a schema, in the order of the document, with at most the provenance of their parents."""
    return list(_rows(node, document, inherited, "", "", 0, required=True, seen=()))


def _rows(
    raw: JSON,
    document: Document,
    inherited: Provenance,
    path: str,
    name: str,
    depth: int,
    *,
    required: bool,
    seen: tuple[str, ...],
    note: str = "",
) -> Iterator[Field]:
    reference = raw.get("$ref", "") if isinstance(raw, dict) else ""
    node = document.resolve(raw)
    if not isinstance(node, dict):
        return
    provenance = weakest(read_provenance(node, inherited), inherited)
    returns = bool(reference) and reference in seen
    if name or not path:
        kind = describe(node) or ("an object" if "properties" in node or "allOf" in node else "")
        yield Field(
            path=path,
            name=name,
            depth=depth,
            required=required,
            kind=kind + (" (again as above)" if returns else ""),
            description=read_description(node),
            provenance=provenance,
            within=inherited,
            parts=tuple(list_parts(node)),
            note=note,
        )
    if returns or depth > _DEEPEST:
        return
    below = (*seen, reference) if reference else seen
    own = set(node.get("required") or ())
    for member, schema in (node.get("properties") or {}).items():
        inner = f"{path}.{member}" if path else str(member)
        yield from _rows(
            schema, document, provenance, inner, str(member), depth + 1, required=member in own, seen=below
        )
    items = node.get("items")
    if isinstance(items, dict):
        yield from _rows(items, document, provenance, f"{path}[]", "[]", depth + 1, required=True, seen=below)
    for keyword in _COMBINED:
        for number, part in enumerate(node.get(keyword) or (), 1):
            label = "" if keyword == "allOf" else f"alternative {number}"
            rows = _rows(part, document, provenance, path, "", depth, required=required, seen=below)
            members = [row for row in rows if row.path != path]
            yield from (_labelled(row, label) for row in members)


def list_parts(node: JSON) -> Iterator[PartProvenance]:
    """List what a node says of single keywords (`x-inferred`, `x-provenance-of`)."""
    if not isinstance(node, dict):
        return
    inferred = node.get("x-inferred")
    if isinstance(inferred, dict):
        reason = Provenance("inferred", reason=str(inferred.get("reason", "")))
        yield PartProvenance(tuple(str(word) for word in inferred.get("keywords") or ()), reason)
    others = node.get("x-provenance-of")
    for keyword, own in others.items() if isinstance(others, dict) else ():
        for name, source in [(keyword, own)] if "level" in own else own.items():
            yield PartProvenance((str(name),), read_provenance({"x-provenance": source}))


def _labelled(row: Field, note: str) -> Field:
    return replace(row, note=note or row.note)
