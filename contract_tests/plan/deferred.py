"""Parameters that earlier answers decide: the last page of a list, a value that a filter can look for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apicontract import Operation, Parameter
from contract_tests.plan.step import Deferred
from contract_tests.plan.values import node_of
from contract_tests.reading.paging import Paging, range_of
from contract_tests.reading.records import find_member
from contract_tests.reading.traffic import Traffic, View

JSON = Any
_FAR = 10_000_000


def seen_value(parameter: Parameter) -> Deferred:
    """Return a parameter whose value is one that other answers show under its name."""

    def deferred(traffic: Traffic, _resource: Mapping[str, str]) -> Mapping[str, JSON] | str:
        values = [value for value in traffic.values(parameter.name) if isinstance(value, str) and len(value) > 1]
        return {parameter.name: values[0]} if values else f"no answer has shown a {parameter.name}"

    return deferred


def last_page(operation: Operation, paging: Paging, beyond: int) -> Deferred:
    """Return the parameters of the page that ends with the last record (0), or of the one behind it (1)."""

    def deferred(traffic: Traffic, resource: Mapping[str, str]) -> Mapping[str, JSON] | str:
        for view in traffic.comparable(operation.id):
            count = _count(view, paging) if dict(view.resource) == dict(resource) else None
            if count is not None and count >= 2:
                span = range_of(operation)
                chosen = {span.name: view.params[span.name]} if span else {}
                return {**chosen, **_page(paging, count, beyond)}
        if paging.offset is not None and paging.limit is not None and not beyond:
            return {paging.limit.name: 3, paging.offset.name: _FAR}  # shows at least that no records remain there
        return "the length of the list is not known"

    return deferred


def _count(view: View, paging: Paging) -> int | None:
    """Return how many records there are, where an answer shows it."""
    items = max(view.lists.values(), key=len, default=[])
    limit = view.params.get(paging.limit.name) if paging.limit else None
    if paging.offset is not None and items and len(items) < (limit or 0):
        return int(view.params.get(paging.offset.name, 0)) + len(items)
    total = find_member(view.json, ("total", "total_count"), int)
    return total[1] if total is not None else None


def _page(paging: Paging, count: int, beyond: int) -> Mapping[str, JSON]:
    limit = paging.limit.name if paging.limit else ""
    if paging.offset is not None:
        size = min(3, count)
        return {limit: size, paging.offset.name: count if beyond else count - size}
    size = next((n for n in (3, 2, 5, 7, 1) if count % n == 0 and count // n > 1), 1)
    top = node_of(paging.page).get("maximum") if paging.page else None
    number = count // size + beyond
    page = {paging.page.name: min(number, top) if isinstance(top, int) else number} if paging.page else {}
    return {limit: size, **page}
