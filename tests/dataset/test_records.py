from pathlib import Path

import pytest

from mockserver.dataset.instants import to_day
from mockserver.dataset.records import Record, read_records
from tests.dataset.data import at

AS_OF = to_day("2026-02-07")


@pytest.fixture
def record(tmp_path: Path) -> Record:
    (tmp_path / "error_groups.yaml").write_text(
        "error_groups:\n"
        "  - {id: eg_1, count: 3, first: 2026-01-15T10:00:00.000Z,"
        " last: 2026-02-07T14:30:00.000Z, on: 2026-02-01T00:00:00Z}\n"
    )
    return read_records(tmp_path)["error_groups"][0]


@pytest.mark.parametrize("now", ["2025-12-01T00:00:00Z", "2026-02-07T00:00:00Z", "2026-02-07T12:00:00Z"])
def test_until_the_fixtures_own_date_instants_stand_as_written_even_ahead_of_the_clock(
    record: Record, now: str
) -> None:
    assert record.at(AS_OF, at(now)) == dict(record.values)


def test_later_they_move_by_whole_days_with_the_clock(record: Record) -> None:
    moved = record.at(AS_OF, at("2026-02-17T15:00:00Z"))
    assert moved["last"] == "2026-02-17T14:30:00.000Z"
    assert moved["first"] == "2026-01-25T10:00:00.000Z"
    assert moved["on"] == "2026-02-11T00:00:00Z"
    assert (moved["id"], moved["count"]) == ("eg_1", 3)


def test_they_stay_a_day_behind_where_they_would_lie_ahead_of_the_clock(record: Record) -> None:
    moved = record.at(AS_OF, at("2026-02-17T14:29:00Z"))
    assert moved["last"] == "2026-02-16T14:30:00.000Z"
    assert moved["first"] == "2026-01-24T10:00:00.000Z"
    assert record.at(AS_OF, at("2026-02-08T01:00:00Z")) == dict(record.values)
