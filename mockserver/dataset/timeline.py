"""A list of visits, newest first, that is never built: a page of it costs its own length and the number of days."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Generic, TypeVar

from mockserver.dataset.instants import DAY_MS
from mockserver.dataset.recording import Row

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Slice:
    """The generated visits of one date: from `skipped` up to `visible` of the `number` that the row spreads over it."""

    day: int
    index: int  # of the recording's row
    row: Row
    number: int
    visible: int
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Generated:
    """Visit `item` of the `number` of its date."""

    slice: Slice
    item: int

    @property
    def at(self) -> int:
        return self.slice.day * DAY_MS + self.slice.row.time(self.item, self.slice.number)


class Timeline(Generic[T]):
    """Generated visits, of which every `every`-th counts, merged with singular ones that have times of their own."""

    def __init__(self, slices: Iterable[Slice], singular: Iterable[tuple[int, T]], every: int = 1) -> None:
        self._every = every
        self._slices = [part for part in sorted(slices, key=lambda part: -part.day) if part.visible > part.skipped]
        # How many generated visits stand before each date, newest date first.
        self._before = list(accumulate((self._taken(part, part.visible) for part in self._slices), initial=0))
        self._days = [-part.day for part in self._slices]
        newest_first: Sequence[tuple[int, T]] = sorted(singular, key=lambda pair: -pair[0])
        self._singular = {self._newer(at) + rank: value for rank, (at, value) in enumerate(newest_first)}
        self._positions = list(self._singular)
        self.total = self._before[-1] + len(self._singular)

    def page(self, offset: int, limit: int) -> Iterator[Generated | T]:
        end = min(self.total, offset + limit)
        rank = bisect_right(self._positions, offset - 1)
        for position in range(offset, end):
            if position in self._singular:
                rank += 1
                yield self._singular[position]
            else:
                yield self._generated(position - rank)

    def _taken(self, part: Slice, end: int) -> int:
        """How many of the date's visits before `end` are in the list."""
        return self._middles(max(end, part.skipped)) - self._middles(part.skipped)

    def _middles(self, end: int) -> int:
        # Of every group of `every` visits the middle one counts.
        return (end - self._every // 2 + self._every - 1) // self._every if end > self._every // 2 else 0

    def _newer(self, at: int) -> int:
        """How many generated visits are later than the instant."""
        day, time = divmod(at, DAY_MS)
        place = bisect_right(self._days, -day)
        if place and self._slices[place - 1].day == day:
            part = self._slices[place - 1]
            return self._before[place] - self._taken(part, min(part.visible, part.row.count(part.number, time)))
        return self._before[place]

    def _generated(self, rank: int) -> Generated:
        place = bisect_right(self._before, rank) - 1
        part = self._slices[place]
        from_newest = rank - self._before[place]
        item = (self._middles(part.visible) - 1 - from_newest) * self._every + self._every // 2
        return Generated(part, item)
