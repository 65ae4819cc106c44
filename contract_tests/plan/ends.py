"""The end of a long list, found with a few big steps and then smaller ones: what does its last page say?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apicontract import Operation
from contract_tests.plan.step import Script, Step
from contract_tests.plan.values import node_of
from contract_tests.reading.paging import Paging, limit_of, paging_of, start_of
from contract_tests.reading.traffic import Traffic, View

JSON = Any
_MOST = 12


def without_end(traffic: Traffic) -> list[Operation]:
    """Return the operations with an offset whose list goes on behind everything that was asked for."""
    found = []
    for operation in traffic.contract.operations:
        paging = paging_of(operation)
        if operation.method != "GET" or paging.limit is None or paging.offset is None:
            continue
        views = traffic.comparable(operation.id)
        if (
            views
            and not any(0 < _size(view) < (limit_of(view) or 0) for view in views)
            and any(_size(view) for view in views)
        ):
            found.append(operation)
    return found


def _size(view: View) -> int:
    return max((len(items) for items in view.lists.values()), default=0)


def find_end(operation: Operation, traffic: Traffic) -> Script:
    """Ask for pages at growing offsets until one is short; then for the page that ends with the last record."""
    paging = paging_of(operation)
    top = node_of(paging.limit).get("maximum") if paging.limit else None
    limit = top if isinstance(top, int) and top <= 1000 else 100
    low = max((start_of(view) + _size(view) for view in traffic.comparable(operation.id) if _size(view)), default=0)
    high: int | None = None
    jump = limit
    for _ in range(_MOST):
        offset = low if high is None and jump == limit else low + jump if high is None else (low + high) // 2
        yield _page(operation, paging, limit, offset, "a page closer to the end")
        size = _size(traffic.views[-1])
        if 0 < size < limit:
            low = high = offset + size
            break
        if size == 0:
            high = offset
        else:
            low = offset + size
        if high is not None and high <= low:
            break
        jump *= 2
    if high is None or high > low:
        return
    size = min(3, low)
    yield _page(operation, paging, size, low - size, "the last page")
    yield _page(operation, paging, size, low, "a page past the end")


def _page(operation: Operation, paging: Paging, limit: int, offset: int, purpose: str) -> Step:
    query: Mapping[str, int] = {
        **({paging.limit.name: limit} if paging.limit else {}),
        **({paging.offset.name: offset} if paging.offset else {}),
    }
    return Step(
        purpose,
        "GET",
        operation.path,
        90,
        operation.id,
        tuple((name, str(value)) for name, value in query.items()),
        role="main" if operation.security else "",
        phase="stateful",
        essential=False,
    )
