"""Serialization styles of parameters and forms: from the texts of a request to plain data, typed by a schema."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

JSON = Any
Resolve = Callable[[JSON], JSON]
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
MOST_DIGITS = 300
"""Maximum digits of a number: JSON parsers that use doubles cannot read longer ones."""
_DELIMITERS = {"spaceDelimited": " ", "pipeDelimited": "|"}
_DEEPEST = 32
_PARTS = ("allOf", "anyOf", "oneOf")


def split_style(text: str, name: str, style: str, kind: str, *, explode: bool) -> JSON:
    """Split the text of one parameter by its style, for the kind `array`, `object` or "" (a single value).

    Raises:
        ValueError: The text does not have this style.
    """
    delimiter = _DELIMITERS.get(style, ",")
    if style in ("label", "matrix"):
        mark = "." if style == "label" else ";"
        if not text.startswith(mark):
            raise ValueError(text)
        text, delimiter = text[1:], mark if explode else ","
    if style == "matrix" and not (explode and kind == "object"):
        parts = text.split(";") if explode and kind == "array" else [text]
        if any(part.partition("=")[0] != name for part in parts):
            raise ValueError(text)
        text = delimiter.join(part.partition("=")[2] for part in parts)
    if not kind:
        return text
    parts = text.split(delimiter) if text else []
    if kind == "array":
        return parts
    if explode:
        if not all("=" in part for part in parts):
            raise ValueError(text)
        return dict(part.partition("=")[::2] for part in parts)
    return dict(zip(parts[0::2], parts[1::2], strict=True))


def deep_object(name: str, texts: Mapping[str, Sequence[str]]) -> dict[str, JSON]:
    """Return the members of `name[a]=1`, `name[b][c]=2`, `name[d][]=3`: nested mappings of lists of texts.

    Raises:
        ValueError: A member is both a value and an object, or nested too deeply.
    """
    tree: dict[str, JSON] = {}
    for key, values in texts.items():
        if not (key.startswith(f"{name}[") and key.endswith("]")):
            continue
        steps = key[len(name) + 1 : -1].split("][")
        if len(steps) > _DEEPEST:
            raise ValueError(key)
        node = tree
        for step in steps[:-1]:
            node = node.setdefault(step, {})
            if not isinstance(node, dict):
                raise ValueError(key)
        if steps[-1] in node:
            raise ValueError(key)
        node[steps[-1]] = list(values)
    return tree


def typed(raw: JSON, node: JSON, resolve: Resolve) -> JSON:
    """Return texts in lists and mappings as the types that a schema declares; a text that fits none stays a text."""
    if isinstance(raw, str):
        try:
            return parse_scalar(raw, read_types(node, resolve))
        except ValueError:
            return raw
    kinds = read_types(node, resolve)
    if isinstance(raw, Mapping):
        if "array" in kinds and "object" not in kinds and all(key == "" or key.isdecimal() for key in raw):
            listed = [raw[key] for key in sorted(raw, key=lambda key: int(key or 0))]
            return typed(listed[0] if list(raw) == [""] else listed, node, resolve)
        return {key: typed(value, member_schema(node, key, resolve), resolve) for key, value in raw.items()}
    if len(raw) == 1 and isinstance(raw[0], str) and kinds and "array" not in kinds:
        return typed(raw[0], node, resolve)
    return [typed(value, item_schema(node, resolve), resolve) for value in raw]


def member_schema(node: JSON, name: str, resolve: Resolve) -> JSON:
    """Return the schema of a member of an object, wherever `allOf`, `anyOf` or `oneOf` declare it; else `{}`."""
    return next(_find(node, resolve, lambda part: _member(part, name), 0), {})


def item_schema(node: JSON, resolve: Resolve) -> JSON:
    """Return the schema of the items of an array; else `{}`."""
    return next(_find(node, resolve, lambda part: part.get("items"), 0), {})


def member_names(node: JSON, resolve: Resolve) -> list[str]:
    """Return the names of all declared members of an object."""
    found = _find(node, resolve, lambda part: part.get("properties"), 0)
    return list(dict.fromkeys(name for properties in found for name in properties))


def _member(node: Mapping[str, JSON], name: str) -> JSON:
    properties = node.get("properties") or {}
    if name in properties:
        return properties[name]
    extra = node.get("additionalProperties")
    return extra if isinstance(extra, dict) else None


def _find(node: JSON, resolve: Resolve, read: Callable[[Mapping[str, JSON]], JSON], depth: int) -> Any:
    node = resolve(node)
    if not isinstance(node, dict) or depth > _DEEPEST:
        return
    found = read(node)
    if found is not None:
        yield found
    for keyword in _PARTS:
        for part in node.get(keyword) or ():
            yield from _find(part, resolve, read, depth + 1)


def parse_scalar(text: str, types: frozenset[str]) -> JSON:
    """Parse a text as the narrowest of the given JSON types.

    Raises:
        ValueError: The text fits none of them.
    """
    if "null" in types and text in ("", "null"):
        return None
    if len(text) <= MOST_DIGITS:
        if "integer" in types and _INTEGER.fullmatch(text):
            return int(text)
        if "number" in types and _NUMBER.fullmatch(text):
            return float(text) if "." in text or "e" in text.lower() else int(text)
    if "boolean" in types and text in ("true", "false"):
        return text == "true"
    if "string" in types or not types:
        return text
    raise ValueError(text)


def is_long_integer(text: str) -> bool:
    """Whether a text is an integer of more digits than are read."""
    return len(text) > MOST_DIGITS and _INTEGER.fullmatch(text) is not None


def read_types(node: JSON, resolve: Resolve = lambda node: node, depth: int = 0) -> frozenset[str]:
    """Return the JSON types of a schema, those of its values and of `allOf`, `anyOf` and `oneOf`; empty without any."""
    node = resolve(node)
    if not isinstance(node, dict) or depth > _DEEPEST:
        return frozenset()
    raw = node.get("type")
    if isinstance(raw, str):
        return frozenset((raw,))
    if isinstance(raw, list):
        return frozenset(str(name) for name in raw)
    values = [node["const"]] if "const" in node else node.get("enum")
    if isinstance(values, list) and values:
        return frozenset(_NAMES.get(type(value), "string") for value in values)
    found: frozenset[str] = frozenset()
    for keyword in _PARTS:
        for part in node.get(keyword) or ():
            found |= read_types(part, resolve, depth + 1)
    if not found and ("properties" in node or "additionalProperties" in node):
        return frozenset(("object",))
    return frozenset(("array",)) if not found and "items" in node else found


_NAMES = {
    bool: "boolean",
    int: "integer",
    float: "number",
    dict: "object",
    list: "array",
    type(None): "null",
}
