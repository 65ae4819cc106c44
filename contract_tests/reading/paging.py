"""Paging: which parameters of an operation are the limit, the offset and the page; which page an answer shows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from apicontract import Operation, Parameter
from contract_tests.model.clause import Ground, Guess
from contract_tests.reading.records import folded
from contract_tests.reading.traffic import View

JSON = Any
_LIMITS = {"limit", "perpage", "pagesize", "size", "count", "maxresults", "first", "top", "take"}
_OFFSETS = {"offset", "skip", "start", "startindex"}
_PAGES = {"page", "pagenumber"}
_DURATION = re.compile(r"(\d+)\s*(min|m|h|d|w|mo|y)", re.IGNORECASE)
_HOURS = {"min": 1 / 60, "m": 1 / 60, "h": 1.0, "d": 24.0, "w": 168.0, "mo": 720.0, "y": 8760.0}
_VOLATILE = re.compile(r"real-?time|live|usage|current|heartbeat|now\b|health|status$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Paging:
    """The paging parameters of an operation; None for those that it lacks."""

    limit: Parameter | None = None
    offset: Parameter | None = None
    page: Parameter | None = None

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters that the operation has."""
        return tuple(parameter for parameter in (self.limit, self.offset, self.page) if parameter)

    @property
    def names(self) -> frozenset[str]:
        """The names of the parameters."""
        return frozenset(parameter.name for parameter in self.parameters)


def effect_of(parameter: Parameter) -> Ground:
    """Return what says what a parameter does: its `x-effect`, else only its name or its values."""
    if parameter.effect:
        return parameter
    return Guess(f"what the parameter {parameter.name} does is taken from its name and its values")


def paging_of(operation: Operation) -> Paging:
    """Return the paging parameters of an operation: those with an `x-effect`, else those with usual names."""
    found: dict[str, Parameter] = {}
    for parameter in sorted(operation.parameters, key=lambda parameter: not parameter.effect):
        if parameter.location != "query" or not parameter.types & {"integer", "number"}:
            continue
        name = folded(parameter.name)
        for kind, names in (("limit", _LIMITS), ("offset", _OFFSETS), ("page", _PAGES)):
            if parameter.effect == kind or (not parameter.effect and name in names):
                found.setdefault(kind, parameter)
    return Paging(found.get("limit"), found.get("offset"), found.get("page"))


def limit_of(view: View) -> int | None:
    """Return the effective limit of a request."""
    paging = paging_of(view.operation) if view.operation else Paging()
    value = view.params.get(paging.limit.name) if paging.limit else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def start_of(view: View) -> int:
    """Return the index of the first record of a request's page."""
    paging = paging_of(view.operation) if view.operation else Paging()
    offset = view.params.get(paging.offset.name) if paging.offset else None
    if isinstance(offset, int):
        return offset
    page = view.params.get(paging.page.name) if paging.page else None
    limit = limit_of(view)
    return (page - 1) * limit if isinstance(page, int) and limit is not None else 0


@dataclass(frozen=True)
class Page:
    """A part of a list as one answer showed it, beginning at `start`."""

    view: View
    start: int
    limit: int
    items: list[JSON]

    @property
    def end(self) -> int:
        """The index behind the last record."""
        return self.start + len(self.items)


def page_name(page: Page) -> str:
    """Return a page as it is named in a message."""
    return f"records {page.start}–{page.start + page.limit - 1}"


def hours_of(value: JSON) -> float | None:
    """Return the length of a time range such as `7d`; None for any other value."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    return int(match[1]) * _HOURS[match[2].lower()] if match else None


def enum_of(parameter: Parameter) -> list[JSON]:
    """Return the values that an enum allows; empty where there is none."""
    node = parameter.schema.resolved
    values = node.get("enum") if isinstance(node, dict) else None
    return [value for value in values if value is not None] if isinstance(values, list) else []


def range_of(operation: Operation) -> Parameter | None:
    """Return the parameter that chooses a time range: an enum of durations."""
    for parameter in operation.parameters:
        values = enum_of(parameter)
        if (
            parameter.effect in ("", "range")
            and parameter.location == "query"
            and len(values) > 1
            and all(hours_of(value) is not None for value in values)
        ):
            return parameter
    return None


def is_volatile(operation: Operation) -> bool:
    """Return whether an operation shows the present moment, so that two answers need not be equal."""
    return bool(_VOLATILE.search(operation.id) or _VOLATILE.search(operation.path.rstrip("/").rpartition("/")[2]))
