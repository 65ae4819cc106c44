"""A list of visits, newest first, that is never built: a page of it costs its own length and the number of days."""

from bisect import bisect_left, bisect_right
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
    """Generated visits, of which every `every`-th counts, merged with singular ones that have times of their own.

    `singular` come in any order and stand before generated ones of the same time. `more` may be many, newest first:
    only those are looked at that a page needs.
    """

    def __init__(
        self,
        slices: Iterable[Slice],
        singular: Iterable[tuple[int, T]],
        every: int = 1,
        more: Sequence[tuple[int, T]] = (),
    ) -> None:
        self._every = every
        self._slices = [part for part in sorted(slices, key=lambda part: -part.day) if part.visible > part.skipped]
        # How many generated visits stand before each date, newest date first.
        self._before = list(accumulate((self._taken(part, part.visible) for part in self._slices), initial=0))
        self._days = [-part.day for part in self._slices]
        self._lists: tuple[Sequence[tuple[int, T]], ...] = (sorted(singular, key=_newest_first), more)
        self.total = self._before[-1] + sum(map(len, self._lists))

    def page(self, offset: int, limit: int) -> Iterator[Generated | T]:
        """Yield the visits from a position on."""
        ranks = [self._rank(number, offset) for number in range(len(self._lists))]
        due = [self._position(number, rank) for number, rank in enumerate(ranks)]
        for position in range(offset, min(self.total, offset + limit)):
            if position in due:
                number = due.index(position)
                yield self._lists[number][ranks[number]][1]
                ranks[number] += 1
                due[number] = self._position(number, ranks[number])
            else:
                yield self._generated(position - sum(ranks))

    def _rank(self, number: int, offset: int) -> int:
        """How many of a list's visits stand before a position."""
        ranks = range(len(self._lists[number]))
        return bisect_left(ranks, offset, key=lambda rank: self._position(number, rank)) if offset else 0

    def _position(self, number: int, rank: int) -> int:
        """Where one of a list's visits stands; nowhere (-1) beyond its end."""
        own = self._lists[number]
        if rank == len(own):
            return -1
        at = own[rank][0]
        before = sum(
            # Of equal times the first list's come first.
            (bisect_right if other < number else bisect_left)(found, -at, key=_newest_first)
            for other, found in enumerate(self._lists)
            if other != number
        )
        return self._newer(at) + rank + before

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


def _newest_first(pair: tuple[int, object]) -> int:
    return -pair[0]
