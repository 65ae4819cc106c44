"""What the servers of this folder share: keys that are counted, parameters of a query, figures that are kept."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.strangers.finish import Sent, finish
from tests.strangers.habits import Habits
from tests.strangers.message import RefusedError, Request, Response
from tests.strangers.traffic import Visit, next_month, visits

MINUTE = 60


@dataclass(frozen=True)
class Site:
    """One website, and how busy it is: visits a day."""

    id: str
    domain: str
    name: str
    code: str
    active: bool
    created: float
    owner: str
    busy: int
    number: int


@dataclass
class Key:
    """One key with its counters. `site`: the only one it may see."""

    id: str
    name: str
    plan: str
    owner: str
    site: str | None = None
    revoked: bool = False
    powerless: bool = False
    began: float = 0.0  # the minute
    minute: int = 0
    month: int = 0
    total: int = 0
    month_ends: float = 0.0


@dataclass
class Store:
    """Everything that a server knows."""

    sites: list[Site]
    keys: dict[str, Key]
    tracked: dict[str, list[Visit]] = field(default_factory=dict)
    beats: dict[tuple[str, str], float] = field(default_factory=dict)
    kept: dict[Any, tuple[float, Any]] = field(default_factory=dict)


class Base:
    """A server. `clock` gives the time in seconds."""

    def __init__(self, clock: Callable[[], float], habits: Habits | None = None) -> None:
        self.habits = habits or Habits()
        self.clock = clock
        self.start = clock()
        self.store = self.furnish(self.habits.seed, self.start)
        self.dice = random.Random(self.habits.seed)
        self.answered = 0

    @staticmethod
    def furnish(seed: int, now: float) -> Store:
        """Return the sites and keys of a server that starts now."""
        raise NotImplementedError

    def now(self) -> float:
        return self.clock() + self.habits.skew

    def handle(self, request: Request) -> Sent:
        """Answer one request."""
        self.answered += 1
        return finish(request, self.respond(request), self.habits)

    def respond(self, request: Request) -> Response:
        raise NotImplementedError

    def invalid(self, name: str, value: Any, expected: str) -> RefusedError:
        raise NotImplementedError

    # parameters

    def given(self, request: Request, *declared: str) -> dict[str, str]:
        """Return the query's parameters, by name."""
        found: dict[str, str] = {}
        for name, value in request.pairs():
            if name not in declared:
                if self.habits.strict_query and name != "api_key":
                    raise self.invalid(name, value, "left out")
                continue
            if name in found and self.habits.repeated == "refuse":
                raise self.invalid(name, value, "given once")
            if name not in found or self.habits.repeated != "first":
                found[name] = value
        return found

    def whole(self, given: dict[str, str], name: str, default: int, low: int, high: int | None = None) -> int:
        """Return a parameter that is a whole number within bounds."""
        text = given.get(name)
        if text is None:
            return default
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit()):
            raise self.invalid(name, text, "an integer")
        number = int(text) if len(digits) < 18 else 10**18
        if number < low or (high is not None and number > high):
            if not self.habits.clamps:
                raise self.invalid(name, text, f"between {low} and {high}")
            number = max(low, number if high is None else min(high, number))
        return number

    def choice(self, given: dict[str, str], name: str, values: Iterable[str], default: str | None) -> str | None:
        """Return a parameter that is one of some values."""
        value = given.get(name, default)
        if value is not None and value not in values:
            raise self.invalid(name, value, "one of " + ", ".join(values))
        return value

    # keys

    def turn(self, key: Key) -> None:
        """Begin a new minute or month where one has ended."""
        now = self.now()
        if now >= key.began + MINUTE:
            key.began = now if self.habits.sliding else now // MINUTE * MINUTE
            key.minute = 0
        if now >= key.month_ends:
            key.month = 0 if key.month_ends else key.month
            key.month_ends = next_month(now)

    def seconds_until(self, end: float) -> int:
        """Return how many whole seconds to wait."""
        return max(1, -int(-(end - self.now()) // 1))

    # figures

    def seeded(self, site: Site, since: float) -> list[Visit]:
        return visits(self.habits.seed * 100 + site.number, site.busy, self.start, self.now(), since)

    def visits(self, site: Site, since: float) -> list[Visit]:
        """Return a site's visits from an instant until now, oldest first."""
        found = self.seeded(site, max(since, site.created))
        found += [visit for visit in self.store.tracked.get(site.code, []) if visit.at >= since]
        if self.habits.lag and self.answered % 2:
            found = found[:-1]
        return found

    def alive(self, site: Site, seconds: int) -> dict[str, str]:
        """Return the sessions with a page view or heartbeat within some seconds, each with its latest page."""
        since = self.now() - seconds
        found = {}
        for visit in self.seeded(site, since - 3600):
            for view in visit.views:
                if since < view.at <= self.now():
                    found[visit.session] = view.path
        for (code, session), at in self.store.beats.items():
            if code == site.code and since < at:
                found[session] = "/"
        return found

    def kept(self, make: Callable[[], Any], *of: Any) -> Any:
        """Return figures, which may be some seconds old."""
        at, value = self.store.kept.get(of, (0.0, None))
        if not self.habits.cached or self.now() >= at + self.habits.cached:
            at, value = self.now(), make()
            self.store.kept[of] = at, value
        return value

    def ties(self) -> random.Random | None:
        return self.dice if self.habits.shuffled_ties else None
