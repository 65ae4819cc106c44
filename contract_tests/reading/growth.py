"""Data that grows between two requests, and what it does to answers that should be equal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from contract_tests.reading.records import difference, identity_of, is_count, moved_on

JSON = Any


def only_grew(one: JSON, other: JSON, *, later: float = 0.0) -> bool:
    """Return whether the second value can be the first one some moments later: higher counts, longer lists of records.

    A list that begins with new records (newest first) counts as grown. `later` as for `difference`.
    """
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(only_grew(one[name], other[name], later=later) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        key = identity_of([*one, *other])
        if key is None:
            return one == other
        olds = [item[key] for item in one]
        news = [item[key] for item in other]
        if olds != news and _same_records(one, other, str(key)):
            return False  # only the order changed
        if _subsequence(olds[: max(0, len(olds) - 5)], news) or set(olds) <= set(news):
            by = {item[key]: item for item in other}
            return all(item[key] not in by or only_grew(item, by[item[key]], later=later) for item in one)
        return False
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int) and isinstance(other, int):
        return one <= other <= one * 1.1 + 20
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return abs(one - other) <= max(abs(one), abs(other)) * 0.1 + 0.2
    return bool(one == other) or moved_on(one, other, later)


def _same_records(one: Sequence[JSON], other: Sequence[JSON], key: str) -> bool:
    by = {item[key]: item for item in other}
    return len(one) == len(other) and all(by.get(item[key]) == item for item in one)


def _subsequence(short: Sequence[JSON], long: Sequence[JSON]) -> bool:
    rest = iter(long)
    return all(any(item == other for other in rest) for item in short)


def has_grown(one: JSON, other: JSON) -> bool:
    """Return whether new records alone, however many, can explain what differs in a later answer to the same request.

    No count is lower, no list shorter, and records make room for new ones from the end of their list only.
    """
    return difference(one, other) is not None and _may_become(one, other)


def _may_become(one: JSON, other: JSON, name: str = "") -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return all(_may_become(value, other[key], key) for key, value in one.items() if key in other)
    if isinstance(one, list) and isinstance(other, list):
        return _may_list_become(one, other)
    return not (is_count(name, one) and is_count(name, other) and other < one)


def _may_list_become(one: list[JSON], other: list[JSON]) -> bool:
    if len(other) < len(one):
        return False
    key = identity_of([*one, *other])
    if key is None:
        return True
    places = {item[key]: place for place, item in enumerate(other)}
    kept = [item for item in one if item[key] in places]
    if [item[key] for item in one[: len(kept)]] != [item[key] for item in kept]:
        return False
    if not all(_may_become(item, other[places[item[key]]]) for item in kept):
        return False
    order = [places[item[key]] for item in kept]
    return order == sorted(order) or any(item != other[places[item[key]]] for item in kept)
