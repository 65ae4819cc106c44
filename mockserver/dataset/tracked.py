"""Tracked figures and visits of one site, as `Activity` counts them and a `View` shows them."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

DAY_MS, MINUTE_MS = 86_400_000, 60_000


class Event(NamedTuple):
    """One page view, or one custom event, of a session on a site."""

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
    id: str
    at: int  # ms since 1970
    event: Event  # the page view that began it
    interaction: bool = False


@dataclass(slots=True)
class Tracked:
    """One site's tracked figures of some time. Values of `countries` are [visitors, sum of their scores]."""

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
        """Count what another stretch of time has, too."""
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
    """One site's tracked figures of one date, and those of each minute, unless the date is too long ago.

    What belongs to a visit is counted in the minute in which it began; a visitor is unique in that of the last visit.
    """

    visits: list[TrackedVisit] = field(default_factory=list)  # by time
    minutes: dict[int, Tracked] | None = field(default_factory=dict)
    changes: int = 0

    def since(self, ms: int) -> Tracked:
        """Return the figures from a time of the day on; none where single minutes are no longer told."""
        part = Tracked()
        for minute, tracked in (self.minutes or {}).items():
            if minute * MINUTE_MS >= ms:
                part.add(tracked)
        return part

    def at(self, ms: int) -> list[Tracked]:
        """Return where something that happens at a time of the day is to be counted: the date, and its minute."""
        self.changes += 1
        if self.minutes is None:
            return [self]
        minute = self.minutes.get(ms // MINUTE_MS)
        if minute is None:
            minute = self.minutes[ms // MINUTE_MS] = Tracked()
        return [self, minute]


class Visits(Sequence[tuple[int, TrackedVisit]]):
    """Tracked visits with their times, newest first. None is copied or looked at before it is asked for."""

    def __init__(self, days: Mapping[int, TrackedDay], since: int, until: int) -> None:
        first, ms = divmod(since, DAY_MS)
        last = until // DAY_MS
        self._spans: list[tuple[list[TrackedVisit], int]] = []  # a date's visits, and where those of the span end
        self._ends: list[int] = []
        total = 0
        for day in sorted(days, reverse=True):
            if first <= day <= last and (day > first or not ms or days[day].minutes is not None):
                visits = days[day].visits
                end = bisect_right(visits, until, key=time_of) if day == last else len(visits)
                total += end - (bisect_left(visits, since, key=time_of) if day == first else 0)
                self._spans.append((visits, end))
                self._ends.append(total)

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __getitem__(self, index: Any) -> Any:
        place = bisect_right(self._ends, index)
        visits, end = self._spans[place]
        visit = visits[end - 1 - index + (self._ends[place - 1] if place else 0)]
        return visit.at, visit


def time_of(visit: TrackedVisit) -> int:
    return visit.at
