"""An OpenAPI document as plain data: one or several files, with references resolved on demand."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin

import jsonschema_rs
import yaml

from apicontract.reading import Duplicate, Parsed, TextError, join_pointer, parse, split_pointer
from apicontract.sources import LARGE, Source, SourceError, as_uri, is_url, open_source
from apicontract.upgrade import list_references, normalize

JSON = Any
"""Plain data: dict, list, str, int, float, bool or None."""
_CONTENTS = ("paths", "webhooks", "components")
_NAMES = frozenset({"$id", "$anchor", "$dynamicAnchor"})
_ANNOTATIONS = frozenset(
    {"title", "description", "summary", "default", "example", "examples", "deprecated", "readOnly", "writeOnly", "xml"}
)


class ContractError(Exception):
    """A contract that cannot be used. The message names the file, the place in it and the remedy.

    `pointer`: the JSON pointer of the offending value, if it is known.
    """

    def __init__(self, message: str, pointer: str = "") -> None:
        super().__init__(message)
        self.pointer = pointer


class PlainLoader(yaml.CSafeLoader):
    """A YAML loader that returns JSON types only: dates, `no`, `on` and `yes` stay text (NO is Norway)."""


PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith((":timestamp", ":bool"))]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


_MOST_REFERENCES = 32


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file; `line` and `column` count from 1."""

    path: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(slots=True)
class _Shared:
    """The state that the files of one document share: each file is read once, and its places are found at most once."""

    source: Source
    is_old: bool = False
    files: dict[str, Document] = field(default_factory=dict)
    places: dict[str, Parsed] = field(default_factory=dict)
    registry: jsonschema_rs.Registry | None = None
    names: dict[str, str] | None = None
    named: dict[str, Document] = field(default_factory=dict)
    validators: dict[str | int, tuple[JSON, JSON, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """One file, and the files that its `$ref`s lead to.

    `written`: the mapping as written, if `root` was upgraded from OpenAPI 3.0 or has references that are no URIs.
    `uri`: the address that references in the file start from. References of other files than the first are absolute
    in `root`, so that each can be resolved without its file.
    """

    path: Path
    root: JSON
    written: dict[str, JSON] | None = None
    uri: str = "file:///document"
    _shared: _Shared = field(default_factory=lambda: _Shared(Source()), repr=False, compare=False)

    @property
    def name(self) -> str:
        """The file or URL, for messages."""
        return self.uri if is_url(self.uri) else str(self.path)

    @property
    def files(self) -> Mapping[str, Document]:
        """The files that were read so far, by URI."""
        return self._shared.files

    def resolve(self, node: JSON) -> JSON:
        """Follow `$ref` until the target is not a reference; the siblings of a `$ref` hold as well as its target.

        Raises:
            ContractError: A reference has no target, or refers to itself.
        """
        document = self
        seen: list[tuple[str, str]] = []
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            here = (document.uri, node["$ref"])
            if here in seen:
                raise ContractError(f"{document.name}: the reference {node['$ref']!r} refers to itself")
            seen.append(here)
            siblings = {name: value for name, value in node.items() if name != "$ref"}
            document, target = document.find(node["$ref"])
            node = _joined(target, siblings) if siblings and isinstance(target, dict) else target
        return node

    def follow(self, node: JSON, pointer: str) -> str:
        """Return the pointer of what a node says: its own, or that of the last reference it leads to."""
        document = self
        for _ in range(_MOST_REFERENCES):
            if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
                break
            document, target = document.find(node["$ref"])
            pointer = f"{'' if document.uri == self.uri else document.uri}#{unquote(node['$ref'].partition('#')[2])}"
            node = target
        return pointer

    def find(self, ref: str) -> tuple[Document, JSON]:
        """Return the target of a reference, and the document that contains it.

        Raises:
            ContractError: The target does not exist, or its file must not be read.
        """
        file, _, pointer = ref.partition("#")
        document = self._file(file) if file else self
        node: JSON = document.root
        pointer = unquote(pointer)
        if pointer and not pointer.startswith("/"):
            return document, document._anchored(pointer, ref)
        for step in split_pointer(pointer):
            if isinstance(node, list) and step.isdecimal() and int(step) < len(node):
                node = node[int(step)]
            elif isinstance(node, dict) and step in node:
                node = node[step]
            else:
                own = ref.removeprefix(self.uri)
                raise ContractError(f"{self.name}: the reference {own!r} has no target ({step!r} is missing)")
        return document, node

    def place(self, pointer: str) -> Place:
        """Return the place of a JSON pointer, or of its closest parent that exists.

        The pointer may be that of another file, after its URI and `#`. The text is read again at the first call.
        """
        file, _, inner = pointer.rpartition("#")
        document = self._file(file) if file else self
        parsed = self._shared.places.get(document.uri)
        if parsed is None:
            try:
                parsed = parse(document.path.read_bytes(), places=True, is_json=document.path.suffix == ".json")
            except (OSError, TextError):  # it was readable at first: changed since, or made of data
                parsed = Parsed(None, 0)
            self._shared.places[document.uri] = parsed
        return Place(document.name, *parsed.find(inner))

    def as_written(self) -> Document:
        """Return the document without upgraded schemas, in any of its files."""
        return _first(Document(self.path, self.written or self.root, None, self.uri, _Shared(self._shared.source)))

    def find_duplicates(self) -> list[Duplicate]:
        """Return the names that a mapping of this file has twice. The text is read again."""
        self.place("")
        return self._shared.places[self.uri].duplicates

    def absolute(self, node: JSON) -> JSON:
        """Return a node whose references have the URI of their file, or of the schema if that has one of its own."""
        names = self._names()
        if names and isinstance(node, dict) and isinstance(node.get("$id"), str):
            own = urljoin(self.uri, node["$id"])
            if own in names.values():
                return {"$ref": own}
        return normalize(node, base=self.uri, upgrade=False, names=names)

    def _names(self) -> dict[str, str]:
        """Return the URI of every component with an `$id` by its absolute reference."""
        if self._shared.names is None:
            schemas = _component_schemas(self.root)
            places = {name: join_pointer(["components", "schemas", name]) for name in schemas}
            self._shared.names = {
                f"{self.uri}#{places[name]}": urljoin(self.uri, schema["$id"])
                for name, schema in schemas.items()
                if isinstance(schema, dict) and isinstance(schema.get("$id"), str)
            }
        return self._shared.names

    @property
    def validators(self) -> dict[str | int, tuple[JSON, JSON, Any]]:
        """The compiled schemas, by absolute reference or by the identity of a node, which each entry keeps alive."""
        return self._shared.validators

    def pointer_of(self, node: JSON, inner: Sequence[str | int]) -> str:
        """Return the JSON pointer of a place inside a node; the place may also be one inside of a file.

        Empty if the document does not contain it.
        """
        for document in self.files.values():
            prefix = "#" if document is self else f"{document.uri}#"
            place = _search(document.root, lambda found: found is node)
            if place is not None and _exists(node, inner):
                return prefix + join_pointer(inner, place)
            if inner and _exists(document.root, inner):
                return prefix + join_pointer(inner)
        return ""

    def pointer_of_reference(self, ref: str) -> str:
        """Return the JSON pointer of the first node with this `$ref`; empty if no file has it."""
        for document in self.files.values():
            for written in (ref, ref.removeprefix(document.uri)):
                place = _search(document.root, partial(_refers_to, written))
                if place is not None:
                    return f"{'' if document is self else document.uri}#{place}"
        return ""

    def registry(self) -> jsonschema_rs.Registry:
        """Return every file of the document, for the validator of schemas. Schemas of a missing file are invalid."""
        if self._shared.registry is None:
            resources = [(document.uri, document._resource()) for document in self._all_files()]
            self._shared.registry = jsonschema_rs.Registry(resources, retriever=lambda _: {"type": "missing"})
        return self._shared.registry

    def _resource(self) -> JSON:
        """Return the file as a resource. A validator looks for schemas with names of their own in `$defs`."""
        if self._shared.is_old or _search(self.root, _has_own_name) is None:
            return self.root
        absolute = normalize(self.root, base=self.uri, upgrade=False, names=self._names())
        schemas = _component_schemas(absolute)
        return {**absolute, "$defs": schemas} if schemas else absolute

    def _all_files(self) -> list[Document]:
        """Return this file and all files that references lead to; those that cannot be read are left out."""
        found: list[Document] = [self]
        for document in found:
            others = {ref.partition("#")[0] for ref in list_references(document.root) if not ref.startswith("#")}
            for ref in sorted(others):
                with suppress(ContractError):
                    file = document._file(ref)
                    if file.uri in self.files and not any(file is known for known in found):
                        found.append(file)
        return found

    def _anchored(self, name: str, ref: str) -> JSON:
        """Return the schema with `$anchor: name`."""
        stack = [self.root]
        while stack:
            node = stack.pop()
            if isinstance(node, dict):
                if name in (node.get("$anchor"), node.get("$dynamicAnchor")):
                    return node
                stack.extend(node.values())
            elif isinstance(node, list):
                stack.extend(node)
        raise ContractError(f"{self.name}: the reference {ref!r} has no target (no schema has `$anchor: {name}`)")

    def _named(self, uri: str) -> Document | None:
        """Return the schema with this `$id` as a document of its own; its references start from its file."""
        found = self._shared.named
        if uri not in found:
            for document in self.files.values():
                node = _search_node(document.root, uri, document.uri)
                if node is not None:
                    root = normalize(node, base=document.uri, upgrade=False)
                    found[uri] = Document(document.path, root, None, uri, self._shared)
                    break
        return found.get(uri)

    def _file(self, file: str) -> Document:
        uri = urljoin(self.uri, file)
        if uri == self.uri:
            return self
        files = self._shared.files
        if uri not in files:
            named = self._named(uri)
            if named is not None:
                return named
            try:
                path = self._shared.source.reach(uri)
            except SourceError as error:
                raise ContractError(f"{self.name}: the reference {file!r} {error}") from None
            parsed = _parse(path, uri if is_url(uri) else str(path))
            root = _normalize(parsed.root, uri, str(path), upgrade=self._shared.is_old)
            files[uri] = Document(path, root, parsed.root, uri, self._shared)
        return files[uri]


def _component_schemas(root: JSON) -> dict[str, JSON]:
    components = root.get("components") if isinstance(root, dict) else None
    schemas = components.get("schemas") if isinstance(components, dict) else None
    return schemas if isinstance(schemas, dict) else {}


def _has_own_name(node: dict[str, JSON]) -> bool:
    return not _NAMES.isdisjoint(node)


def _refers_to(ref: str, node: dict[str, JSON]) -> bool:
    return node.get("$ref") == ref


def _search_node(root: JSON, uri: str, base: str) -> JSON:
    """Return the schema whose `$id` is a URI, or None."""
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            own = node.get("$id")
            if isinstance(own, str) and urljoin(base, own) == uri:
                return node
            stack.extend(value for value in node.values() if isinstance(value, (dict, list)))
        elif isinstance(node, list):
            stack.extend(value for value in node if isinstance(value, (dict, list)))
    return None


def _exists(node: JSON, steps: Sequence[str | int]) -> bool:
    for step in steps:
        if isinstance(node, list) and isinstance(step, int) and step < len(node):
            node = node[step]
        elif isinstance(node, dict) and str(step) in node:
            node = node[str(step)]
        else:
            return False
    return True


def _search(root: JSON, wanted: Callable[[dict[str, JSON]], bool]) -> str | None:
    """Return the JSON pointer of the first mapping that is wanted, or None."""
    stack: list[tuple[str, JSON]] = [("", root)]
    while stack:
        place, node = stack.pop()
        if isinstance(node, dict):
            if wanted(node):
                return place
            members = [(name, value) for name, value in node.items() if isinstance(value, (dict, list))]
            stack.extend((join_pointer([name], place), value) for name, value in reversed(members))
        elif isinstance(node, list):
            stack.extend((f"{place}/{index}", value) for index, value in reversed(list(enumerate(node))))
    return None


def _joined(target: dict[str, JSON], siblings: dict[str, JSON]) -> dict[str, JSON]:
    """Return a schema that says what a target and the siblings of its reference say together."""
    if any(name in target and name not in _ANNOTATIONS and target[name] != siblings[name] for name in siblings):
        parts = siblings.get("allOf")
        return {**siblings, "allOf": [*(parts if isinstance(parts, list) else []), target]}
    return {**target, **siblings}


def _parse(path: Path, name: str) -> Parsed:
    """Read a YAML or JSON file.

    Raises:
        ContractError: The file is missing, unreadable, or neither YAML nor JSON.
    """
    try:
        if path.stat().st_size < LARGE:
            return parse(path.read_bytes(), is_json=path.suffix == ".json")
        from apicontract.cache import parse_cached

        return parse_cached(path)
    except OSError as error:
        raise ContractError(f"{name}: {error.strerror or error}") from None
    except TextError as error:
        place = f":{error.line}:{error.column}" if error.line else ""
        raise ContractError(f"{name}{place}: {error}") from None


def load_document(path: Path | str, allow: Sequence[str] = ()) -> Document:
    """Read an OpenAPI 3.0, 3.1 or 3.2 document; schemas of 3.0 are upgraded to 3.1.

    Args:
        path: A file or a URL.
        allow: Folders and URLs outside of the document's own folder whose files references may lead to.

    Raises:
        ContractError: The file is not such a document.
    """
    try:
        source, own = open_source(str(path), allow)
    except SourceError as error:
        raise ContractError(f"{path}: {error}") from None
    parsed = _parse(own, str(path))
    root = parsed.root
    if not isinstance(root, dict):
        raise ContractError(f"{path}:1: expected an OpenAPI document: a mapping with `openapi`, `info` and `paths`")
    version = str(root.get("openapi", ""))
    if "swagger" in root and not version:
        raise ContractError(
            f"{path}: this is Swagger {root['swagger']} (swagger: {root['swagger']}); convert it to OpenAPI 3, for "
            "example with `npx swagger2openapi FILE --outfile openapi.yaml`"
        )
    if not re.match(r"3\.[0-2]\.", version + "."):
        found = f"openapi: {version}" if version else "neither `openapi` nor `swagger`"
        raise ContractError(f"{path}: expected `openapi: 3.0.x`, `3.1.x` or `3.2.x`, found {found}")
    if not any(isinstance(root.get(name), dict) for name in _CONTENTS):
        raise ContractError(f"{path}: expected `paths`, `webhooks` or `components`; `paths` is missing or no mapping")
    is_old = version.startswith("3.0")
    uri = str(path) if is_url(str(path)) else as_uri(own)
    shared = _Shared(source, is_old)
    normal = _normalize(root, "", str(path), upgrade=is_old)
    written = None if normal is root else root
    document = _first(Document(own, normal, written, uri, shared))
    whole = _with_sections(document)
    return document if whole is normal else _first(replace(document, root=whole, written=written or normal))


def _with_sections(document: Document) -> dict[str, JSON]:
    """Return the root with `paths`, `components` and the parts of these that are references replaced by their targets.

    Every pointer into the document leads through them.
    """
    root: dict[str, JSON] = document.root
    for name in _CONTENTS:
        section = _target(document, root.get(name))
        if name == "components" and isinstance(section, dict):
            parts = {part: _target(document, node) for part, node in section.items()}
            section = section if all(parts[part] is section[part] for part in parts) else parts
        if section is not root.get(name):
            root = {**root, name: section}
    return root


def _target(document: Document, node: JSON) -> JSON:
    if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
        return node
    try:
        return document.resolve(node)
    except ContractError:
        return node  # named where it is used


def _first(document: Document) -> Document:
    """Return the document after its other files can find it."""
    document._shared.files[document.uri] = document
    return document


def _normalize(root: JSON, base: str, name: str, *, upgrade: bool) -> JSON:
    try:
        return normalize(root, base=base, upgrade=upgrade)
    except RecursionError:
        raise ContractError(f"{name}: nested too deeply") from None
