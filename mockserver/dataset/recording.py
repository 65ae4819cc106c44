"""A site's recorded traffic: totals per UTC date, repeated by whole weeks, for any period."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from mockserver.dataset.instants import day_text, to_day, to_time
from mockserver.dataset.reading import FixtureError, read_csv, whole


@dataclass(frozen=True, slots=True)
class Figures:
    """The traffic totals of a period."""

    visitors: int = 0
    unique: int = 0
    views: int = 0
    bounces: int = 0  # visitors with a single page view
    seconds: int = 0  # spent by all visitors together

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            self.visitors + other.visitors,
            self.unique + other.unique,
            self.views + other.views,
            self.bounces + other.bounces,
            self.seconds + other.seconds,
        )


@dataclass(frozen=True, slots=True)
class Row:
    """A recorded date: its totals, spread evenly between two times of day (ms)."""

    figures: Figures
    opens: int
    closes: int

    def count(self, number: int, until: int) -> int:
        """Count how many of `number` evenly spread items happen up to `until` (ms of the day, inclusive)."""
        if not number or until < self.opens:
            return 0
        if until >= self.closes:
            return number
        span = self.closes - self.opens
        # Item k happens at opens + (2k + 1) * span / 2n; solve for k.
        return min(number, (((until - self.opens + 1) * 2 * number - 1) // span + 1) // 2)

    def time(self, index: int, number: int) -> int:
        """Return the time (ms of the day) of item `index` of `number`, from which on `count` includes it."""
        return self.opens + (2 * index + 1) * (self.closes - self.opens) // (2 * number)


class Recording:
    """Rows of consecutive dates. Other dates since `begins` repeat the same weekday of the last whole weeks."""

    __slots__ = ("begins", "cycle", "first_day", "rows", "totals", "views_ends", "visits_ends")

    def __init__(
        self,
        rows: tuple[Row, ...],
        first_day: int,
        begins: int,
        cycle: range,
        exact: Mapping[int, int],
        later_views: bool,
    ):
        self.rows = rows
        self.first_day = first_day
        self.begins = begins
        self.cycle = cycle
        self.totals = sum((row.figures for row in rows), Figures())
        # The boundaries of each row's generated visits and page views in their sequences.
        self.visits_ends = _ends(row.figures.visitors - exact.get(index, 0) for index, row in enumerate(rows))
        self.views_ends = _ends(row.figures.views - (row.figures.visitors if later_views else 0) for row in rows)

    def find_row(self, day: int) -> int | None:
        """Return the index of the row with a date's traffic, or None before `begins`."""
        if day < self.begins:
            return None
        index = day - self.first_day
        if 0 <= index < len(self.rows):
            return index
        return self.cycle.start + (index - self.cycle.start) % len(self.cycle)


def _ends(sizes: Iterable[int]) -> tuple[int, ...]:
    return tuple(accumulate(sizes, initial=0))


@dataclass(frozen=True, slots=True)
class RecordedRows:
    """The rows of traffic.csv, before documented visits are subtracted."""

    rows: tuple[Row, ...]
    first_day: int
    cycle: range


def read_rows(file: Path, hours: tuple[int, int], scale: int) -> RecordedRows:
    """Read traffic.csv: one line per date, without gaps; `until` ends a partly recorded date.

    Raises:
        FixtureError: The file is missing or invalid.
    """
    entries = read_csv(
        file,
        {
            "date": to_day,
            "visitors": whole,
            "unique_visitors": whole,
            "page_views": whole,
            "bounces": whole,
            "seconds": whole,
        },
        {"until": lambda text: to_time(text) if text else None},
    )
    rows: list[Row] = []
    partial: list[int] = []
    for index, entry in enumerate(entries):
        value = entry.values
        figures = Figures(
            *(value[name] * scale for name in ("visitors", "unique_visitors", "page_views", "bounces", "seconds"))
        )
        expected = entries[0].values["date"] + index
        if value["date"] != expected:
            entry.fail(None, f"expected the date {day_text(expected)}, found {day_text(value['date'])}")
        if not figures.unique <= figures.visitors <= figures.views or figures.bounces > figures.visitors:
            entry.fail(None, "expected unique_visitors <= visitors, bounces <= visitors and visitors <= page_views")
        if figures.views and not figures.visitors:
            entry.fail(None, "page_views must be 0 without visitors")
        closes = hours[1]
        if value.get("until") is not None:
            closes = value["until"]
            partial.append(index)
            if closes <= hours[0]:
                entry.fail(None, "'until' must be within the site's active hours")
        rows.append(Row(figures, hours[0], closes))
    if not rows:
        raise FixtureError(file, 1, "at least one whole week is needed")
    last = partial[0] if partial else len(rows)
    weeks = last // 7
    if not weeks or partial not in ([], [len(rows) - 1]):
        raise FixtureError(file, 0, "at least one whole week is needed; only the last date may have an 'until'")
    return RecordedRows(tuple(rows), entries[0].values["date"], range(last - weeks * 7, last))
