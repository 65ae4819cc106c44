"""The contracts as these tests read them: plain YAML, without the package that serves them."""

from __future__ import annotations

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
    """The responses of an operation by status.

    Where other operations state one with more authority than this one does, its words are theirs.
    """
    found = {status: resolve(root, raw) for status, raw in operation.node["responses"].items()}
    source = operation.node.get("x-provenance-of", {}).get("responses")
    if source is None:
        return found
    return {status: _stated_by(source, response) for status, response in found.items()}


def _stated_by(source: JSON, response: JSON) -> JSON:
    if weakest(source["level"], level_of(response, source["level"])) == level_of(response, source["level"]):
        return response
    return {**response, "x-provenance": source, "x-quoted": False}


def weakest(*levels: str) -> str:
    """The least sure of some levels: a fact is only as sure as everything it stands in."""
    return max(levels, key=LEVELS.index)


def level_of(node: JSON, otherwise: str) -> str:
    """The level a node says it has."""
    return node["x-provenance"]["level"] if isinstance(node, dict) and "x-provenance" in node else otherwise
