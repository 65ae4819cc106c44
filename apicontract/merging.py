"""Merge schemas that must hold together, as far as values need it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

JSON = Any


def merge_schemas(one: Mapping[str, JSON], other: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return a schema that holds both: all members, the required ones of both, the tighter of two bounds.

    Of keywords that cannot be merged (`pattern`, `oneOf`) that of the first schema is kept.
    """
    whole = dict(one)
    for name, value in other.items():
        mine: JSON = whole.get(name)
        if name not in whole or mine is True:
            whole[name] = value
        elif mine != value and name in _MERGERS:
            whole[name] = _MERGERS[name](mine, value)
    return whole


def _members(one: JSON, other: JSON) -> JSON:
    return {**one, **{name: _both(one[name], other[name]) if name in one else other[name] for name in other}}


def _names(one: JSON, other: JSON) -> JSON:
    return [*one, *(name for name in other if name not in one)]


def _common(one: JSON, other: JSON) -> JSON:
    return [value for value in one if value in other] or one


def _both(one: JSON, other: JSON) -> JSON:
    if one is False or other is False:
        return False
    if other is True:
        return one
    if not isinstance(one, dict) or not one or one == other:
        return other
    return one if not isinstance(other, dict) or not other else {"allOf": [one, other]}


def _types(one: JSON, other: JSON) -> JSON:
    mine = [one] if isinstance(one, str) else list(one)
    others = [other] if isinstance(other, str) else list(other)
    both = [kind for kind in mine if kind in others]
    if "number" in mine and "integer" in others:
        both.append("integer")
    if "integer" in mine and "number" in others:
        both.append("integer")
    return both[0] if len(both) == 1 else both or one


_MERGERS: dict[str, Callable[[JSON, JSON], JSON]] = {
    **dict.fromkeys(("properties", "patternProperties", "dependentSchemas"), _members),
    **dict.fromkeys(("items", "additionalProperties", "propertyNames", "contains", "unevaluatedProperties"), _both),
    **dict.fromkeys(("minimum", "minLength", "minItems", "minProperties", "exclusiveMinimum", "minContains"), max),
    **dict.fromkeys(("maximum", "maxLength", "maxItems", "maxProperties", "exclusiveMaximum", "maxContains"), min),
    "required": _names,
    "enum": _common,
    "type": _types,
}
