from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.dataset.instants import DAY_MS
from mockserver.dataset.recording import Figures, Row
from mockserver.dataset.timeline import Generated, Slice, Timeline

HOURS = st.sampled_from([(0, DAY_MS), (3_600_000, 40_000_000), (50_000_000, 50_000_700)])


@st.composite
def slices(draw: st.DrawFn) -> list[Slice]:
    found = []
    for day in range(draw(st.integers(0, 6))):
        number = draw(st.integers(0, 40))
        visible = draw(st.integers(0, number))
        skipped = draw(st.integers(0, visible))
        found.append(Slice(day, 0, Row(Figures(), *draw(HOURS)), number, visible, skipped))
    return found


def model(parts: list[Slice], singular: list[tuple[int, str]], every: int) -> list[tuple[int, object]]:
    """The list as one would write it down: everything, sorted, newest first; singular ones first of equals."""
    everything: list[tuple[int, int, int, object]] = []
    for part in parts:
        for item in range(part.skipped, part.visible):
            if item % every == every // 2:
                at = part.day * DAY_MS + part.row.time(item, part.number)
                everything.append((at, 0, item, (part.day, item)))
    everything += [(at, 1, -rank, name) for rank, (at, name) in enumerate(singular)]
    return [(at, value) for at, _, _, value in sorted(everything, key=lambda entry: entry[:3], reverse=True)]


TIMES = st.lists(st.integers(0, 7 * DAY_MS) | st.sampled_from([0, DAY_MS, 3_600_000]), max_size=6)


@given(slices(), TIMES, TIMES, st.integers(1, 9), st.integers(1, 7))
def test_pages_in_sequence_are_the_whole_list_newest_first(
    parts: list[Slice], times: list[int], many: list[int], every: int, limit: int
) -> None:
    own = [(at, f"singular {rank}") for rank, at in enumerate(times)]
    more = [(at, f"more {rank}") for rank, at in enumerate(sorted(many, reverse=True))]
    singular = own + more
    timeline = Timeline(parts, own, every, more)
    seen: list[tuple[int, object]] = []
    for offset in range(0, timeline.total + limit, limit):
        for item in timeline.page(offset, limit):
            if isinstance(item, Generated):
                seen.append((item.at, (item.slice.day, item.item)))
            else:
                seen.append(({name: at for at, name in singular}[item], item))
    assert seen == model(parts, singular, every)
    assert len(seen) == timeline.total


def test_a_page_beyond_the_end_is_empty() -> None:
    part = Slice(1, 0, Row(Figures(), 0, DAY_MS), 3, 3)
    assert list(Timeline([part], ()).page(3, 10)) == []
    assert list(Timeline([part], ()).page(1000, 10)) == []


def test_a_page_far_down_a_list_of_a_billion_is_at_hand() -> None:
    row = Row(Figures(), 0, DAY_MS)
    timeline: Timeline[Generated] = Timeline([Slice(day, 0, row, 10**8, 10**8) for day in range(10)], ())
    (oldest,) = timeline.page(10**9 - 1, 5)
    assert isinstance(oldest, Generated)
    assert (oldest.slice.day, oldest.item) == (0, 0)


class Counted(Sequence[tuple[int, int]]):
    """Ten thousand things, newest first, and how often one was looked at."""

    looks = 0

    def __len__(self) -> int:
        return 10_000

    def __getitem__(self, index: Any) -> Any:
        self.looks += 1
        return 4 * DAY_MS - index * 1_000, index


@pytest.mark.parametrize("offset", [0, 5_000, 10_000])
def test_a_page_looks_at_few_of_many_tracked_visits(offset: int) -> None:
    row, many = Row(Figures(), 0, DAY_MS), Counted()
    timeline = Timeline([Slice(day, 0, row, 100, 100) for day in range(5)], [(2 * DAY_MS, -1)], more=many)
    assert len(list(timeline.page(offset, 50))) == 50
    assert many.looks < 1_000
