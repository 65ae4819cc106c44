"""Counters and visits of tracked events."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple

from mockserver.dataset.instants import DAY_MS

MINUTE_MS = 60_000
BY_TIME = attrgetter("at")
"""The sort key of visits."""


class Event(NamedTuple):
    """A page view or custom event of a session on a site."""

    site: str
    session: str
    kind: str  # "pageview" or "event"
    path: str
    referrer: str | None
    device: str
    browser: str
    os: str
    country: str
    city: str
    score: int
    name: str | None = None


@dataclass(slots=True)
class TrackedVisit:
    """A tracked visit."""

    id: str
    at: int  # ms since 1970
    event: Event  # the page view that began it
    interaction: bool = False


@dataclass(slots=True)
class Tracked:
    """A site's counters over a period. Values of `countries` are [visitors, sum of their scores]."""

    visitors: int = 0
    unique: int = 0
    views: int = 0
    bounces: int = 0
    seconds: int = 0
    events: dict[str, int] = field(default_factory=dict)
    landings: dict[str, int] = field(default_factory=dict)
    later: dict[str, int] = field(default_factory=dict)  # page views after a visit's first
    countries: dict[str, list[int]] = field(default_factory=dict)
    technology: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def add(self, other: "Tracked") -> None:
        """Add the counters of another period."""
        self.visitors += other.visitors
        self.unique += other.unique
        self.views += other.views
        self.bounces += other.bounces
        self.seconds += other.seconds
        for name in ("events", "landings", "later", "technology"):
            counts = getattr(self, name)
            for value, count in getattr(other, name).items():
                counts[value] = counts.get(value, 0) + count
        for code, (visitors, points) in other.countries.items():
            country = self.countries.setdefault(code, [0, 0])
            country[0] += visitors
            country[1] += points


@dataclass(slots=True)
class TrackedDay(Tracked):
    """A site's counters of one date and of each of its minutes; `minutes` is None for earlier dates.

    A visit is counted in the minute in which it began, a unique visitor in the minute of the last visit. `changes`
    increases with every change.
    """

    visits: list[TrackedVisit] = field(default_factory=list)  # by time
    minutes: dict[int, Tracked] | None = field(default_factory=dict)
    changes: int = 0

    def since(self, ms: int) -> Tracked:
        """Return the counters from a time of the day (ms) on; empty without counters per minute."""
        part = Tracked()
        for minute, tracked in (self.minutes or {}).items():
            if minute * MINUTE_MS >= ms:
                part.add(tracked)
        return part

    def at(self, ms: int) -> list[Tracked]:
        """Return the counters to change at a time of the day (ms): those of the date and of the minute."""
        self.changes += 1
        if self.minutes is None:
            return [self]
        minute = self.minutes.get(ms // MINUTE_MS)
        if minute is None:
            minute = self.minutes[ms // MINUTE_MS] = Tracked()
        return [self, minute]


class Visits(Sequence[tuple[int, TrackedVisit]]):
    """A lazy sequence of tracked visits with their times, newest first."""

    def __init__(self, days: Mapping[int, TrackedDay], since: int, until: int) -> None:
        first, ms = divmod(since, DAY_MS)
        last = until // DAY_MS
        self._spans: list[tuple[list[TrackedVisit], int]] = []  # a date's visits, and the index after the last one
        self._ends: list[int] = []
        total = 0
        for day in sorted(days, reverse=True):
            if first <= day <= last and (day > first or not ms or days[day].minutes is not None):
                visits = days[day].visits
                end = bisect_right(visits, until, key=BY_TIME) if day == last else len(visits)
                total += end - (bisect_left(visits, since, key=BY_TIME) if day == first else 0)
                self._spans.append((visits, end))
                self._ends.append(total)

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __getitem__(self, index: Any) -> Any:
        place = bisect_right(self._ends, index)
        visits, end = self._spans[place]
        visit = visits[end - 1 - index + (self._ends[place - 1] if place else 0)]
        return visit.at, visit
