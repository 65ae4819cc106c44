"""The comparison of contracts and table notices every change: shown by making them, one at a time."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.openapi.comparison import Comparison
from tests.openapi.mutations import mutants
from tests.openapi.reading import contract, operations

# How many changes there are at least. Fewer would mean that the walk lost its way.
MANY = {"zenovay-2026-02": 4000, "zenovay-2025-01": 2000, "analytics-platform-v2": 1200}


def looking_at(comparison: Comparison, root: Any) -> Callable[[str | None], bool]:
    """Whether the comparison finds anything, first where the change is seen, then everywhere."""

    def look(owner: str | None) -> bool:
        try:
            concerned = next((operation for operation in operations(root) if operation.id == owner), None)
            return bool(comparison.differences(root, concerned) or comparison.all_differences(root))
        except (KeyError, ValueError, AttributeError, TypeError):
            return True  # it can no longer be read as a contract

    return look


@pytest.mark.parametrize("name", MANY)
def test_every_change_to_what_is_stated_is_noticed(name: str, record_property: Callable[[str, object], None]) -> None:
    comparison, root = Comparison(name), copy.deepcopy(contract(name))
    look = looking_at(comparison, root)
    found = list(mutants(root))
    kinds = Counter(mutant.what.split()[0] if mutant.what.startswith("called") else mutant.what for mutant in found)
    record_property("mutants", len(found))
    assert [str(mutant) for mutant in found if not mutant.seen_by(look)] == []
    assert len(found) >= MANY[name], len(found)
    assert min(kinds[what] for what in ("removed", "altered", "added", "called", "one more")) >= 30
    assert root == contract(name)


def test_an_unchanged_contract_is_not_noticed() -> None:
    for name in MANY:
        root = copy.deepcopy(contract(name))
        assert not looking_at(Comparison(name), root)(None)
