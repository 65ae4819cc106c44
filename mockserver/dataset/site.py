"""A site of a dataset: its record in the format of the API, its recorded traffic and its audience."""

from collections import Counter
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from mockserver.dataset.audience import (
    Dimension,
    Places,
    Shares,
    country_code,
    device_type,
    one_column,
    score,
    score_levels,
    shares,
)
from mockserver.dataset.instants import DAY_MS, to_day, to_ms, to_time
from mockserver.dataset.lattice import IRRATIONALS, Lattice
from mockserver.dataset.reading import Entry, FixtureError, read_csv, text, whole
from mockserver.dataset.recording import RecordedRows, Recording, read_rows
from mockserver.dataset.records import Record, read_records
from mockserver.dataset.visits import Visit, identifier, number, per_row, read_visits

_MEMBERS: Mapping[str, type] = {"folder": str, "record": Entry, "as_of": str}
_OPTIONAL: Mapping[str, type] = {
    "editions": list,
    "active_hours": str,
    "live": list,
    "replay_every": int,
    "interaction_percent": int,
}


class Site:
    """A site, immutable. `mockserver.dataset.view` computes its statistics."""

    def __init__(
        self, entry: Entry, site_id: str, created: str, folder: Path, places: Places, scale: int, seed: int
    ) -> None:
        entry.check(_MEMBERS, _OPTIONAL)
        self.id = site_id
        self.entry = entry
        self.record: Mapping[str, Any] = entry.entry("record").plain()
        self.folder = folder
        self.places = places
        self.scale = scale
        self.seed = seed
        self.as_of = _day(entry, "as_of")
        self.replay_every: int = entry.values.get("replay_every") or 0
        self.interaction_percent: int = entry.values.get("interaction_percent", 50)
        if self.replay_every < 0 or not 0 <= self.interaction_percent <= 100:
            entry.fail("replay_every", "'replay_every' cannot be negative, 'interaction_percent' must be 0 to 100")
        self.live = _live(entry)
        self.records: Mapping[str, tuple[Record, ...]] = read_records(folder / "records")
        self.created = _created(entry, created)  # ms since 1970: before, the site does not exist
        self._read_traffic()
        self._read_audience()
        self._check_visits()

    def exists(self, now: float) -> bool:
        """Return whether the site was created at or before `now` (epoch seconds)."""
        return self.created <= now * 1000

    def _read_traffic(self) -> None:
        recorded: RecordedRows = read_rows(self.folder / "traffic.csv", _hours(self.entry), self.scale)
        self._visits = read_visits(self.folder / "visits.yaml")
        exact = per_row(self._visits, recorded.first_day, len(recorded.rows))
        self._pages = read_csv(
            self.folder / "pages.csv",
            {"path": text},
            {"landing_share": whole, "later_share": whole, "seconds": whole, "views": whole, "visitors": whole},
        )
        column = one_column(self.folder / "pages.csv", self._pages, ("later_share", "views"))
        # If pages.csv has landing shares, page views are one landing per visit plus the later ones.
        self.later_views = column == "later_share"
        begins = -(-self.created // DAY_MS)  # the first whole day
        self.recording = Recording(recorded.rows, recorded.first_day, begins, recorded.cycle, exact, self.later_views)
        self.exact: Mapping[int, tuple[Visit, ...]] = {
            row: tuple(visit for _, visit in self._visits if visit.at // DAY_MS - recorded.first_day == row)
            for row in exact
        }
        for entry, visit in self._visits:
            row = recorded.rows[visit.at // DAY_MS - recorded.first_day]
            if exact[visit.at // DAY_MS - recorded.first_day] > row.figures.visitors:
                entry.fail(
                    "visited_at", f"expected at most {row.figures.visitors} visits on this date, as in traffic.csv"
                )

    def _read_audience(self) -> None:
        self.shares: dict[str, Shares] = {}
        self.scores: tuple[Any, ...] = ()
        if self.later_views:  # visits can be listed, so each needs a country and a technology
            for name in ("countries", "technology"):
                if not (self.folder / f"{name}.csv").exists():
                    raise FixtureError(self.folder / f"{name}.csv", 0, "this file is missing")
        countries = self._read("countries", ("code",), {"code": country_code}, {"avg_value_score": score})
        if countries and "avg_value_score" in countries[0].values:
            self.scores = tuple(entry.values["avg_value_score"] for entry in countries)
        self._read("technology", ("device", "browser", "os"), {"device": device_type, "browser": text, "os": text})
        self._read("referrers", ("referrer",), {"referrer": lambda cell: cell or None})
        self._read("browsers", ("browser",), {"browser": text})
        self._read("events", ("name",), {"name": text})
        self.page_seconds: Mapping[str, int] = {
            entry.values["path"]: entry.values.get("seconds", 0) for entry in self._pages
        }
        paths = [entry.values["path"] for entry in self._pages]
        visits, views = self._base(of_views=False), self._base(of_views=True)
        if self.later_views:
            one_column(self.folder / "pages.csv", self._pages, ("landing_share",))
            self.shares["landings"] = shares("landings", self._pages, paths, "landing_share", visits, of_views=False)
            self.shares["paths"] = shares("paths", self._pages, paths, "later_share", views, of_views=True)
            return
        self.shares["paths"] = shares("paths", self._pages, paths, "views", views, of_views=True)
        self.path_visitors: Mapping[str, int] = {
            entry.values["path"]: entry.values.get("visitors", 0) for entry in self._pages
        }
        for entry in self._pages:
            if not min(1, entry.values["views"]) <= entry.values.get("visitors", 0) <= entry.values["views"]:
                entry.fail(None, "'visitors' must be from 1 to the views of the page")

    def _base(self, *, of_views: bool) -> int:
        """Return the unscaled total of a file of shares."""
        figures = self.recording.totals
        later = figures.views - figures.visitors if self.later_views else figures.views
        return (later if of_views else figures.visitors) // self.scale

    def _read(
        self,
        name: str,
        key: tuple[str, ...],
        columns: Mapping[str, Callable[[str], Any]],
        extra: Mapping[str, Any] | None = None,
    ) -> tuple[Entry, ...]:
        file = self.folder / f"{name}.csv"
        if not file.exists():
            return ()
        entries = read_csv(
            file, columns, {**(extra or {}), "share": whole, "visitors": whole, "views": whole, "count": whole}
        )
        column = one_column(file, entries, ("share", "visitors", "views", "count"))
        values = [
            entry.values[key[0]] if len(key) == 1 else tuple(entry.values[part] for part in key) for entry in entries
        ]
        if column == "count":  # independent of visits, such as events
            total = sum(entry.values[column] for entry in entries)
        else:
            total = self._base(of_views=column == "views")
        self.shares[name] = shares(name, entries, values, column, total, of_views=column == "views")
        return entries

    def _check_visits(self) -> None:
        """Check that documented visits only use values of the files of shares; otherwise totals would differ."""
        self._exact_counts: dict[str, Counter[int]] = {name: Counter() for name in self.shares}
        for entry, visit in self._visits:
            for name, member, value in (
                ("countries", "country_code", visit.country),
                ("technology", "browser", (visit.device, visit.browser, visit.os)),
                ("landings", "landing_page", visit.landing_page),
                ("referrers", "referrer", visit.referrer),
            ):
                if name not in self.shares or value not in self.shares[name].index:
                    file = "pages" if name == "landings" else name
                    entry.fail(member, f"{value!r} is not in {file}.csv")
                self._exact_counts[name][self.shares[name].index[value]] += 1
        for name, counts in self._exact_counts.items():
            for index, exact in counts.items():
                available = self.shares[name].counts[index] * self.scale
                if exact > available:
                    value = self.shares[name].values[index]
                    reason = f"expected at most {available} visits with {value!r}, found {exact}"
                    raise FixtureError(self.folder / "visits.yaml", 0, reason)

    @cached_property
    def dimensions(self) -> Mapping[str, Dimension]:
        """The distributions of all files of shares except events, by name."""
        return {
            name: Dimension(source, self.scale, self._exact_counts[name], number(self.seed, self.id, name), place)
            for place, (name, source) in enumerate(sorted(self.shares.items()))
            if name != "events"
        }

    @cached_property
    def score_cells(self) -> tuple[tuple[int, int], ...]:
        """(country number, score) of each cell of `score_lattice`."""
        return tuple((country, level) for country, level, _ in self._score_cells)

    @cached_property
    def _score_cells(self) -> tuple[tuple[int, int, int], ...]:
        source, exact = self.shares["countries"], self._exact_counts["countries"]
        documented: Counter[str] = Counter()
        for _, visit in self._visits:
            documented[visit.country] += visit.score
        cells: list[tuple[int, int, int]] = []
        for country, code in enumerate(source.values):
            visitors = source.counts[country] * self.scale
            points = round(self.scores[country] * visitors) - documented[code]
            generated = visitors - exact[country]
            points = max(0, min(100 * generated, points))
            cells += [(country, level, count) for level, count in score_levels(generated, points)]
        return tuple(cells)

    @cached_property
    def score_lattice(self) -> Lattice:
        """The joint distribution of countries and scores, with the positions of the countries' lattice."""
        countries = self.dimensions["countries"].lattice
        place = sorted(self.shares).index("countries")
        counts = (count for _, _, count in self._score_cells)
        return Lattice(counts, irrational=IRRATIONALS[place], offset=countries.offset)

    @cached_property
    def mix(self) -> Lattice:
        """Evenly spread positions for members of single visits that are never counted: city, interaction, length."""
        return Lattice(
            (self.recording.visits_ends[-1],), irrational=0.5698402909980532, offset=number(self.seed, self.id, "mix")
        )

    def visit(self, day: int, row: int, index: int, at: int) -> Visit:
        """Return generated visit `index` of a date."""
        item = self.recording.visits_ends[row] + index
        country, points = self.country_and_score(item)
        device, browser, system = self.dimensions["technology"].value(item)
        mixed = self.mix.position(item)
        return Visit(
            identifier(self.seed, self.id, day, index),
            at,
            country,
            self.city(country, mixed),
            device,
            browser,
            system,
            points,
            self.dimensions["landings"].value(item),
            self.dimensions["referrers"].value(item) if "referrers" in self.shares else None,
            mixed * 7919 % self.mix.total * 100 < self.interaction_percent * self.mix.total,
        )

    def country_and_score(self, item: int) -> tuple[str, int]:
        """Return the country and the score of a generated visit."""
        countries = self.dimensions["countries"]
        if not self.scores:
            return countries.value(item), 50
        country, points = self.score_cells[self.score_lattice.value(item)]
        return countries.values[country], points

    def city(self, country: str, mixed: int) -> str:
        """Return the city at a position of `mix`, or the name of a country without cities."""
        cities = self.places.cities.get(country)
        if not cities:
            return self.places.name(country)
        place = mixed * sum(share for _, share in cities) // max(1, self.mix.total)
        for city, share in cities:
            place -= share
            if place < 0:
                return city
        return cities[0][0]


def _day(entry: Entry, member: str) -> int:
    try:
        return to_day(entry.values[member])
    except ValueError as error:
        entry.fail(member, f"'{member}' {error}")


def _created(entry: Entry, member: str) -> int:
    record = entry.entry("record")
    try:
        return to_ms(record.values.get(member, ""))
    except ValueError as error:
        record.fail(member, f"'{member}' {error}")


def _hours(entry: Entry) -> tuple[int, int]:
    opens, _, closes = entry.values.get("active_hours", "00:00-24:00").partition("-")
    try:
        hours = to_time(opens), to_time(closes)
    except ValueError as error:
        entry.fail("active_hours", f"'active_hours' must be like 08:00-20:00; each time {error}")
    if hours[0] >= hours[1]:
        entry.fail("active_hours", "'active_hours' must end after its start")
    return hours


def _live(entry: Entry) -> Mapping[str, int]:
    pages: dict[str, int] = {}
    if "live" not in entry.values:
        return pages
    for page in entry.entries("live"):
        page.check({"path": str, "visitors": int})
        if page.values["path"] in pages or page.values["visitors"] < 0:
            page.fail("path", "a page must be listed once, with 0 or more visitors")
        pages[page.values["path"]] = page.values["visitors"]
    return pages
