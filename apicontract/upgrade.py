"""Translate schemas of OpenAPI 3.0 into JSON Schema 2020-12, patterns into strict ones, and references into URIs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urljoin

from apicontract.dialects import portable

JSON = Any
_NAMED = frozenset(
    {"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"}
    | {"paths", "webhooks", "callbacks", "responses", "content", "encoding", "headers", "links"}
    | {"schemas", "parameters", "requestBodies", "securitySchemes", "pathItems"}
)
"""Keywords whose members are names that the author chose."""
_VALUES = frozenset({"example", "default", "enum", "const", "value"})
"""Keywords whose content is data."""
_ILLEGAL = re.compile(r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9._~:/?#@!$&'()*+,;=%-]")
"""Matches the characters that a URI needs percent-encoded: in practice braces, spaces and letters beyond ASCII."""
_BOUNDS = (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum"))
_BESIDE_REF = frozenset(
    {"description", "summary", "title", "default", "example", "deprecated", "readOnly", "writeOnly"}
)


def normalize(root: JSON, *, base: str, upgrade: bool, names: Mapping[str, str] | None = None) -> JSON:
    """Return a document or a part of it with references that are URIs, strict patterns, and schemas upgraded.

    What needs no change is not copied, and what YAML aliases share stays shared.

    Args:
        root: Plain data.
        base: The URI that references start from; empty leaves them as they are.
        upgrade: Whether the document is OpenAPI 3.0.
        names: The URIs that replace absolute references.
    """
    return _Walk(base, upgrade=upgrade, names=names or {}).walk(root, named=False)


def upgrade_schemas(node: JSON) -> JSON:
    """Translate OpenAPI 3.0 schema keywords into JSON Schema 2020-12 (`nullable`, boolean `exclusiveMinimum`)."""
    return normalize(node, base="", upgrade=True)


def list_references(root: JSON) -> Iterator[str]:
    """Yield every `$ref` in a document or a part of it, without those in data."""
    waiting = [(root, False)]
    while waiting:
        node, named = waiting.pop()
        if isinstance(node, list):
            waiting += ((item, False) for item in node if isinstance(item, (dict, list)))
        elif isinstance(node, dict):
            ref = node.get("$ref")
            if isinstance(ref, str) and not named:
                yield ref
            for name, value in node.items():
                if isinstance(value, (dict, list)) and (named or not _is_data(name, value)):
                    waiting.append((value, not named and name in _NAMED))


class _Walk:
    def __init__(self, base: str, *, upgrade: bool, names: Mapping[str, str]) -> None:
        self.base, self.upgrade, self.names = base, upgrade, names
        self.done: dict[tuple[int, bool], JSON] = {}

    def walk(self, node: JSON, *, named: bool) -> JSON:
        if not isinstance(node, (dict, list)) or not node:
            return node
        key = (id(node), named)
        if key not in self.done:
            self.done[key] = self.list(node) if isinstance(node, list) else self.mapping(node, named=named)
        return self.done[key]

    def list(self, node: list[JSON]) -> JSON:
        changed = None
        for index, item in enumerate(node):
            new = self.walk(item, named=False)
            if new is not item:
                changed = changed if changed is not None else list(node)
                changed[index] = new
        return node if changed is None else changed

    def mapping(self, node: dict[str, JSON], *, named: bool) -> JSON:
        changed = None
        for name, value in node.items():
            if not isinstance(value, (dict, list)) or (not named and _is_data(name, value)):
                continue
            new = self.walk(value, named=not named and name in _NAMED)
            if new is not value:
                changed = changed if changed is not None else dict(node)
                changed[name] = new
        if named:
            return node if changed is None else changed
        found = node if changed is None else changed
        ref = found.get("$ref")
        if isinstance(ref, str):
            return self.reference(found, ref)
        pattern = found.get("pattern")
        if isinstance(pattern, str) and portable(pattern) != pattern:
            found = {**found, "pattern": portable(pattern)}
        if "discriminator" in found and not _is_discriminator(found["discriminator"]):
            found = {name: value for name, value in found.items() if name != "discriminator"}
        return _upgraded(found) if self.upgrade else found

    def reference(self, node: dict[str, JSON], ref: str) -> JSON:
        if self.upgrade and len(node) > 1:  # OpenAPI 3.0 ignores what stands beside a reference
            kept = {name: value for name, value in node.items() if name in _BESIDE_REF or name.startswith("x-")}
            node = {"$ref": ref, **kept}
        uri = _ILLEGAL.sub(lambda match: quote(match[0], safe=""), urljoin(self.base, ref) if self.base else ref)
        uri = self.names.get(uri, uri)
        return node if uri == ref else {**node, "$ref": uri}


def _is_discriminator(node: JSON) -> bool:
    return isinstance(node, dict) and isinstance(node.get("propertyName"), str)


def _is_data(name: str, value: JSON) -> bool:
    if name == "examples":  # a list in a schema; elsewhere a mapping of objects, which may be references
        return isinstance(value, list)
    return name in _VALUES or (name.startswith("x-") and name != "x-errors")


def _upgraded(node: dict[str, JSON]) -> dict[str, JSON]:
    if "nullable" not in node and not any(isinstance(node.get(exclusive), bool) for _, exclusive in _BOUNDS):
        return node
    new = dict(node)
    if isinstance(new.get("nullable"), bool) and new.pop("nullable") and isinstance(new.get("type"), str):
        new["type"] = [new["type"], "null"]
        if isinstance(new.get("enum"), list) and None not in new["enum"]:
            new["enum"] = [*new["enum"], None]
    for bound, exclusive in _BOUNDS:
        if isinstance(new.get(exclusive), bool) and new.pop(exclusive) and bound in new:
            new[exclusive] = new.pop(bound)
    return new
