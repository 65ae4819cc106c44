"""The contracts as these tests read them: plain YAML, without the package that serves them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parents[2] / "openapi"
CONTRACTS = ("zenovay-2026-02", "zenovay-2025-01", "analytics-platform-v2")
LEVELS = ("documented", "supplement", "inferred")
JSON = Any


@dataclass(frozen=True)
class Operation:
    """An operation in its document."""

    id: str
    name: str
    node: JSON
    public: bool


@dataclass(frozen=True)
class Field:
    """A member of a body: its path (`data.pages[].url`), its type in words, and how sure it is."""

    path: str
    type: str
    level: str


def read(path: Path) -> JSON:
    """A YAML file."""
    return yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)


@cache
def contract(name: str) -> JSON:
    """A contract's document."""
    return read(FOLDER / f"{name}.yaml")


def resolve(root: JSON, node: JSON) -> JSON:
    """What a reference leads to."""
    while isinstance(node, dict) and "$ref" in node:
        target = root
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/")]
        node = target
    return node


def operations(root: JSON) -> list[Operation]:
    """Every operation of a document."""
    return [
        Operation(node["operationId"], f"{method.upper()} {path}", node, node.get("security") == [])
        for path, item in root["paths"].items()
        for method, node in item.items()
        if method in ("get", "post")
    ]


def parameters(root: JSON, operation: Operation) -> list[JSON]:
    """The parameters of an operation."""
    return [resolve(root, raw) for raw in operation.node.get("parameters", [])]


def responses(root: JSON, operation: Operation) -> dict[str, JSON]:
    """The responses of an operation by status."""
    return {status: resolve(root, raw) for status, raw in operation.node["responses"].items()}


def json_schema(body: JSON) -> JSON:
    """The schema of a JSON body."""
    return body["content"]["application/json"]["schema"]


def weakest(*levels: str) -> str:
    """The least sure of some levels: a fact is only as sure as everything it stands in."""
    return max(levels, key=LEVELS.index)


def level_of(node: JSON, otherwise: str) -> str:
    """The level a node says it has."""
    return node["x-provenance"]["level"] if isinstance(node, dict) and "x-provenance" in node else otherwise


def inferred_keywords(schema: JSON) -> list[str]:
    """The keywords of a schema that are inferred though the schema is not."""
    return list(schema.get("x-inferred", {}).get("keywords", []))


def fields(root: JSON, schema: JSON, level: str, path: str = "") -> Iterator[Field]:
    """Every member below a schema, `allOf` and references followed; a member that is refined comes once."""
    found: dict[str, Field] = {}
    for field in _members(root, schema, level, path):
        known = found.get(field.path)
        if known is None or len(field.type) > len(known.type):
            found[field.path] = field
    yield from found.values()


def _members(root: JSON, schema: JSON, level: str, path: str) -> Iterator[Field]:
    node = resolve(root, schema)
    level = weakest(level, level_of(schema, level), level_of(node, level))
    for part in node.get("allOf", []):
        yield from _members(root, part, level, path)
    required = [] if "required" in inferred_keywords(node) else node.get("required", [])
    for name, member in node.get("properties", {}).items():
        own = resolve(root, member)
        certain = weakest(level, level_of(member, level), level_of(own, level))
        here = f"{path}.{name}" if path else name
        words = words_for(root, member) + ("" if name in required else " optional")
        yield Field(here, words, certain)
        yield from _members(root, member, level, here)
    if "items" in node:
        yield from _members(root, node["items"], level, path + "[]")


def words_for(root: JSON, schema: JSON) -> str:
    """A schema's documented keywords in a few words: `integer 1..100`, `string date-time`, `string|null`."""
    node = resolve(root, schema)
    if "type" not in node and "allOf" in node:
        return words_for(root, node["allOf"][0])
    if "not" in node:  # of a boolean: one of the two values is ruled out
        return str(not node["not"]["const"]).lower()
    left_out = inferred_keywords(node)
    kinds = node.get("type", "anything")
    words = [kinds if isinstance(kinds, str) else "|".join(kinds)]
    if "format" in node and "format" not in left_out:
        words.append(node["format"])
    if "enum" in node and "enum" not in left_out:
        words.append("of " + "|".join(node["enum"]))
    if "pattern" in node and "pattern" not in left_out:
        words.append(node["pattern"])
    if "minLength" in node and "minLength" not in left_out:
        words.append(f">={node['minLength']}")
    low = node.get("minimum") if "minimum" not in left_out else None
    high = node.get("maximum") if "maximum" not in left_out else None
    if high is not None:
        words.append(f"{'' if low is None else low}..{high}")
    return " ".join(words)
