"""Records whose order is open: those that the figure by which a list is sorted does not tell apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from contract_tests.reading.records import identity_of, is_count

JSON = Any


def sorting_count(items: Sequence[JSON]) -> str | None:
    """Return the count by which records are sorted, most first; None where there is none."""
    if not items or not all(isinstance(item, dict) for item in items):
        return None
    names = [name for name in items[0] if all(is_count(name, item.get(name)) for item in items)]
    return next((name for name in names if all(one[name] >= two[name] for one, two in pairwise(items))), None)


def shared_count(one: Sequence[JSON], other: Sequence[JSON]) -> str | None:
    """Return the count by which two lists are sorted, if they show the same counts; else None."""
    count = sorting_count(one)
    if count is None or sorting_count(other) != count:
        return None
    return count if [item[count] for item in one] == [item[count] for item in other] else None


def in_order_of(one: JSON, other: JSON) -> JSON:
    """Return the second value with the records of its lists in the order of the first, as far as that is open.

    Records that a list was cut between, because they have the same count, stand for each other.
    """
    if isinstance(one, dict) and isinstance(other, dict):
        return {name: in_order_of(one[name], value) if name in one else value for name, value in other.items()}
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return _list_in_order(one, other)
    return other


def _list_in_order(one: list[JSON], other: list[JSON]) -> list[JSON]:
    key = identity_of([*one, *other])
    if key is None:
        return [in_order_of(left, right) for left, right in zip(one, other, strict=True)]
    count = shared_count(one, other)
    if count is None:
        return other
    by: Mapping[JSON, JSON] = {item[key]: item for item in other}
    last = one[-1][count]
    found = [item if item[key] not in by and item[count] == last else by.get(item[key]) for item in one]
    return other if None in found else found
