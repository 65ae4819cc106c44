"""A lazy list of visits, newest first: the cost of a page depends on its length and the number of dates only."""

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
    """The generated visits of a date: those from `skipped` to `visible` of the `number` in its row."""

    day: int
    index: int  # of the recording's row
    row: Row
    number: int
    visible: int
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Generated:
    """Generated visit `item` of a date."""

    slice: Slice
    item: int

    @property
    def at(self) -> int:
        """The time of the visit in ms since 1970."""
        return self.slice.day * DAY_MS + self.slice.row.time(self.item, self.slice.number)


class Timeline(Generic[T]):
    """Every `every`-th generated visit, merged with individual visits that have their own times.

    `singular` visits come in any order, `more` newest first; both precede generated visits of the same time. Only those
    of `more` that a page needs are read.
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
        # The number of generated visits before each date, newest date first.
        self._before = list(accumulate((self._taken(part, part.visible) for part in self._slices), initial=0))
        self._days = [-part.day for part in self._slices]
        self._lists: tuple[Sequence[tuple[int, T]], ...] = (sorted(singular, key=_newest_first), more)
        self.total = self._before[-1] + sum(map(len, self._lists))

    def page(self, offset: int, limit: int) -> Iterator[Generated | T]:
        """Yield up to `limit` visits from the position `offset` on."""
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
        """Count the visits of a list before a position."""
        ranks = range(len(self._lists[number]))
        return bisect_left(ranks, offset, key=lambda rank: self._position(number, rank)) if offset else 0

    def _position(self, number: int, rank: int) -> int:
        """Return the position of a list's visit, or -1 beyond the end of the list."""
        own = self._lists[number]
        if rank == len(own):
            return -1
        at = own[rank][0]
        before = sum(
            # For equal times the first list comes first.
            (bisect_right if other < number else bisect_left)(found, -at, key=_newest_first)
            for other, found in enumerate(self._lists)
            if other != number
        )
        return self._newer(at) + rank + before

    def _taken(self, part: Slice, end: int) -> int:
        """Count the date's visits before `end` that are in the list."""
        return self._middles(max(end, part.skipped)) - self._middles(part.skipped)

    def _middles(self, end: int) -> int:
        # The middle visit of each group of `every` is listed.
        return (end - self._every // 2 + self._every - 1) // self._every if end > self._every // 2 else 0

    def _newer(self, at: int) -> int:
        """Count the generated visits after an instant."""
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
