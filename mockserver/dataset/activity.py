"""Tracked events: visits, page views and live sessions, in addition to the fixtures, until a reset.

Counters are exact and cost O(1) per event. Memory is bounded: the number of sessions, of visits with details, and of
distinct values such as paths (further values are counted as one).
"""

from bisect import insort
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mockserver.dataset.instants import DAY_MS
from mockserver.dataset.tracked import BY_TIME, Event, Tracked, TrackedDay, TrackedVisit, Visits

IDLE_SECONDS = 1800  # after half an hour without an event, the next page view begins a new visit
MAX_SESSIONS = 20_000
MAX_VISITS = 10_000
MAX_VALUES = 1_000
MAX_DAYS = 800
MINUTE_DAYS = 2  # recent dates with counters per minute: the last 24 hours span two dates
OTHER = "(other)"


@dataclass(slots=True)
class _Session:
    seen: float
    path: str
    visit: TrackedVisit | None = None
    visit_day: int = 0
    views: int = 0


@dataclass(slots=True)
class _Second:
    """The number of sessions last seen in one second, in total and by page."""

    sessions: int = 0
    pages: dict[str, int] = field(default_factory=dict)


class Activity:
    """Tracked events of all sites, in memory. `version` increases with every change."""

    def __init__(self) -> None:
        self.version = 0
        self._clear()

    def _clear(self) -> None:
        self._days: dict[str, dict[int, TrackedDay]] = {}
        self._sessions: OrderedDict[tuple[str, str], _Session] = OrderedDict()
        self._seen: dict[str, dict[int, _Second]] = {}  # by site and second
        self._parts: dict[tuple[str, int], tuple[int, int, Tracked]] = {}  # cached results of `since`
        self._count = 0
        self._detailed: OrderedDict[tuple[str, int], TrackedDay] = OrderedDict()  # dates with visit details
        self._details = 0

    def reset(self) -> None:
        """Remove all tracked events."""
        self._clear()
        self.version += 1

    def track(self, event: Event, now: float) -> None:
        """Count an event. A session's first page view, and the first after half an hour, begins a visit."""
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
        """Keep a session alive; return False if it is unknown."""
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
        """Add a session from shared state."""
        self._sessions[site, session] = _Session(seen, path, visit, visit_day, views)
        self._tally(site, seen, path, 1)

    def live(self, site: str, now: float, seconds: float) -> int:
        """Return the number of sessions seen in the last `seconds`."""
        return sum(seen.sessions for seen in self._live(site, now, seconds))

    def live_pages(self, site: str, now: float, seconds: float) -> dict[str, int]:
        """Return the number of sessions seen in the last `seconds` by their current page."""
        pages: dict[str, int] = {}
        for seen in self._live(site, now, seconds):
            for path, count in seen.pages.items():
                pages[path] = pages.get(path, 0) + count
        return pages

    def _live(self, site: str, now: float, seconds: float) -> Iterator[_Second]:
        seen, last = self._seen.get(site, {}), int(now)
        if len(seen) < seconds:
            return (one for at, one in seen.items() if last - seconds < at <= last)
        return (seen[at] for at in range(last - int(seconds) + 1, last + 1) if at in seen)

    def days(self, site: str) -> Mapping[int, TrackedDay]:
        """Return the site's tracked dates, by days since 1970."""
        return self._days.get(site, {})

    def since(self, site: str, day: int, ms: int) -> Tracked:
        """Return a date's counters from a time of the day (ms) on; cached until they change."""
        date = self._days[site][day]
        known = self._parts.get((site, day))
        if known is not None and known[:2] == (ms, date.changes) and date.minutes is not None:
            return known[2]
        part = date.since(ms)
        self._parts[site, day] = ms, date.changes, part
        return part

    def visits(self, site: str, since: int, until: int) -> Visits:
        """Return a site's visits that began between two instants (ms since 1970, inclusive)."""
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
        self._sessions[key] = session = _Session(now, event.path)
        self._tally(event.site, now, event.path, 1)
        return session

    def _begun(self, site: str, visit: TrackedVisit) -> Sequence[Tracked]:
        """Return the counters of the date and the minute in which a visit began."""
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
        insort(date.visits, session.visit, key=BY_TIME)
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
    """Count a value in all parts; as `otherwise` if the first part, which has the most values, is full."""
    counts = getattr(parts[0], name)
    if value not in counts and len(counts) >= MAX_VALUES:
        value = otherwise
    for part in parts:
        counts = getattr(part, name)
        counts[value] = counts.get(value, 0) + 1
