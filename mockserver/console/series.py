"""A series of days as a line chart: which of them are complete, and those of the period before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from mockserver.console.charts import Points

UNFINISHED, PART = "not over yet", "a part of the day"


@dataclass(frozen=True, slots=True)
class Day:
    """A point of the chart. `note`: why it is not complete, or empty. `before`: the same day of the period before."""

    label: str
    figure: float
    note: str
    before: tuple[str, float] | None


@dataclass(frozen=True, slots=True)
class Series:
    """The points of a line chart. `unit`: what they count."""

    days: tuple[Day, ...]
    unit: str

    @property
    def complete(self) -> list[Day]:
        """The complete days."""
        return [day for day in self.days if not day.note]

    @property
    def total(self) -> float:
        """The sum of the complete days."""
        return sum(day.figure for day in self.complete)

    @property
    def total_before(self) -> float | None:
        """The sum of the same days of the period before, or None if one of them is not known."""
        known = [day.before[1] for day in self.complete if day.before is not None]
        return sum(known) if known and len(known) == len(self.complete) else None

    @property
    def change(self) -> float | None:
        """The change against the period before in percent, or None."""
        return 100 * (self.total / self.total_before - 1) if self.total_before else None

    @property
    def data(self) -> str:
        """The chart as JSON, for the script that draws it."""
        compares = self.total_before is not None
        return orjson.dumps(
            {
                "unit": self.unit,
                "days": [(day.label, day.figure, day.note, day.before if compares else None) for day in self.days],
            }
        ).decode()


def read_series(points: Points, longer: Iterable[Points], today: str, unit: str) -> Series:
    """Return the chart of some days. `longer`: answers about longer periods, which end with the same days.

    The last day is not over if it is `today`; of the first one the answer has only a part if a longer one has more.
    """
    days = points.points
    over = not days or days[-1][0] != today
    shift = len(days) if over or len(days) < 2 else len(days) - 1
    reaching = [one.points for one in longer if _ends_with(one, points)]
    found = min((one for one in reaching if len(one) >= len(days) + shift), key=len, default=None)
    before = found[-len(days) - shift : -shift] if found is not None else (None,) * len(days)
    is_part = bool(days) and any(one[-len(days)][1] > days[0][1] for one in reaching)
    notes = [""] * len(days)
    if is_part:
        notes[0] = PART
    if not over:
        notes[-1] = UNFINISHED
    return Series(
        tuple(
            Day(label, figure, note, earlier)
            for (label, figure), note, earlier in zip(days, notes, before, strict=True)
        ),
        unit,
    )


def _ends_with(longer: Points, points: Points) -> bool:
    labels = [label for label, _ in points.points]
    return bool(labels) and [label for label, _ in longer.points[-len(labels) :]] == labels
