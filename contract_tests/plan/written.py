"""Values of parameters as a request holds them: arrays, objects and JSON in the style that the document declares."""

from __future__ import annotations

import json
from typing import Any

from apicontract import Parameter
from contract_tests.plan.values import text_of

JSON = Any
_BETWEEN = {"spaceDelimited": " ", "pipeDelimited": "|", "label": "."}


def query_pairs(parameter: Parameter, value: JSON) -> tuple[tuple[str, str], ...]:
    """Return a value as the names and texts of a query."""
    if isinstance(value, dict) and not parameter.is_json:
        if parameter.style == "deepObject":
            return tuple((f"{parameter.name}[{name}]", text_of(member)) for name, member in value.items())
        if parameter.has_members_apart:
            return tuple((name, text_of(member)) for name, member in value.items())
    if isinstance(value, list) and not parameter.is_json and parameter.explode:
        return tuple((parameter.name, text_of(item)) for item in value)
    return ((parameter.name, one_text(parameter, value)),)


def one_text(parameter: Parameter, value: JSON) -> str:
    """Return a value as one text, as it stands in a path, a header or behind one name of a query."""
    if parameter.is_json:
        return json.dumps(value)
    between = _BETWEEN.get(parameter.style, ",")
    if isinstance(value, list):
        return between.join(map(text_of, value))
    if isinstance(value, dict):
        pairs = [(name, text_of(member)) for name, member in value.items()]
        if parameter.explode:
            return between.join(f"{name}={member}" for name, member in pairs)
        return between.join(part for pair in pairs for part in pair)
    return text_of(value)
