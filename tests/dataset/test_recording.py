from hypothesis import given
from hypothesis import strategies as st

from mockserver.dataset.instants import DAY_MS
from mockserver.dataset.recording import Figures, Recording, Row


@given(st.integers(1, 500), st.integers(0, DAY_MS), st.integers(0, DAY_MS - 1), st.integers(1, DAY_MS))
def test_counting_up_to_an_instant_agrees_with_the_times_of_the_things(
    number: int, until: int, opens: int, span: int
) -> None:
    row = Row(Figures(), opens, min(DAY_MS, opens + span))
    times = [row.time(index, number) for index in range(number)]
    assert times == sorted(times)
    assert all(row.opens <= time < row.closes for time in times)
    assert row.count(number, until) == sum(time <= until for time in times)


@given(st.integers(0, 400), st.integers(0, 400), st.integers(0, DAY_MS))
def test_of_more_things_at_least_as_many_have_happened(fewer: int, more: int, until: int) -> None:
    row = Row(Figures(), 3_600_000, 80_000_000)
    fewer, more = sorted((fewer, more))
    assert row.count(fewer, until) <= row.count(more, until)


def recording(rows: int, begins: int = 0) -> Recording:
    first_day = 1000
    table = tuple(Row(Figures(visitors=index, views=index), 0, DAY_MS) for index in range(rows))
    last = rows // 7 * 7
    return Recording(table, first_day, begins, range(rows - last, rows), {}, later_views=False)


@given(st.integers(7, 40), st.integers(0, 5000))
def test_any_date_is_told_by_a_row_of_the_same_weekday(rows: int, day: int) -> None:
    table = recording(rows)
    row = table.find_row(day)
    assert row is not None
    assert (table.first_day + row) % 7 == day % 7
    if 1000 <= day < 1000 + rows:
        assert row == day - 1000
    else:
        assert row in table.cycle


def test_nothing_is_recorded_before_the_site_exists() -> None:
    table = recording(7, begins=990)
    assert table.find_row(989) is None
    assert table.find_row(990) is not None
