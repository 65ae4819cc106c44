"""Data that grows while it is asked for: what a busy site does to two answers that should be alike."""

from __future__ import annotations

from typing import Any

from contract_tests.checks.records import difference, identity_of, is_count

JSON = Any


def has_grown(one: JSON, other: JSON) -> bool:
    """Whether all that differs in a later answer to the same request may come of new records.

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
