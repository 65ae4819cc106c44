"""An OpenAPI document as plain data: read from YAML or JSON, references resolved on demand."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml

JSON = Any
"""Plain data: dict, list, str, int, float, bool or None."""


class ContractError(Exception):
    """A contract that cannot be used. The message names the file, the place in it and the remedy."""


class PlainLoader(yaml.CSafeLoader):
    """A YAML loader that returns JSON types only: dates, `no`, `on` and `yes` stay text (NO is Norway)."""


PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith((":timestamp", ":bool"))]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


@dataclass(frozen=True, slots=True)
class Document:
    """One file, and the files that its `$ref`s lead to.

    `written`: the mapping as written, if `root` was upgraded from OpenAPI 3.0.
    """

    path: Path
    root: dict[str, JSON]
    _others: dict[Path, Document] = field(default_factory=dict)
    written: dict[str, JSON] | None = None

    def resolve(self, node: JSON) -> JSON:
        """Follow `$ref` until the target is not a reference; siblings of a `$ref` override members of its target."""
        document = self
        seen: list[tuple[Path, str]] = []
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            here = (document.path, node["$ref"])
            if here in seen:
                raise ContractError(f"{document.path}: the reference {node['$ref']!r} refers to itself")
            seen.append(here)
            siblings = {name: value for name, value in node.items() if name != "$ref"}
            document, target = document.find(node["$ref"])
            node = {**target, **siblings} if siblings and isinstance(target, dict) else target
        return node

    def find(self, ref: str) -> tuple[Document, JSON]:
        """Return the target of a reference, and the document that contains it.

        Raises:
            ContractError: The target does not exist.
        """
        file, _, pointer = ref.partition("#")
        document = self._sibling(file) if file else self
        node: JSON = document.root
        for step in pointer.strip("/").split("/") if pointer.strip("/") else []:
            name = unquote(step).replace("~1", "/").replace("~0", "~")
            if isinstance(node, list) and name.isdigit() and int(name) < len(node):
                node = node[int(name)]
            elif isinstance(node, dict) and name in node:
                node = node[name]
            else:
                raise ContractError(f"{self.path}: the reference {ref!r} has no target ({name!r} is missing)")
        return document, node

    def _sibling(self, file: str) -> Document:
        if "://" in file:
            raise ContractError(
                f"{self.path}: the reference {file!r} is a URL, which is not fetched; bundle the document into one file"
            )
        path = (self.path.parent / file).resolve()
        if path not in self._others:
            self._others[path] = Document(path, read_mapping(path), self._others)
        return self._others[path]


def read_mapping(path: Path) -> dict[str, JSON]:
    """Read a YAML or JSON file whose root is a mapping.

    Raises:
        ContractError: The file is missing, unreadable, not YAML, or not a mapping.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise ContractError(f"{path}: {error.strerror or error}") from None
    try:
        root = yaml.load(text, Loader=PlainLoader)  # noqa: S506 - PlainLoader is a safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise ContractError(f"{path}{line}: {error.problem or 'not YAML'}") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise ContractError(f"{path}: not YAML: {str(error).splitlines()[0]}") from None
    if not isinstance(root, dict):
        raise ContractError(f"{path}:1: expected an OpenAPI document: a mapping with `openapi`, `info` and `paths`")
    return root


def load_document(path: Path) -> Document:
    """Read an OpenAPI 3.0 or 3.1 document; schemas of 3.0 are upgraded to 3.1.

    Raises:
        ContractError: The file is not such a document.
    """
    root = read_mapping(path)
    version = str(root.get("openapi", ""))
    if not re.match(r"3\.[01]\.", version + "."):
        found = f"openapi: {version}" if version else f"swagger: {root['swagger']}" if "swagger" in root else "neither"
        raise ContractError(f"{path}: expected `openapi: 3.0.x` or `3.1.x`, found {found}")
    if not isinstance(root.get("paths"), dict) or not root["paths"]:
        raise ContractError(f"{path}: expected at least one path, but `paths` is missing or empty")
    return Document(path, upgrade_schemas(root), written=root) if version.startswith("3.0") else Document(path, root)


def upgrade_schemas(node: JSON) -> JSON:
    """Translate OpenAPI 3.0 schema keywords into JSON Schema 2020-12 (`nullable`, boolean `exclusiveMinimum`)."""
    if isinstance(node, list):
        return [upgrade_schemas(item) for item in node]
    if not isinstance(node, dict):
        return node
    new = {name: upgrade_schemas(value) for name, value in node.items()}
    if new.pop("nullable", False) is True and isinstance(new.get("type"), str):
        new["type"] = [new["type"], "null"]
        if isinstance(new.get("enum"), list) and None not in new["enum"]:
            new["enum"] = [*new["enum"], None]
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(new.get(exclusive), bool) and new.pop(exclusive) and bound in new:
            new[exclusive] = new.pop(bound)
    return new
