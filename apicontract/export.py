"""Export a contract for other tools: one self-contained document without YAML aliases."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import orjson
import yaml

from apicontract.document import Document
from apicontract.provenance import below
from apicontract.servers import read_address

JSON = Any


def export_document(document: Document, *, flatten: bool = False) -> dict[str, JSON]:
    """Return a document as written, with aliases expanded and the referenced parts of other files included.

    `flatten` moves the path of every server into the paths, for tools that ignore the servers of a path.

    Raises:
        ContractError: A reference has no target.
    """
    root: dict[str, JSON] = _Bundle(document.as_written()).document()
    return _flattened(root, document.path) if flatten else root


def as_json(root: JSON) -> bytes:
    """Serialize a document as indented JSON."""
    return orjson.dumps(root, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def as_yaml(root: JSON) -> bytes:
    """Serialize a document as YAML that YAML 1.1 and 1.2 parsers read alike."""
    text = yaml.dump(root, Dumper=_PlainDumper, sort_keys=False, allow_unicode=True, width=120, encoding="utf-8")
    return bytes(text)


class _PlainDumper(yaml.CSafeDumper):
    pass


def _text(dumper: yaml.CSafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_PlainDumper.add_representer(str, _text)
# YAML 1.2 reads 1e3 and 0o17 as numbers, so such a text needs quotes.
_PlainDumper.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^(?:[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)|0o[0-7]+)$"),
    list("-+.0123456789"),
)


class _Bundle:
    """Merges several files. Schemas can be recursive, so those of other files become components."""

    def __init__(self, document: Document) -> None:
        self.main = document
        self.names: dict[tuple[str, str], str] = {}
        self.schemas: dict[str, JSON] = {}

    def document(self) -> JSON:
        root = self.copy(self.main.root, self.main, in_schema=False)
        if self.schemas:
            root.setdefault("components", {}).setdefault("schemas", {}).update(self.schemas)
        return root

    def copy(self, node: JSON, document: Document, *, in_schema: bool) -> JSON:
        if isinstance(node, list):
            return [self.copy(item, document, in_schema=in_schema) for item in node]
        if not isinstance(node, dict):
            return node
        ref = node.get("$ref")
        if isinstance(ref, str) and (document is not self.main or not ref.startswith("#")):
            found, target = document.find(ref)
            if found is self.main:
                node = {**node, "$ref": "#" + ref.partition("#")[2]}
            elif in_schema:
                node = {**node, "$ref": f"#/components/schemas/{self.name(ref, target, found)}"}
            else:
                whole = {**target, **{name: value for name, value in node.items() if name != "$ref"}}
                return self.copy(whole, found, in_schema=False)
        return {
            str(name): self.copy(value, document, in_schema=in_schema or name in ("schema", "schemas"))
            for name, value in node.items()
        }

    def name(self, ref: str, target: JSON, document: Document) -> str:
        """Return the component name of another file's schema; copy the schema at its first use."""
        file, _, pointer = ref.partition("#")
        key = (document.uri, pointer.strip("/"))
        if key not in self.names:
            wanted = re.sub(r"[^\w.-]", "_", key[1].rpartition("/")[2] or Path(file).stem)
            taken = {*self.schemas, *self.main.root.get("components", {}).get("schemas", {})}
            name, number = wanted, 1
            while name in taken:
                number += 1
                name = f"{wanted}{number}"
            self.names[key] = name
            self.schemas[name] = {}  # reserves the name: the schema may refer to itself
            self.schemas[name] = self.copy(target, document, in_schema=True)
        return self.names[key]


def _flattened(root: dict[str, JSON], path: Path) -> dict[str, JSON]:
    """Return the document with server paths moved into its paths; paths of other hosts keep their servers."""
    document = Document(path, root)
    servers = [read_address(document.resolve(server)) for server in root.get("servers") or [{}]]
    home = servers[0]
    moved: dict[str, str] = {}
    paths: dict[str, JSON] = {}
    for template, raw in root.get("paths", {}).items():
        item = document.resolve(raw)
        own = read_address(document.resolve(item["servers"][0])) if item.get("servers") else home
        if template.startswith("/") and own[:2] == home[:2]:
            moved[below("#", "paths", template)] = below("#", "paths", own.path + template)
            template, item = own.path + template, {name: item[name] for name in item if name != "servers"}
        paths[template] = item
    hosts = [server._replace(path="").geturl() or "/" for server in servers if server.path == home.path]
    whole = {**root, "servers": [{"url": url} for url in dict.fromkeys(hosts)], "paths": paths}
    return dict(_repointed(whole, moved))


def _repointed(node: JSON, moved: dict[str, str]) -> JSON:
    """Return the node with JSON pointers to moved paths replaced."""
    if isinstance(node, list):
        return [_repointed(item, moved) for item in node]
    if isinstance(node, dict):
        return {name: _repointed(value, moved) for name, value in node.items()}
    if isinstance(node, str) and node.startswith("#/paths/"):
        place, slash, rest = node.removeprefix("#/paths/").partition("/")
        return moved.get(f"#/paths/{place}", f"#/paths/{place}") + slash + rest
    return node
