"""Parameters of an operation: parsed by their OpenAPI style, validated by their schema."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast
from urllib.parse import parse_qsl

import orjson

from apicontract.document import ContractError, Document
from apicontract.provenance import Provenance, read_description, read_provenance
from apicontract.schemas import Schema

JSON = Any
Location = Literal["path", "query", "header", "cookie"]
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_MOST_DIGITS = 300
"""Maximum digits of a number: JSON parsers that use doubles cannot read longer ones."""
_DELIMITERS = {"form": ",", "simple": ",", "spaceDelimited": " ", "pipeDelimited": "|"}
MISSING: Any = object()


class ParameterError(ValueError):
    """A parameter that violates the contract."""

    def __init__(self, parameter: str, provided: JSON, expected: str) -> None:
        super().__init__(f"{parameter}: expected {expected}")
        self.parameter, self.provided, self.expected = parameter, provided, expected


@dataclass(frozen=True, slots=True)
class ResourceLink:
    """`x-resource`: the kind of resource a path parameter names, and the error kinds for unknown and denied ones."""

    kind: str
    unknown: str
    denied: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. `default` is MISSING where the contract gives none."""

    name: str
    location: Location
    required: bool
    schema: Schema
    types: frozenset[str]
    style: str
    explode: bool
    is_json: bool
    default: JSON
    description: str
    provenance: Provenance
    resource: ResourceLink | None = None

    def read(self, texts: Sequence[str] | None) -> JSON:
        """Return the parsed value; MISSING if the parameter is absent and has no default.

        Args:
            texts: The raw values, one for each occurrence in the request.

        Raises:
            ParameterError: The value is not valid; the error has what was provided and what is expected.
        """
        if not texts:
            if self.required:
                raise ParameterError(self.name, None, self.schema.expected or "present")
            return self.default
        if len(texts) > 1 and "array" not in self.types:
            raise ParameterError(self.name, list(texts), f"{self.schema.expected or 'one value'}, given once")
        provided = texts[0] if len(texts) == 1 else list(texts)
        try:
            value = self._value(texts)
        except ValueError:
            value = MISSING
        if value is MISSING or not self.schema.is_valid(value):
            raise ParameterError(self.name, provided, (self.schema.expected or "valid") + self._digit_limit(texts[0]))
        return self.canonical(value)

    def canonical(self, value: JSON) -> JSON:
        """Return the canonical form of a value: a UUID in lower case (RFC 9562)."""
        node = self.schema.resolved
        is_uuid = isinstance(node, dict) and node.get("format") == "uuid"
        return value.lower() if is_uuid and isinstance(value, str) else value

    def _digit_limit(self, text: str) -> str:
        """Return the limit on digits as text, if the number is refused for its length only."""
        is_long = len(text) > _MOST_DIGITS and _INTEGER.fullmatch(text) and "string" not in self.types
        return (
            f", of at most {_MOST_DIGITS} digits" if is_long and self.schema.is_valid(int(text[:_MOST_DIGITS])) else ""
        )

    def _value(self, texts: Sequence[str]) -> JSON:
        if self.is_json:
            return orjson.loads(texts[0])
        if "array" in self.types:
            node = self.schema.resolved.get("items") or {}
            items = list(texts) if self.explode or len(texts) > 1 else texts[0].split(_DELIMITERS.get(self.style, ","))
            kinds = read_types(self.schema.document.resolve(node))
            return [parse_scalar(item, kinds) for item in items]
        if "object" in self.types:
            return self._object(texts[0].split(","))
        return parse_scalar(texts[0], self.types)

    def _object(self, parts: list[str]) -> JSON:
        if self.explode:
            pairs = [part.partition("=")[::2] for part in parts]
        else:
            pairs = list(zip(parts[0::2], parts[1::2], strict=True))
        return self.members(pairs)

    def members(self, pairs: Sequence[tuple[str, str]]) -> JSON:
        """Return an object from the texts of its members, each parsed by the type of its property."""
        properties = self.schema.resolved.get("properties") or {}
        resolve = self.schema.document.resolve
        return {name: parse_scalar(text, read_types(resolve(properties.get(name, {})))) for name, text in pairs}


def parse_scalar(text: str, types: frozenset[str]) -> JSON:
    """Parse a text as the narrowest of the given JSON types.

    Raises:
        ValueError: The text fits none of them.
    """
    if "null" in types and text in ("", "null"):
        return None
    if len(text) <= _MOST_DIGITS:
        if "integer" in types and _INTEGER.fullmatch(text):
            return int(text)
        if "number" in types and _NUMBER.fullmatch(text):
            return float(text) if "." in text or "e" in text.lower() else int(text)
    if "boolean" in types and text in ("true", "false"):
        return text == "true"
    if "string" in types or not types:
        return text
    raise ValueError(text)


def read_types(node: JSON) -> frozenset[str]:
    """Return the JSON types of a schema, including those of `allOf`, `anyOf` and `oneOf`; empty if it has none."""
    if not isinstance(node, dict):
        return frozenset()
    raw = node.get("type")
    if isinstance(raw, str):
        return frozenset((raw,))
    if isinstance(raw, list):
        return frozenset(str(name) for name in raw)
    found: frozenset[str] = frozenset()
    for keyword in ("allOf", "anyOf", "oneOf"):
        for part in node.get(keyword) or ():
            found |= read_types(part)
    return found


def parse_query(query: bytes) -> dict[str, list[str]]:
    """Parse a query string into the values of each name; blank values are kept, invalid UTF-8 is replaced."""
    texts: dict[str, list[str]] = {}
    for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True, encoding="utf-8", errors="replace"):
        texts.setdefault(name, []).append(value)
    return texts


def read_parameter(raw: JSON, document: Document, where: str, inherited: Provenance) -> Parameter:
    """Read a parameter object.

    Raises:
        ContractError: Its name, location or schema cannot be used.
    """
    node = document.resolve(raw)
    name, location = node.get("name"), node.get("in")
    if not isinstance(name, str) or location not in ("path", "query", "header", "cookie"):
        raise ContractError(
            f"{document.path}: {where}: a parameter needs `name` and `in` (path, query, header, cookie)"
        )
    content = node.get("content")
    media = next(iter(content.values())) if isinstance(content, dict) and content else None
    schema = Schema((media or node).get("schema", {}), document)
    style = node.get("style", "form" if location in ("query", "cookie") else "simple")
    resolved = schema.resolved
    if not isinstance(resolved, (dict, bool)):
        raise ContractError(f"{document.path}: {where}: the schema of parameter {name!r} is not a mapping")
    resolved = resolved if isinstance(resolved, dict) else {}
    link = node.get("x-resource")
    return Parameter(
        name=name,
        location=cast(Location, location),
        required=bool(node.get("required", location == "path")),
        schema=schema,
        types=read_types(resolved),
        style=style,
        explode=bool(node.get("explode", style == "form")),
        is_json=media is not None,
        default=resolved.get("default", MISSING),
        description=read_description(node),
        provenance=read_provenance(node, inherited),
        resource=_read_link(link) if isinstance(link, dict) else None,
    )


def _read_link(link: Mapping[str, Any]) -> ResourceLink:
    unknown = str(link.get("unknown", "not-found"))
    return ResourceLink(str(link.get("kind", "")), unknown, str(link.get("denied", unknown)))
