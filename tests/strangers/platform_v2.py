"""The Analytics Platform API v2 as its one page describes it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.strangers.base import Base, Key, Site, Store
from tests.strangers.finish import http_date
from tests.strangers.message import RefusedError, Request, Response
from tests.strangers.traffic import Visit, date_of, dates, instant, ranked

LIMIT = 100
RANGES = {"7d": 7, "30d": 30, "90d": 90}
ACTIVE_SECONDS = 300
KEYS = {"main": "three-account", "scoped": "three-one-site", "revoked": "three-revoked"}


def store_of(seed: int, now: float) -> Store:
    """Return a store with sites and keys made from a seed."""
    dice = random.Random(f"platform {seed}")
    rows = (
        ("docs.example", "Docs", True, 210, "account", 12),
        ("shop.example", "Shop «Zwei»", True, 800, "account", 30),
        ("landing.example", "Landing page", False, 40, "account", 1),
        ("void.example", "Void", True, 9, "account", 0),
        ("foreign.example", "Foreign", True, 90, "other", 5),
    )
    sites = [
        Site(f"{dice.getrandbits(100):025x}", domain, name, "", active, now // 1 - age * 86_400, owner, busy, i)
        for i, (domain, name, active, age, owner, busy) in enumerate(rows)
    ]
    keys = {
        KEYS["main"]: Key("a", "main", "standard", "account"),
        KEYS["scoped"]: Key("b", "scoped", "standard", "account", sites[0].id),
        KEYS["revoked"]: Key("c", "revoked", "standard", "account", revoked=True),
    }
    return Store(sites, keys)


class Server(Base):
    """The API."""

    furnish = staticmethod(store_of)

    # one request, top to bottom

    def respond(self, request: Request) -> Response:
        key: Key | None = None
        try:
            if request.segments()[:2] != ["api", "v2"]:
                raise RefusedError(404, "", "Not found")
            key = self.authenticate(request)
            self.count(key)
            return Response(200, self.body(request, key)).having(*self.limit_headers(key))
        except RefusedError as refusal:
            return self.refused(refusal, key)

    def refused(self, refusal: RefusedError, key: Key | None) -> Response:
        body: dict[str, Any] = {"error": refusal.message}
        if self.habits.rich_errors:
            body |= {"status": refusal.status, "docs": None, "data": {}}
        response = Response(refusal.status, body)
        if refusal.status == 401:
            response = response.having(("WWW-Authenticate", 'Bearer realm="v2"'))
        if refusal.status == 405:
            response = response.having(("Allow", "GET"))
        if key and not (self.habits.sparse_headers and refusal.status in (404, 405)):
            response = response.having(*self.limit_headers(key))
        if key and refusal.status == 429:
            end = key.began + 60
            response = response.having(
                ("Retry-After", http_date(end + 1) if self.habits.dated_retry else str(self.seconds_until(end)))
            )
        return response

    def authenticate(self, request: Request) -> Key:
        scheme, _, token = (request.header("Authorization") or "").partition(" ")
        if not scheme and self.habits.key_in_query:
            scheme, token = "bearer", dict(request.pairs()).get("api_key", "")
        key = self.store.keys.get(token.strip())
        if scheme.lower() != "bearer" or key is None or key.revoked:
            raise RefusedError(401, "", "Unauthorized — provide a valid API key")
        return key

    def count(self, key: Key) -> None:
        """Count a request of a key, or refuse it."""
        self.turn(key)
        if key.minute >= LIMIT:
            raise RefusedError(
                429, "", "Slow down" if self.habits.own_words else "Rate limit exceeded — wait and retry"
            )
        key.minute += 1

    def limit_headers(self, key: Key) -> list[tuple[str, str]]:
        return [
            ("X-RateLimit-Limit", str(LIMIT)),
            ("X-RateLimit-Remaining", str(LIMIT - key.minute)),
            ("X-RateLimit-Reset", str(int((key.began + 60) * 1000))),
        ]

    def body(self, request: Request, key: Key) -> Any:
        """Return the JSON of a request."""
        path = request.segments()[2:]
        if path == ["sites"]:
            self.allow(request)
            self.given(request)
            return {"sites": [self.row(site) for site in self.store.sites if self.may(key, site)]}
        if len(path) != 3 or path[0] != "sites" or not path[1]:
            raise RefusedError(404, "", "Not found")
        calls: dict[str, Callable[[Request, Site], Any]] = {
            "stats": self.stats,
            "realtime": self.realtime,
            "events": self.events,
            "pageviews": self.pageviews,
        }
        call = calls.get(path[2])
        if call is None:
            raise RefusedError(404, "", "Not found")
        self.allow(request)
        return call(request, self.find(key, path[1]))

    def allow(self, request: Request) -> None:
        if request.method != "GET" and not (request.method == "HEAD" and self.habits.heads):
            raise RefusedError(405, "", "Method not allowed")

    def invalid(self, name: str, value: Any, expected: str) -> RefusedError:
        return RefusedError(400, "", f"{name} must be {expected}")

    def may(self, key: Key, site: Site) -> bool:
        return site.owner == key.owner and key.site in (None, site.id)

    def find(self, key: Key, text: str) -> Site:
        """Return a site that a key may see."""
        for site in self.store.sites:
            if site.id == text and self.may(key, site):
                return site
            if site.id == text:
                raise self.forbidden()
        if self.habits.unknown_is == 404:
            raise RefusedError(404, "", "No such site")
        raise self.forbidden()

    def forbidden(self) -> RefusedError:
        words = (
            "This site is not yours" if self.habits.own_words else "Forbidden — you do not have access to this resource"
        )
        return RefusedError(403, "", words)

    # bodies

    def row(self, site: Site) -> dict[str, Any]:
        return {
            "siteId": site.id,
            "name": site.name,
            "domain": site.domain,
            "isActive": site.active,
            "createdAt": instant(site.created),
        }

    def range(self, request: Request, *more: str) -> tuple[str, dict[str, str]]:
        given = self.given(request, "range", *more)
        return str(self.choice(given, "range", RANGES, "7d")), given

    def begin(self, days: str) -> float:
        """Return when a range begins."""
        return self.now() // 86_400 * 86_400 - RANGES[days] * 86_400

    def stats(self, request: Request, site: Site) -> Any:
        days, _ = self.range(request)
        return self.kept(lambda: self.stats_of(self.visits(site, self.begin(days))), "stats", site.id, days)

    def stats_of(self, found: list[Visit]) -> Any:
        views = [view.path for visit in found for view in visit.views]
        bounced = sum(len(visit.views) == 1 for visit in found)
        return {
            "visitors": len({visit.person for visit in found}),
            "pageviews": len(views),
            "bounceRate": round(100 * bounced / len(found)) if found else 0,
            "avgDuration": round(sum(visit.seconds for visit in found) / len(found)) if found else 0,
            "topPages": [{"pathname": path, "views": count} for path, count in self.top(views)],
            "topReferrers": self.named("referrer", [visit.referrer.split("/")[2] for visit in found if visit.referrer]),
            "browsers": self.named("browser", [visit.browser for visit in found]),
            "countries": self.named("country", [visit.country[0] for visit in found]),
        }

    def top(self, names: list[str]) -> list[tuple[str, int]]:
        return ranked(Counter(names), self.ties())[:10]

    def named(self, what: str, names: list[str]) -> list[Any]:
        return [{what: name, "count": count} for name, count in self.top(names)]

    def realtime(self, request: Request, site: Site) -> Any:
        self.given(request)
        active = self.alive(site, ACTIVE_SECONDS)
        pages = ranked(Counter(active.values()), self.ties())
        return {
            "activeVisitors": len(active),
            "activePages": [{"path": path, "visitors": count} for path, count in pages],
        }

    def events(self, request: Request, site: Site) -> Any:
        days, _ = self.range(request)
        names = Counter(name for visit in self.visits(site, self.begin(days)) for name in visit.events)
        return {"events": [{"name": name, "count": count} for name, count in ranked(names, self.ties())]}

    def pageviews(self, request: Request, site: Site) -> Any:
        days, given = self.range(request, "pathname")
        pathname = given.get("pathname")
        return self.kept(lambda: self.pageviews_of(site, days, pathname), "pageviews", site.id, days, pathname)

    def pageviews_of(self, site: Site, days: str, pathname: str | None) -> Any:
        found = self.visits(site, self.begin(days))
        per_day = dict.fromkeys(dates(date_of(self.begin(days)), date_of(self.now())), 0)
        persons = set()
        for visit in found:
            for view in visit.views:
                if pathname is None or view.path == pathname:
                    per_day[date_of(visit.at)] += 1
                    persons.add(visit.person)
        chart = [
            {"date": day, "count": count}
            for day, count in per_day.items()
            if count or not self.habits.days_with_traffic_only
        ]
        return {
            "total": sum(per_day.values()),
            "unique": len(persons),
            "chart": chart[::-1] if self.habits.days_newest_first else chart,
        }
