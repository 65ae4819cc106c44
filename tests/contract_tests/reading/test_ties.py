"""Records whose order is open."""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests.reading.records import difference
from contract_tests.reading.ties import in_order_of, sorting_count

JSON = Any


def pages(*rows: tuple[str, int]) -> list[JSON]:
    return [{"path": path, "views": views} for path, views in rows]


@pytest.mark.parametrize(
    ("items", "name"),
    [
        (pages(("/a", 3), ("/b", 2)), "views"),
        (pages(("/a", 2), ("/b", 3)), None),
        ([{"id": "x", "at": "2026-02-07T12:00:00Z"}], None),
        (["a"], None),
        ([], None),
    ],
)
def test_the_count_by_which_a_list_is_sorted(items: list[JSON], name: str | None) -> None:
    assert sorting_count(items) == name


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (pages(("/a", 3), ("/b", 2), ("/c", 2)), pages(("/a", 3), ("/c", 2), ("/b", 2)), True),
        (pages(("/a", 3), ("/b", 2)), pages(("/a", 3), ("/c", 2)), True),
        (pages(("/a", 3), ("/b", 2)), pages(("/c", 3), ("/b", 2)), False),
        (pages(("/a", 3), ("/b", 2)), pages(("/b", 2), ("/a", 3)), False),
        (pages(("/a", 3), ("/b", 2)), pages(("/a", 3)), False),
        ([1, 2], [2, 1], False),
    ],
    ids=["equal counts", "cut between equal counts", "another first one", "another order", "shorter", "no records"],
)
def test_records_with_equal_counts_stand_for_each_other(one: JSON, other: JSON, same: bool) -> None:
    assert (difference({"p": one}, in_order_of({"p": one}, {"p": other})) is None) == same
