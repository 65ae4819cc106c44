"""What growing data may look like, and what it never looks like."""

from __future__ import annotations

import pytest

from contract_tests.reading.growth import has_grown

PAGES = [{"path": "/", "views": 9}, {"path": "/a", "views": 7}, {"path": "/b", "views": 7}]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"views": 9}, {"views": 10}),
        ({"views": 9, "bounce_rate": 0.5}, {"views": 10, "bounce_rate": 0.4}),
        ([{"id": 2}, {"id": 1}], [{"id": 3}, {"id": 2}]),
        ([{"id": 2}, {"id": 1}], [{"id": 3}, {"id": 2}, {"id": 1}]),
        (PAGES, [PAGES[0], {"path": "/b", "views": 8}, PAGES[1]]),
    ],
    ids=["a count rises", "a rate falls beside it", "a record goes off the end", "a record comes", "places change"],
)
def test_new_records_explain_it(one: object, other: object) -> None:
    assert has_grown(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"views": 9}, {"views": 9}),
        ({"views": 9, "visitors": 4}, {"views": 10, "visitors": 3}),
        ([{"id": 2}, {"id": 1}], [{"id": 2}]),
        ([{"id": 3}, {"id": 2}, {"id": 1}], [{"id": 4}, {"id": 3}, {"id": 1}]),
        (PAGES, [PAGES[0], PAGES[2], PAGES[1]]),
    ],
    ids=[
        "nothing differs",
        "one count falls",
        "a list shrinks",
        "a record goes from the midst",
        "only the order changes",
    ],
)
def test_new_records_do_not_explain_it(one: object, other: object) -> None:
    assert not has_grown(one, other)
