"""Visits of websites, made from a seed."""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from uuid import UUID

DAY = 86_400
HISTORY = 380  # days
COUNTRIES = (
    ("SE", "Sweden", "Lund"),
    ("BR", "Brazil", "Recife"),
    ("JP", "Japan", "Sapporo"),
    ("KE", "Kenya", "Nakuru"),
    ("US", "United States", "Denver"),
    ("PT", "Portugal", "Braga"),
)
BROWSERS = ("Firefox", "Chrome", "Safari", "Edge")
SYSTEMS = ("Linux", "Android", "Windows", "iOS", "macOS")
DEVICES = ("desktop", "mobile", "tablet")
PATHS = ("/", "/docs", "/pricing", "/blog/märz", "/about us", "/signup")
REFERRERS = ("https://search.example", "https://news.example/item?id=7", None, None)
EVENTS = ("signup", "download", "play", "share")


@dataclass(frozen=True)
class View:
    """One page view."""

    path: str
    at: int


@dataclass(frozen=True)
class Visit:
    """One visit. `events` are the names of its custom events, all at its beginning."""

    id: str
    session: str
    person: str
    at: int
    views: tuple[View, ...]
    country: tuple[str, str, str]
    device: str
    browser: str
    system: str
    score: int
    referrer: str | None
    interacted: bool
    events: tuple[str, ...] = ()

    @property
    def seconds(self) -> int:
        """How long the visit lasts."""
        return self.views[-1].at - self.at


def uuid_of(dice: random.Random) -> str:
    """Return a random UUID."""
    return str(UUID(int=dice.getrandbits(128), version=4))


def _visit(dice: random.Random, at: int, persons: int) -> Visit:
    moments = [at]
    for _ in range(dice.choice((0, 0, 1, 1, 2, 4))):
        moments.append(moments[-1] + dice.randint(5, 90))
    favourites = sorted(range(6), key=lambda i: i + dice.random() * 3)
    return Visit(
        id=uuid_of(dice),
        session=f"{dice.getrandbits(48):012x}",
        person=f"p{dice.randrange(persons)}",
        at=at,
        views=tuple(View(PATHS[favourites[min(dice.randrange(6), dice.randrange(6))]], moment) for moment in moments),
        country=COUNTRIES[min(dice.randrange(6), dice.randrange(6))],
        device=DEVICES[min(dice.randrange(3), dice.randrange(3))],
        browser=BROWSERS[min(dice.randrange(4), dice.randrange(4))],
        system=SYSTEMS[min(dice.randrange(5), dice.randrange(5))],
        score=dice.randint(0, 100),
        referrer=dice.choice(REFERRERS),
        interacted=dice.random() < 0.6,
        events=tuple(dice.choice(EVENTS) for _ in range(dice.choice((0, 0, 0, 1, 2)))),
    )


def _day(seed: int, busy: int, start: int, ago: int) -> list[Visit]:
    dice = random.Random(f"{seed}/{busy}/{ago}")
    count = round(busy * dice.uniform(0.6, 1.4))
    moments = sorted(start - ago * DAY + dice.randrange(DAY) for _ in range(count))
    return [_visit(dice, moment, persons=busy * 40) for moment in moments]


@lru_cache(maxsize=16)
def _history(seed: int, busy: int, start: int) -> tuple[tuple[Visit, ...], tuple[int, ...]]:
    visits = [visit for ago in range(HISTORY, -1, -1) for visit in _day(seed, busy, start, ago)]
    return tuple(visits), tuple(visit.at for visit in visits)


def visits(seed: int, busy: int, start: float, until: float, since: float = 0.0) -> list[Visit]:
    """Return the visits that began from `since` to `until`, oldest first, of a server that began at `start`.

    What lies how long before a server's start is the same for each: a test finds the same data today and tomorrow.
    """
    if not busy:
        return []
    every, moments = _history(seed, busy, int(start))
    found = list(every[bisect_left(moments, since) : bisect_right(moments, until)])
    for index in range(len(found) - 1, -1, -1):  # visits that are not over
        if found[index].at < until - 600:
            break
        found[index] = replace(found[index], views=tuple(view for view in found[index].views if view.at <= until))
    return found


def date_of(at: float) -> str:
    """Return the date of an instant, in UTC."""
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def dates(first: str, last: str) -> list[str]:
    """Return every date from the first to the last."""
    start, end = date.fromisoformat(first).toordinal(), date.fromisoformat(last).toordinal()
    return [date.fromordinal(day).isoformat() for day in range(start, end + 1)]


def instant(at: float, digits: str = "milliseconds") -> str:
    """Return an instant in UTC as RFC 3339 writes it."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec=digits).replace("+00:00", "Z")


def next_month(at: float) -> float:
    """Return when the next calendar month begins, in UTC."""
    now = datetime.fromtimestamp(at, UTC)
    return datetime(now.year + now.month // 12, now.month % 12 + 1, 1, tzinfo=UTC).timestamp()


def ranked(counts: dict[str, int], dice: random.Random | None = None) -> list[tuple[str, int]]:
    """Return names with their counts, most first; equal counts by name, or as the dice fall."""
    items = sorted(counts.items())
    if dice:
        dice.shuffle(items)
    return sorted(items, key=lambda item: -item[1])
