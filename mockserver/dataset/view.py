"""A site's statistics at an instant. All endpoints compute them here, so that they agree.

A view covers UTC dates up to now: generated traffic up to the start of the current minute, and tracked events up to
now. The first date is complete, or starts at a minute.
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
    """The visitors of a country."""

    code: str
    visitors: int
    points: int  # the sum of the visitors' scores


@dataclass(frozen=True, slots=True)
class Page:
    """The traffic of a page."""

    path: str
    views: int
    visitors: int
    seconds: int  # average time on the page


@dataclass(frozen=True, slots=True)
class Technology:
    """Visitors by name, most first."""

    browsers: Sequence[tuple[str, int]]
    systems: Sequence[tuple[str, int]]
    devices: Sequence[tuple[str, int]]


class View:
    """Statistics of the dates from `days` before today up to today.

    `to_the_minute` covers the days × 1,440 minutes that end with the current minute instead.
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
        """The end of the view in ms since 1970: of today, or of the current minute."""
        return self.today * DAY_MS + (self._minute + 60_000 if self.to_the_minute else DAY_MS)

    @cached_property
    def _rows(self) -> list[int | None]:
        return [self.site.recording.find_row(day) for day in range(self.first, self.today + 1)]

    def days(self) -> list[tuple[int, Figures]]:
        """Return the totals of every date, oldest first, including dates without traffic."""
        return list(zip(range(self.first, self.today + 1), self._days, strict=True))

    @cached_property
    def totals(self) -> Figures:
        """The totals of all dates."""
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
        """The indexes of dates that are only partly in the view."""
        places = {0, len(self._rows) - 1} if self._begins else {len(self._rows) - 1}
        return {place for place in places if self._rows[place] is not None}

    def _figures(self, place: int) -> Figures:
        """Return the part of a date's totals that is in the view."""
        whole = self.site.recording.rows[self._rows[place] or 0].figures
        (begin, end), (first, last) = self._visit_spans[place], self._view_spans[place]
        visitors, share = end - begin + len(self._exact_visits(place)), whole.visitors or 1
        return Figures(
            visitors,
            -(-whole.unique * visitors // share),
            last - first + (visitors if self.site.later_views else 0),
            whole.bounces * visitors // share,
            whole.seconds * visitors // share,
        )

    @cached_property
    def _visit_spans(self) -> list[tuple[int, int]]:
        """The start and end of each date in the sequence of visits."""
        return self._spans(self.site.recording.visits_ends)

    @cached_property
    def _view_spans(self) -> list[tuple[int, int]]:
        """The start and end of each date in the sequence of page views."""
        spans = self._spans(self.site.recording.views_ends)
        for place in self._cut:
            begin, end = self._visit_spans[place]
            if begin == end and not self._exact_visits(place):
                spans[place] = (0, 0)  # part of a date with few visits could have page views without a visitor
        return spans

    def _spans(self, ends: Sequence[int]) -> list[tuple[int, int]]:
        spans = [(0, 0) if row is None else (ends[row], ends[row + 1]) for row in self._rows]
        for place in self._cut:
            (begin, end), (since, until) = spans[place], self._hours(place)
            row = self.site.recording.rows[self._rows[place] or 0]
            spans[place] = begin + row.count(end - begin, since - 1), begin + row.count(end - begin, until)
        return spans

    def _hours(self, place: int) -> tuple[int, int]:
        """Return the part of a date that is in the view (ms of the day, inclusive)."""
        return self._begins if place == 0 else 0, self._minute if place == len(self._rows) - 1 else DAY_MS

    def _exact_visits(self, place: int) -> list[Visit]:
        since, until = self._hours(place)
        index = self._rows[place]
        visits = () if index is None else self.site.exact.get(index, ())
        return [visit for visit in visits if since <= visit.at % DAY_MS <= until]

    def countries(self) -> list[Country]:
        """Return the countries, most visitors first."""
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
        """Return the visitors by browser, operating system and device."""
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
        """Return the pages, most page views first. Visitors are those who landed on a page or came to it later."""
        landings, later = self._counts("landings"), self._counts("paths")
        landings.update(visit.landing_page for visit in self._exact)
        for day in self.tracked.values():
            landings.update(day.landings)
            later.update(day.later)
        views, seconds = landings + later, self.site.page_seconds
        everyone = self.totals.visitors
        return [
            # Two of three later views are by visitors new to the page, limited to the number of other visitors.
            Page(
                path,
                count,
                landings[path] + min((later[path] * 2 + 2) // 3, everyone - landings[path]),
                seconds.get(path, 0),
            )
            for path, count in _ranked(views)
        ]

    def ranking(self, name: str) -> list[tuple[Any, int]]:
        """Return the values of a dimension with their counts, most frequent first."""
        return _ranked(self._counts(name))

    def events(self) -> list[tuple[str, int]]:
        """Return custom events by name, most frequent first. Recorded events are distributed like visits."""
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
        """Return the visitors of a page, and its views on every date; zeros for an unknown page."""
        prefix = self.site.dimensions["paths"].lattice.prefix
        number = self.site.shares["paths"].index.get(path)
        if number is None:
            return 0, [(day, 0) for day in range(self.first, self.today + 1)]
        views = [prefix(end)[number] - prefix(begin)[number] for begin, end in self._view_spans]
        total, known = sum(views), self.site.shares["paths"].counts[number]
        visitors = -(-total * self.site.path_visitors[path] // known) if known else 0
        return min(visitors, self.totals.visitors), list(zip(range(self.first, self.today + 1), views, strict=True))

    def _counts(self, name: str) -> Counter[Any]:
        """Count the generated items by value."""
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
        """Return the view as prefixes of the sequence: the end of each prefix, and the factor with which it counts.

        The ends of adjacent dates cancel out, so that consecutive dates need only two prefixes.
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
        """Documented visits in the view."""
        if not self.site.exact:
            return []
        return [
            self._on(visit, self.first + place)
            for place in range(len(self._rows))
            for visit in self._exact_visits(place)
        ]

    def _on(self, visit: Visit, day: int) -> Visit:
        return visit.on(day, identifier(self.site.seed, self.site.id, day, visit.id))

    def visits(self, offset: int, limit: int) -> tuple[list[Visit], int]:
        """Return a page of the visits, newest first, and their total number."""
        singular = [(visit.at, visit) for visit in self._exact]
        tracked = self._activity.visits(self.site.id, self.since, self._now_ms)
        timeline = Timeline[Visit | TrackedVisit](self._slices(), singular, more=tracked)
        return [self._visit(item) for item in timeline.page(offset, limit)], timeline.total

    def timeline(self, every: int, singular: Iterable[tuple[int, Any]]) -> Timeline[Any]:
        """Return every `every`-th generated visit merged with other items by time."""
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
    """Return the ends of spans with their factors, without ends that cancel out."""
    factors: defaultdict[int, int] = defaultdict(int)
    for begin, end in spans:
        factors[end] += 1
        factors[begin] -= 1
    return {end: factor for end, factor in factors.items() if factor and end}


def _ranked(counts: Counter[Any]) -> list[tuple[Any, int]]:
    """Sort by count, highest first, then by name; zero counts are left out."""
    found = [(value, count) for value, count in counts.items() if count > 0]
    return sorted(found, key=lambda pair: (-pair[1], str(pair[0])))
