"""A site's traffic as of an instant: the one place where figures are computed, so that all endpoints agree.

A view covers UTC dates and the last one up to now: what the recording generates as of the start of the current minute,
and what was tracked up to this moment. The first date is whole, or begins at a minute of it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mockserver.dataset.activity import Activity
from mockserver.dataset.instants import DAY_MS
from mockserver.dataset.lattice import Lattice
from mockserver.dataset.recording import Figures
from mockserver.dataset.site import Site
from mockserver.dataset.timeline import Generated, Slice, Timeline
from mockserver.dataset.tracked import Tracked, TrackedVisit
from mockserver.dataset.visits import Visit, identifier


@dataclass(frozen=True, slots=True)
class Country:
    code: str
    visitors: int
    points: int  # the sum of the visitors' scores


@dataclass(frozen=True, slots=True)
class Page:
    path: str
    views: int
    visitors: int
    seconds: int  # that a visitor stays on it on average


@dataclass(frozen=True, slots=True)
class Technology:
    """Visitors by name, most first."""

    browsers: Sequence[tuple[str, int]]
    systems: Sequence[tuple[str, int]]
    devices: Sequence[tuple[str, int]]


class View:
    """The dates from `days` before today up to and including today.

    `to_the_minute`: the days × 1,440 minutes that end with the current one, so that nothing in the view is older.
    """

    def __init__(self, site: Site, days: int, now: float, activity: Activity, *, to_the_minute: bool = False) -> None:
        self.site, self.to_the_minute = site, to_the_minute
        self.today = int(now // 86400)
        self._now_ms = int(now * 1000)
        self._minute = int(now // 60) * 60_000 - self.today * DAY_MS  # of today
        self.since = self.until - (days if to_the_minute else days + 1) * DAY_MS
        self.first, self._begins = divmod(self.since, DAY_MS)
        self._activity = activity
        tracked = activity.days(site.id)
        self.tracked: dict[int, Tracked] = {}
        if tracked:
            self.tracked |= {day: tracked[day] for day in sorted(tracked) if self.first <= day <= self.today}
            if self._begins and self.first in self.tracked:
                self.tracked[self.first] = activity.since(site.id, self.first, self._begins)

    @property
    def until(self) -> int:
        """When the view ends, in ms since 1970: with today, or with the current minute."""
        return self.today * DAY_MS + (self._minute + 60_000 if self.to_the_minute else DAY_MS)

    @cached_property
    def _rows(self) -> list[int | None]:
        return [self.site.recording.row_of(day) for day in range(self.first, self.today + 1)]

    def days(self) -> list[tuple[int, Figures]]:
        """Every date of the view, oldest first, also those without traffic."""
        return list(zip(range(self.first, self.today + 1), self._days, strict=True))

    @cached_property
    def totals(self) -> Figures:
        return sum(self._days, Figures())

    @cached_property
    def _days(self) -> list[Figures]:
        recorded = self.site.recording.rows
        figures = [Figures() if row is None else recorded[row].figures for row in self._rows]
        for place in self._cut:
            figures[place] = self._figures(place)
        for day, tracked in self.tracked.items():
            more = Figures(tracked.visitors, tracked.unique, tracked.views, tracked.bounces, tracked.seconds)
            figures[day - self.first] += more
        return figures

    @cached_property
    def _cut(self) -> set[int]:
        """The dates of the view that are shown in part, by their place in it."""
        places = {0, len(self._rows) - 1} if self._begins else {len(self._rows) - 1}
        return {place for place in places if self._rows[place] is not None}

    def _figures(self, place: int) -> Figures:
        """What of a date's row the view shows."""
        whole = self.site.recording.rows[self._rows[place] or 0].figures
        (begin, end), (first, last) = self._visit_spans[place], self._view_spans[place]
        visitors, share = end - begin + len(self._exact_of(place)), whole.visitors or 1
        return Figures(
            visitors,
            -(-whole.unique * visitors // share),
            last - first + (visitors if self.site.later_views else 0),
            whole.bounces * visitors // share,
            whole.seconds * visitors // share,
        )

    @cached_property
    def _visit_spans(self) -> list[tuple[int, int]]:
        """Where in the sequence of visits those of each date begin and end."""
        return self._spans(self.site.recording.visits_ends)

    @cached_property
    def _view_spans(self) -> list[tuple[int, int]]:
        """Where in the sequence of page views those of each date begin and end."""
        spans = self._spans(self.site.recording.views_ends)
        for place in self._cut:
            begin, end = self._visit_spans[place]
            if begin == end and not self._exact_of(place):
                spans[place] = (0, 0)  # on a quiet date a part of it could have page views, but no visitor
        return spans

    def _spans(self, ends: Sequence[int]) -> list[tuple[int, int]]:
        spans = [(0, 0) if row is None else (ends[row], ends[row + 1]) for row in self._rows]
        for place in self._cut:
            (begin, end), (since, until) = spans[place], self._hours(place)
            row = self.site.recording.rows[self._rows[place] or 0]
            spans[place] = begin + row.count(end - begin, since - 1), begin + row.count(end - begin, until)
        return spans

    def _hours(self, place: int) -> tuple[int, int]:
        """From when until when (ms of the day, inclusive) a date is shown."""
        return self._begins if place == 0 else 0, self._minute if place == len(self._rows) - 1 else DAY_MS

    def _exact_of(self, place: int) -> list[Visit]:
        since, until = self._hours(place)
        index = self._rows[place]
        visits = () if index is None else self.site.exact.get(index, ())
        return [visit for visit in visits if since <= visit.at % DAY_MS <= until]

    def countries(self) -> list[Country]:
        """Most visitors first."""
        counts, points = self._counts("countries"), Counter[str]()
        if self.site.scores:
            cells = self._lattice_counts(self.site.score_lattice, of_views=False)
            for (country, score), count in zip(self.site.score_cells, cells, strict=True):
                points[self.site.dimensions["countries"].values[country]] += score * count
        for visit in self._exact:
            counts[visit.country] += 1
            points[visit.country] += visit.score
        for day in self.tracked.values():
            for code, (visitors, total) in day.countries.items():
                counts[code] += visitors
                points[code] += total
        return [Country(code, visitors, points[code]) for code, visitors in _ranked(counts)]

    def technology(self) -> Technology:
        combined: Counter[tuple[str, str, str]] = self._counts("technology")
        combined.update((visit.device, visit.browser, visit.os) for visit in self._exact)
        for day in self.tracked.values():
            combined.update(day.technology)
        devices, browsers, systems = Counter[str](), Counter[str](), Counter[str]()
        for (device, browser, system), visitors in combined.items():
            devices[device] += visitors
            browsers[browser] += visitors
            systems[system] += visitors
        return Technology(_ranked(browsers), _ranked(systems), _ranked(devices))

    def pages(self) -> list[Page]:
        """Most page views first. A page's visitors are those who landed on it and those of the others who came by."""
        landings, later = self._counts("landings"), self._counts("paths")
        landings.update(visit.landing_page for visit in self._exact)
        for day in self.tracked.values():
            landings.update(day.landings)
            later.update(day.later)
        views, seconds = landings + later, self.site.page_seconds
        everyone = self.totals.visitors
        return [
            # Two of three later views are by somebody new to the page; never more than there are other visitors.
            Page(
                path,
                count,
                landings[path] + min((later[path] * 2 + 2) // 3, everyone - landings[path]),
                seconds.get(path, 0),
            )
            for path, count in _ranked(views)
        ]

    def ranking(self, name: str) -> list[tuple[Any, int]]:
        """The values of one dimension, most frequent first."""
        return _ranked(self._counts(name))

    def events(self) -> list[tuple[str, int]]:
        """Custom events by name, most frequent first: spread over the recording as its visits are."""
        counts: Counter[str] = Counter()
        source = self.site.shares.get("events")
        ends = self.site.recording.visits_ends
        whole = ends[-1] or 1
        if source is not None:
            for name, count in zip(source.values, source.counts, strict=True):
                number = count * self.site.scale
                counts[name] = sum(
                    factor * (number * end // whole) for end, factor in self._ends(of_views=False).items()
                )
        for day in self.tracked.values():
            counts.update(day.events)
        return _ranked(counts)

    def path_days(self, path: str) -> tuple[int, list[tuple[int, int]]]:
        """Visitors of one page, and its views on every date. Nothing but zeros for a page nobody knows."""
        prefix = self.site.dimensions["paths"].lattice.prefix
        number = self.site.shares["paths"].index.get(path)
        if number is None:
            return 0, [(day, 0) for day in range(self.first, self.today + 1)]
        views = [prefix(end)[number] - prefix(begin)[number] for begin, end in self._view_spans]
        total, known = sum(views), self.site.shares["paths"].counts[number]
        visitors = -(-total * self.site.path_visitors[path] // known) if known else 0
        return min(visitors, self.totals.visitors), list(zip(range(self.first, self.today + 1), views, strict=True))

    def _counts(self, name: str) -> Counter[Any]:
        """Generated items by value."""
        dimension = self.site.dimensions.get(name)
        if dimension is None:
            return Counter()
        return Counter(
            dict(
                zip(dimension.values, self._lattice_counts(dimension.lattice, of_views=dimension.of_views), strict=True)
            )
        )

    def _lattice_counts(self, lattice: Lattice, *, of_views: bool) -> Iterable[int]:
        totals = [0] * len(lattice.bounds)
        for end, factor in self._ends(of_views=of_views).items():
            totals = [total + factor * count for total, count in zip(totals, lattice.prefix(end), strict=True)]
        return totals

    def _ends(self, *, of_views: bool) -> dict[int, int]:
        """The view as runs of the sequence: how often the items before each end are in it, less how often they are not.

        Neighbouring dates share an end and cancel out: thirty dates in a row take two ends, a year hardly more.
        """
        return self._view_ends if of_views else self._visit_ends

    @cached_property
    def _visit_ends(self) -> dict[int, int]:
        return _runs(self._visit_spans)

    @cached_property
    def _view_ends(self) -> dict[int, int]:
        return _runs(self._view_spans)

    @cached_property
    def _exact(self) -> list[Visit]:
        """The documented visits in the view."""
        if not self.site.exact:
            return []
        return [
            self._on(visit, self.first + place) for place in range(len(self._rows)) for visit in self._exact_of(place)
        ]

    def _on(self, visit: Visit, day: int) -> Visit:
        return visit.on(day, identifier(self.site.seed, self.site.id, day, visit.id))

    def visits(self, offset: int, limit: int) -> tuple[list[Visit], int]:
        """A page of the visits, newest first, and how many there are in all."""
        singular = [(visit.at, visit) for visit in self._exact]
        tracked = self._activity.visits(self.site.id, self.since, self._now_ms)
        timeline = Timeline[Visit | TrackedVisit](self._slices(), singular, more=tracked)
        return [self._visit(item) for item in timeline.page(offset, limit)], timeline.total

    def timeline(self, every: int, singular: Iterable[tuple[int, Any]]) -> Timeline[Any]:
        """A list of every `every`-th generated visit and of what else has its place among them by time."""
        return Timeline(self._slices() if every else (), singular, max(1, every))

    def _slices(self) -> list[Slice]:
        recording = self.site.recording
        slices = []
        for place, row in enumerate(self._rows):
            if row is not None:
                start, stop = recording.visits_ends[row], recording.visits_ends[row + 1]
                begin, end = self._visit_spans[place]
                slices.append(
                    Slice(self.first + place, row, recording.rows[row], stop - start, end - start, begin - start)
                )
        return slices

    def _visit(self, item: Generated | Visit | TrackedVisit) -> Visit:
        if isinstance(item, Visit):
            return item
        if isinstance(item, TrackedVisit):
            return self._tracked(item)
        return self.site.visit(item.slice.day, item.slice.index, item.item, item.at)

    def _tracked(self, visit: TrackedVisit) -> Visit:
        event = visit.event
        return Visit(
            identifier(self.site.id, visit.id),
            visit.at,
            event.country,
            event.city,
            event.device,
            event.browser,
            event.os,
            event.score,
            event.path,
            event.referrer,
            visit.interaction,
        )


def _runs(spans: Iterable[tuple[int, int]]) -> dict[int, int]:
    """The ends of runs with their factors; ends that cancel out are left out."""
    factors: defaultdict[int, int] = defaultdict(int)
    for begin, end in spans:
        factors[end] += 1
        factors[begin] -= 1
    return {end: factor for end, factor in factors.items() if factor and end}


def _ranked(counts: Counter[Any]) -> list[tuple[Any, int]]:
    """Highest count first, equal ones by name; what does not occur is left out."""
    found = [(value, count) for value, count in counts.items() if count > 0]
    return sorted(found, key=lambda pair: (-pair[1], str(pair[0])))
