"""Parameters of an operation: parsed by their OpenAPI style, validated by their schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args
from urllib.parse import parse_qsl

import orjson

from apicontract.document import ContractError, Document
from apicontract.provenance import (
    Fact,
    Provenance,
    below,
    read_description,
    read_keyword_provenance,
    read_provenance,
)
from apicontract.schemas import Schema, Violation
from apicontract.styles import MOST_DIGITS, deep_object, is_long_integer, member_names, read_types, split_style, typed

JSON = Any
Location = Literal["path", "query", "querystring", "header", "cookie"]
_IGNORED = frozenset({"accept", "content-type", "authorization"})
MISSING: Any = object()


class ParameterError(ValueError):
    """A parameter that violates the contract. `violations`: those of the members of an array or object."""

    def __init__(self, parameter: str, provided: JSON, expected: str, violations: Sequence[Violation] = ()) -> None:
        super().__init__(f"{parameter}: expected {expected}")
        self.parameter, self.provided, self.expected, self.violations = parameter, provided, expected, violations


@dataclass(frozen=True, slots=True)
class ResourceLink:
    """`x-resource`: the kind of resource a path parameter names, and the error kinds for unknown and denied ones."""

    kind: str
    unknown: str
    denied: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. `default` is MISSING where the contract gives none.

    `effect`: what it does to a list (`x-effect`): limit, offset, page, range or filter; empty where it is not stated.
    """

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
    pointer: str
    resource: ResourceLink | None = None
    allows_empty: bool = False
    effect: str = ""

    @property
    def is_ignored(self) -> bool:
        """Whether it is a header whose parameter OpenAPI ignores, because other parts of a document state it."""
        return self.location == "header" and self.name.lower() in _IGNORED

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
        if provided == "" and self.allows_empty:
            return ""
        violations: list[Violation] = []
        for kind in self._kinds():
            try:
                value = self._value(texts, kind)
            except (ValueError, RecursionError):
                continue
            if self.schema.is_valid(value):
                return self.canonical(value)
            violations = self.schema.violations(value)
        expected = (self.schema.expected or "valid") + self._digit_limit(texts[0])
        raise ParameterError(self.name, provided, expected, violations)

    def read_members(self, raw: Mapping[str, JSON]) -> JSON:
        """Return the value of an object whose members are parameters of their own; MISSING if there are none.

        Args:
            raw: The texts of each member, nested for `deepObject`.

        Raises:
            ParameterError: The object is not valid, or required and absent.
        """
        if not raw:
            return self.read(None)
        value = typed(raw, self.schema.node, self.schema.document.resolve)
        if not self.schema.is_valid(value):
            raise ParameterError(self.name, dict(raw), self.schema.expected or "valid", self.schema.violations(value))
        return value

    def read_among(self, texts: Mapping[str, Sequence[str]]) -> JSON:
        """Return the value among all texts of a query or of cookies, by name; MISSING like `read`.

        Raises:
            ParameterError: The value is not valid.
        """
        if self.style == "deepObject":
            try:
                members = deep_object(self.name, texts)
            except ValueError as error:
                raise ParameterError(self.name, str(error), self.schema.expected or "valid") from None
            return self.read_members(members)
        if self.has_members_apart:
            return self.read_members({name: texts[name] for name in self.member_names if name in texts})
        return self.read(texts.get(self.name))

    def takes(self, name: str) -> bool:
        """Return whether a name in a query or a cookie belongs to this parameter."""
        if self.style == "deepObject":
            return name.startswith(f"{self.name}[")
        return name in self.member_names if self.has_members_apart else name == self.name

    @property
    def has_members_apart(self) -> bool:
        """Whether it is an object whose members stand in the query as parameters of their own."""
        return self.explode and self.style == "form" and not self.is_json and "object" in self.types

    @property
    def member_names(self) -> list[str]:
        """The names of the declared members of an object."""
        return member_names(self.schema.node, self.schema.document.resolve)

    def canonical(self, value: JSON) -> JSON:
        """Return the canonical form of a value: a UUID in lower case (RFC 9562)."""
        node = self.schema.resolved
        is_uuid = isinstance(node, dict) and node.get("format") == "uuid"
        return value.lower() if is_uuid and isinstance(value, str) else value

    def keyword(self, name: str) -> Fact:
        """Return the fact that a keyword of the schema states."""
        schema = self.schema
        place = schema.document.follow(schema.node, schema.pointer)
        return Fact(below(place, name), read_keyword_provenance(schema.resolved, name, self.provenance))

    def _digit_limit(self, text: str) -> str:
        """Return the limit on digits as text, if the number is refused for its length only."""
        is_long = "string" not in self.types and is_long_integer(text)
        return f", of at most {MOST_DIGITS} digits" if is_long and self.schema.is_valid(int(text[:MOST_DIGITS])) else ""

    def _kinds(self) -> list[str]:
        """Return the kinds of value to try: `array`, `object` and "" for a single value."""
        if self.is_json:
            return [""]
        kinds: list[str] = [kind for kind in ("array", "object") if kind in self.types]
        return kinds if self.types and self.types <= {"array", "object"} else [*kinds, ""]

    def _value(self, texts: Sequence[str], kind: str) -> JSON:
        if self.is_json:
            return orjson.loads(texts[0])
        text, spread = texts[0], self.explode and self.style not in ("simple", "label", "matrix")
        if kind and self.location == "header":
            text = ",".join(part.strip() for part in text.split(","))
        if kind == "array" and (spread or len(texts) > 1):
            raw: JSON = list(texts)
        else:
            raw = split_style(text, self.name, self.style, kind, explode=self.explode)
        return typed(raw, self.schema.node, self.schema.document.resolve)


def essence_of(media_type: str) -> str:
    """Return a media type without its parameters, in lower case."""
    return media_type.partition(";")[0].strip().lower()


def is_in_range(essence: str, declared: str) -> bool:
    """Return whether a media type is a declared one, or in a declared range (`image/*`)."""
    wanted = essence_of(declared)
    return wanted in (essence, "*/*") or (wanted.endswith("/*") and essence.startswith(wanted[:-1]))


def is_json_type(media_type: str) -> bool:
    """Return whether a media type is JSON: `application/json`, `text/json`, or any that ends in `+json`."""
    essence = essence_of(media_type)
    return essence in ("application/json", "text/json") or essence.endswith("+json")


def parse_query(query: bytes) -> dict[str, list[str]]:
    """Parse a query string into the values of each name; blank values are kept, invalid UTF-8 is replaced."""
    texts: dict[str, list[str]] = {}
    for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True, encoding="utf-8", errors="replace"):
        texts.setdefault(name, []).append(value)
    return texts


def read_parameter(raw: JSON, document: Document, where: str, inherited: Provenance, pointer: str) -> Parameter:
    """Read the parameter object at a pointer.

    Raises:
        ContractError: Its name, location or schema cannot be used.
    """
    node, pointer = document.resolve(raw), document.follow(raw, pointer)
    name, location = node.get("name"), node.get("in")
    if not isinstance(name, str) or location not in get_args(Location):
        raise ContractError(
            f"{document.path}: {where}: a parameter needs `name` and `in` (path, query, querystring, header, cookie)"
        )
    content = node.get("content")
    media_type, media = next(iter(content.items())) if isinstance(content, dict) and content else ("", None)
    owner = below(pointer, "content", media_type) if media_type else pointer
    schema = Schema((media or node).get("schema", {}), document, below(owner, "schema"))
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
        types=read_types(resolved, document.resolve),
        style=style,
        explode=bool(node.get("explode", style == "form")),
        is_json=is_json_type(media_type),
        default=resolved.get("default", MISSING),
        description=read_description(node),
        provenance=read_provenance(node, inherited),
        pointer=pointer,
        resource=_read_link(link) if isinstance(link, dict) else None,
        allows_empty=location == "query" and node.get("allowEmptyValue") is True,
        effect=str(node.get("x-effect", "")),
    )


def _read_link(link: Mapping[str, Any]) -> ResourceLink:
    unknown = str(link.get("unknown", "not-found"))
    return ResourceLink(str(link.get("kind", "")), unknown, str(link.get("denied", unknown)))
