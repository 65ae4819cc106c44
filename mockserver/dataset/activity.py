"""What is tracked while the server runs: visits, page views, who is live. On top of the fixtures; gone with a reset.

Counters are exact and cost O(1) per event; what could grow without end is bounded: sessions, the details of visits, and
how many distinct paths or browsers are told apart (the rest counts as one).
"""

from bisect import bisect_left, bisect_right, insort
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

LIVE_SECONDS = 300  # "active in the last five minutes" (SUPPLEMENT, live count)
IDLE_SECONDS = 1800  # after half an hour without a sign, the next page view begins a new visit
MAX_SESSIONS = 20_000
MAX_VISITS = 10_000
MAX_VALUES = 1_000
MAX_DAYS = 800
MINUTE_DAYS = 2  # dates of which single minutes are told: the last 24 hours lie on two
DAY_MS, MINUTE_MS = 86_400_000, 60_000
OTHER = "(other)"


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


@dataclass(slots=True)
class _Session:
    seen: float
    path: str
    visit: TrackedVisit | None = None
    visit_day: int = 0
    views: int = 0


@dataclass(slots=True)
class _Second:
    """The sessions that were last seen in one second, and the pages they saw."""

    sessions: int = 0
    pages: dict[str, int] = field(default_factory=dict)


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
                end = bisect_right(visits, until, key=_time) if day == last else len(visits)
                total += end - (bisect_left(visits, since, key=_time) if day == first else 0)
                self._spans.append((visits, end))
                self._ends.append(total)

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __getitem__(self, index: Any) -> Any:
        place = bisect_right(self._ends, index)
        visits, end = self._spans[place]
        visit = visits[end - 1 - index + (self._ends[place - 1] if place else 0)]
        return visit.at, visit


def _time(visit: TrackedVisit) -> int:
    return visit.at


class Activity:
    """In memory, for one process. `version` rises with every change."""

    def __init__(self) -> None:
        self.version = 0
        self._clear()

    def _clear(self) -> None:
        self._days: dict[str, dict[int, TrackedDay]] = {}
        self._sessions: OrderedDict[tuple[str, str], _Session] = OrderedDict()
        self._seen: dict[str, dict[int, _Second]] = {}  # by site and second
        self._parts: dict[tuple[str, int], tuple[int, int, Tracked]] = {}  # what `since` has last summed up
        self._count = 0
        self._detailed: OrderedDict[tuple[str, int], TrackedDay] = OrderedDict()  # the days whose visits have details
        self._details = 0

    def reset(self) -> None:
        self._clear()
        self.version += 1

    def track(self, event: Event, now: float) -> None:
        """A session's first page view is a visit, and so is its first after half an hour; a custom event never is."""
        key = (event.site, event.session)
        session = self._sessions.get(key)
        day, ms = divmod(int(now * 1000), DAY_MS)
        today = self._day(event.site, day).at(ms)
        if event.kind == "event":
            _add(today, "events", event.name or "", OTHER)
            if session is None:
                session = self._meet(key, event, now)
            elif session.visit is not None and abs(now - session.seen) <= IDLE_SECONDS:
                session.visit.interaction = True
            self._touch(key, session, now, event.path)
        else:
            self._page_view(key, session, today, day, event, now)
        self._bound_sessions()
        self.version += 1

    def heartbeat(self, site: str, session: str, now: float) -> bool:
        """Keeps a session alive that is known; True when it is."""
        known = self._sessions.get((site, session))
        if known is None:
            return False
        self._lengthen(site, known, now)
        self._touch((site, session), known, now, known.path)
        self.version += 1
        return True

    def restore(
        self, site: str, session: str, seen: float, path: str, visit: TrackedVisit | None, visit_day: int, views: int
    ) -> None:
        """Know a session as it was known elsewhere."""
        self._sessions[site, session] = _Session(seen, path, visit, visit_day, views)
        self._tally(site, seen, path, 1)

    def live(self, site: str, now: float) -> int:
        """Sessions seen within the last five minutes, to the second."""
        return sum(seen.sessions for seen in self._live(site, now))

    def live_pages(self, site: str, now: float) -> dict[str, int]:
        """The live sessions by the page they saw last."""
        pages: dict[str, int] = {}
        for seen in self._live(site, now):
            for path, count in seen.pages.items():
                pages[path] = pages.get(path, 0) + count
        return pages

    def _live(self, site: str, now: float) -> Iterator[_Second]:
        seen, second = self._seen.get(site, {}), int(now)
        if len(seen) < LIVE_SECONDS:
            return (one for at, one in seen.items() if second - LIVE_SECONDS < at <= second)
        return (seen[at] for at in range(second - LIVE_SECONDS + 1, second + 1) if at in seen)

    def days(self, site: str) -> Mapping[int, TrackedDay]:
        """The site's tracked dates (days since 1970)."""
        return self._days.get(site, {})

    def since(self, site: str, day: int, ms: int) -> Tracked:
        """Return a date's figures from a time of the day on: summed up once for as long as they stay the same."""
        date = self._days[site][day]
        known = self._parts.get((site, day))
        if known is not None and known[:2] == (ms, date.changes) and date.minutes is not None:
            return known[2]
        part = date.since(ms)
        self._parts[site, day] = ms, date.changes, part
        return part

    def visits(self, site: str, since: int, until: int) -> "Visits":
        """Return the visits of a site that began from one instant to another (ms since 1970)."""
        return Visits(self.days(site), since, until)

    def _day(self, site: str, day: int) -> TrackedDay:
        days = self._days.setdefault(site, {})
        found = days.get(day)
        if found is None:
            found = days[day] = TrackedDay()
            for earlier in sorted(days)[:-MINUTE_DAYS]:
                days[earlier].minutes = None
            if len(days) > MAX_DAYS:
                oldest = min(days)
                dropped = days.pop(oldest)
                self._details -= len(dropped.visits)
                self._detailed.pop((site, oldest), None)
                self._parts.pop((site, oldest), None)
        return found

    def _page_view(
        self,
        key: tuple[str, str],
        session: _Session | None,
        today: Sequence[Tracked],
        day: int,
        event: Event,
        now: float,
    ) -> None:
        for part in today:
            part.views += 1
        if session is not None and session.visit is not None and abs(now - session.seen) <= IDLE_SECONDS:
            _add(today, "later", event.path, OTHER)
            session.views += 1
            if session.views == 2:
                for part in self._begun(event.site, session.visit):
                    part.bounces -= 1
            self._lengthen(event.site, session, now)
        else:
            if session is None:
                session = self._meet(key, event, now)
            before = session.visit if session.visit_day == day else None
            for part in today if before is None else today[1:]:
                part.unique += 1
            for part in () if before is None else self._begun(event.site, before)[1:]:
                part.unique -= 1
            self._begin(session, today, day, event, now)
        self._touch(key, session, now, event.path)

    def _meet(self, key: tuple[str, str], event: Event, now: float) -> _Session:
        """Begin to know a session."""
        self._sessions[key] = session = _Session(now, event.path)
        self._tally(event.site, now, event.path, 1)
        return session

    def _begun(self, site: str, visit: TrackedVisit) -> Sequence[Tracked]:
        """Return where the beginning of a visit is counted."""
        day, ms = divmod(visit.at, DAY_MS)
        return self._day(site, day).at(ms)

    def _begin(self, session: _Session, today: Sequence[Tracked], day: int, event: Event, now: float) -> None:
        self._count += 1
        session.visit = TrackedVisit(f"{event.session}/{self._count}", int(now * 1000), event)
        session.visit_day, session.views = day, 1
        _add(today, "landings", event.path, OTHER)
        _add(today, "technology", (event.device, event.browser, event.os), (event.device, OTHER, OTHER))
        for part in today:
            part.visitors += 1
            part.bounces += 1
            country = part.countries.setdefault(event.country, [0, 0])
            country[0] += 1
            country[1] += event.score
        date = self._day(event.site, day)
        insort(date.visits, session.visit, key=_time)
        self._detailed[event.site, day] = date
        self._details += 1
        while self._details > MAX_VISITS:
            place, oldest = next(iter(self._detailed.items()))
            oldest.visits.pop(0)
            self._details -= 1
            if not oldest.visits:
                del self._detailed[place]

    def _lengthen(self, site: str, session: _Session, now: float) -> None:
        if session.visit is not None and 0 < now - session.seen <= IDLE_SECONDS:
            for part in self._begun(site, session.visit):
                part.seconds += int(now) - int(session.seen)

    def _touch(self, key: tuple[str, str], session: _Session, now: float, path: str) -> None:
        if (int(session.seen), session.path) != (int(now), path):
            self._tally(key[0], session.seen, session.path, -1)
            self._tally(key[0], now, path, 1)
        session.seen, session.path = now, path
        self._sessions.move_to_end(key)

    def _tally(self, site: str, at: float, path: str, change: int) -> None:
        seen, second = self._seen.setdefault(site, {}), int(at)
        found = seen.setdefault(second, _Second())
        found.sessions += change
        found.pages[path] = found.pages.get(path, 0) + change
        if not found.pages[path]:
            del found.pages[path]
        if not found.sessions:
            del seen[second]

    def _bound_sessions(self) -> None:
        while len(self._sessions) > MAX_SESSIONS:
            key, session = self._sessions.popitem(last=False)
            self._tally(key[0], session.seen, session.path, -1)


def _add(parts: Sequence[Tracked], name: str, value: Any, otherwise: Any) -> None:
    """Count a value in every part, under one name: the first, which has most values, tells whether it has room."""
    counts = getattr(parts[0], name)
    if value not in counts and len(counts) >= MAX_VALUES:
        value = otherwise
    for part in parts:
        counts = getattr(part, name)
        counts[value] = counts.get(value, 0) + 1
