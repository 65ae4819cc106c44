"""Values to send: valid ones, both sides of every bound, wrong types."""

from __future__ import annotations

from typing import Any

from apicontract import Operation, Parameter
from apicontract.parameters import MISSING
from apicontract.values import make_value
from contract_tests.reading.paging import enum_of, hours_of

JSON = Any


def text_of(value: JSON) -> str:
    """Return a value as a query string has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def node_of(parameter: Parameter) -> dict[str, JSON]:
    """Return the parameter's schema as a mapping."""
    node = parameter.schema.resolved
    return node if isinstance(node, dict) else {}


def example_of(parameter: Parameter, operation: Operation) -> JSON:
    """Return a valid value: the document's example, the default, a value of the enum, or one made from the schema."""
    node = node_of(parameter)
    for raw in _raw_parameters(parameter, operation):
        if "example" in raw:
            return raw["example"]
        for entry in (raw.get("examples") or {}).values():
            if isinstance(entry, dict) and "value" in entry:
                return entry["value"]
    if "example" in node:
        return node["example"]
    if isinstance(node.get("examples"), list) and node["examples"]:
        return node["examples"][0]
    if parameter.default is not MISSING:
        return parameter.default
    values = enum_of(parameter)
    if values:
        return values[0]
    if "minimum" in node:
        return node["minimum"]
    return 1 if "integer" in parameter.types else make_value(parameter.schema, parameter.name)


def _raw_parameters(parameter: Parameter, operation: Operation) -> list[dict[str, JSON]]:
    """Return the parameter objects of the document, which hold examples."""
    document = parameter.schema.document
    found = []
    for path, item in document.root.get("paths", {}).items():
        if not operation.path.endswith(path):
            continue
        item = document.resolve(item)
        method = item.get(operation.method.lower()) or {}
        for raw in [*(method.get("parameters") or []), *(item.get("parameters") or [])]:
            raw = document.resolve(raw)
            if isinstance(raw, dict) and raw.get("name") == parameter.name:
                found.append(raw)
    return found


def longest_range(parameter: Parameter) -> JSON:
    """Return the longest duration of a range."""
    return max(enum_of(parameter), key=lambda value: hours_of(value) or 0)


def two_of(parameter: Parameter) -> tuple[str, str]:
    """Return two valid values that different answers tell apart."""
    values = [text_of(value) for value in enum_of(parameter)]
    if len(values) > 1:
        return values[-1], values[0]
    node = node_of(parameter)
    low = node.get("minimum")
    first = low if isinstance(low, int) and not isinstance(low, bool) else 1
    return (str(first + 2), str(first + 1)) if parameter.types & {"integer", "number"} else ("a", "b")


def outsider(parameter: Parameter, turn: int) -> str:
    """Return a text that is no value of the enum, but that a careless server might take for one."""
    values = [text_of(value) for value in enum_of(parameter)]
    upper = next((value.upper() for value in values if value.upper() not in values), "zz")
    choices = [
        "13d" if hours_of(values[0]) else f"not-{values[0]}",
        upper,
        f"{values[0]}x",
        "0",
        f"{values[-1]},{values[0]}",
    ]
    choices = [choice for choice in choices if choice not in values]
    return choices[turn % len(choices)]
