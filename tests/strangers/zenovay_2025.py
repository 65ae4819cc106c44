"""The Zenovay External API v1 as the reference and the help pages of January 2025 describe it."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any
from uuid import UUID

from tests.strangers.base import Base, Key, Site, Store
from tests.strangers.message import RefusedError, Request, Response, object_of
from tests.strangers.traffic import View, Visit, date_of, dates, instant, ranked, uuid_of

PREFIX = "/api/external/v1"
PLANS = {"free": (10, 1_000), "pro": (30, 10_000), "scale": (60, 100_000), "enterprise": (120, 1_000_000)}
RANGES = {"24h": 1, "7d": 7, "30d": 30, "90d": 90}
# What answers a path, and the parameters that it takes.
KEY_CALLS = {"websites": "websites", "usage": "usage"}
SITE_CALLS = {
    ("websites",): "website",
    ("analytics",): "overview timeRange",
    ("analytics", "visitors"): "visitors timeRange page per_page",
    ("analytics", "pages"): "pages timeRange limit",
    ("analytics", "countries"): "countries timeRange limit",
    ("analytics", "technology"): "technology timeRange",
    ("heatmaps", "pages"): "heatmaps limit",
    ("replays", "sessions"): "sessions limit offset",
    ("errors", "groups"): "groups limit status",
}
UNCOUNTED = (400, 401, 500)
LIVE_SECONDS = 300
KEYS = {
    "main": "zv_two_enterprise",
    "scoped": "zv_two_website",
    "limited": "zv_two_small",
    "exhausted": "zv_two_used_up",
    "free": "zv_two_free",
    "revoked": "zv_two_revoked",
    "noperm": "zv_two_powerless",
}


def store_of(seed: int, now: float) -> Store:
    """Return a store with websites and keys made from a seed."""
    dice = random.Random(f"zenovay 2025 {seed}")
    rows = (
        ("small.example", "Small shop", True, 90, "us", 4),
        ("ferry.example", "Ferry lines", True, 700, "us", 19),
        ("blog.example", "Ein Blog", True, 33, "us", 2),
        ("new.example", "New", True, 1, "us", 0),
        ("closed.example", "Closed", False, 365, "us", 2),
        ("theirs.example", "Theirs", True, 365, "them", 6),
    )
    sites = [
        Site(
            uuid_of(dice), domain, name, f"{dice.getrandbits(48):012x}", active, now // 1 - age * 86_400, owner, busy, i
        )
        for i, (domain, name, active, age, owner, busy) in enumerate(rows)
    ]
    keys = {
        KEYS["main"]: Key("1", "main", "enterprise", "us", month=52_110),
        KEYS["scoped"]: Key("2", "scoped", "pro", "us", sites[2].id, month=871),
        KEYS["limited"]: Key("3", "limited", "free", "us", month=20),
        KEYS["free"]: Key("4", "free", "free", "us"),
        KEYS["exhausted"]: Key("5", "exhausted", "scale", "us", month=100_000),
        KEYS["revoked"]: Key("6", "revoked", "pro", "us", revoked=True),
        KEYS["noperm"]: Key("7", "noperm", "scale", "us", powerless=True),
    }
    return Store(sites, keys)


class Server(Base):
    """The API."""

    furnish = staticmethod(store_of)

    # one request, top to bottom

    def respond(self, request: Request) -> Response:
        try:
            if request.path == PREFIX or request.path.startswith(PREFIX + "/"):
                return self.external(request)
            return self.public(request)
        except RefusedError as refusal:
            return self.refused(refusal)

    def external(self, request: Request) -> Response:
        """Answer a request that needs a key. Every answer to a valid one says what remains."""
        key = self.authenticate(request)
        self.turn(key)
        per_minute, per_month = PLANS[key.plan]
        try:
            if key.month >= per_month:
                raise RefusedError(429, "monthly_limit_exceeded", "Monthly API request limit reached")
            if key.minute >= per_minute:
                raise RefusedError(429, "rate_limit_exceeded", "Too many requests")
            self.count(key, 1)
            response = Response(200, self.body(request, key))
        except RefusedError as refusal:
            if refusal.status == 429:
                key.month += 1
                end = key.month_ends if refusal.code == "monthly_limit_exceeded" else key.began + 60
                refusal.details = {"retry_after": self.seconds_until(end)}
            if refusal.status in UNCOUNTED:
                self.count(key, -1)
            response = self.refused(refusal)
        return response.having(*self.limit_headers(key))

    def count(self, key: Key, number: int) -> None:
        """Count a request, or count it no longer."""
        key.month += number
        if number > 0 or not self.habits.refusals_count:
            key.minute += number

    def authenticate(self, request: Request) -> Key:
        token = request.header("X-API-Key")
        if token is None:
            scheme, _, bearer = (request.header("Authorization") or "").partition(" ")
            token = bearer.strip() if scheme.lower() == "bearer" else None
        if token is None and self.habits.key_in_query:
            token = dict(request.pairs()).get("api_key")
        key = self.store.keys.get(token) if token else None
        if key is None or key.revoked:
            raise RefusedError(401, "invalid_api_key", "API key invalid or missing")
        return key

    def limit_headers(self, key: Key) -> list[tuple[str, str]]:
        per_minute, per_month = PLANS[key.plan]
        return [
            ("X-RateLimit-Limit", str(per_minute)),
            ("X-RateLimit-Remaining", str(max(0, per_minute - key.minute))),
            ("X-Usage-Monthly", str(key.month)),
            ("X-Usage-Limit", str(per_month)),
            ("X-Usage-Reset", instant(key.month_ends, "seconds")),
        ]

    def refused(self, refusal: RefusedError) -> Response:
        message = refusal.message
        if self.habits.own_words:
            message = f"No: {message.lower()}"
        error: dict[str, Any] = {"code": refusal.code, "message": message}
        headers: list[tuple[str, str]] = []
        if refusal.status == 400:
            error["details"] = refusal.details
        if refusal.status == 401:
            headers.append(("WWW-Authenticate", "Bearer"))
        if refusal.status == 405:
            headers.append(("Allow", refusal.details["allowed"]))
        if refusal.status == 429:
            error["retry_after"] = refusal.details["retry_after"]
            headers.append(("Retry-After", str(refusal.details["retry_after"])))
        if self.habits.rich_errors:
            error |= {"request": "r-17", "data": [], "hint": {"see": "/docs"}}
        return Response(refusal.status, {"error": error}, tuple(headers))

    def body(self, request: Request, key: Key) -> Any:
        """Return the JSON of a request below the base path."""
        if key.powerless:
            raise RefusedError(403, "unauthorized", "Insufficient permissions")
        segments = request.segments()[3:]
        of_site = len(segments) > 1 and segments[1] != ""
        call = SITE_CALLS.get((segments[0], *segments[2:])) if of_site else KEY_CALLS.get("/".join(segments))
        if call is None:
            raise RefusedError(404, "not_found", "Resource not found")
        if request.method != "GET" and not (request.method == "HEAD" and self.habits.heads):
            raise RefusedError(405, "method_not_allowed", "Method not allowed", allowed="GET")
        name, *declared = call.split()
        given = self.given(request, *declared)
        return getattr(self, name)(given, key, segments[1]) if of_site else getattr(self, name)(key)

    def invalid(self, name: str, value: Any, expected: str) -> RefusedError:
        message = f"The '{name}' parameter must be {expected}"
        return RefusedError(400, "invalid_parameter", message, parameter=name, provided=value, expected=expected)

    def find(self, key: Key, text: str) -> Site:
        """Return a website that a key may see."""
        try:
            wanted = str(UUID(text)) if len(text) == 36 else ""
        except ValueError:
            wanted = ""
        if not wanted and self.habits.unknown_is != 404:
            raise self.invalid("websiteId", text, "a UUID")
        for site in self.store.sites:
            if site.id == wanted:
                if site.owner == key.owner and key.site in (None, site.id):
                    return site
                if self.habits.unknown_is != 404:
                    raise RefusedError(403, "unauthorized", "Insufficient permissions")
        raise RefusedError(404, "not_found", "Resource not found")

    def period(self, given: dict[str, str]) -> str:
        return str(self.choice(given, "timeRange", RANGES, "7d"))

    # websites

    def row(self, site: Site) -> dict[str, Any]:
        return {
            "id": site.id,
            "domain": site.domain,
            "name": site.name,
            "tracking_code": site.code,
            "is_active": site.active,
            "created_at": instant(site.created, "seconds"),
        }

    def websites(self, key: Key) -> Any:
        seen = [site for site in self.store.sites if site.owner == key.owner and key.site in (None, site.id)]
        return {"websites": [self.row(site) for site in seen]}

    def website(self, _given: dict[str, str], key: Key, text: str) -> Any:
        site = self.find(key, text)
        if self.habits.own_shapes:
            return {"id": site.id, "url": f"https://{site.domain}"}
        return {"website": self.row(site)}

    def usage(self, key: Key) -> Any:
        without = 1 if self.habits.usage_without_itself else 0
        return {
            "plan": key.plan,
            "usage": {
                "requests_this_minute": key.minute - without,
                "requests_this_month": key.month - without,
                "monthly_limit": PLANS[key.plan][1],
            },
        }

    # figures

    def begin(self, period: str) -> float:
        """Return when a range begins."""
        if period == "24h" and not self.habits.whole_days:
            return self.now() - 86_400
        return self.now() // 86_400 * 86_400 - RANGES[period] * 86_400

    def overview(self, given: dict[str, str], key: Key, text: str) -> Any:
        period = self.period(given)
        site = self.find(key, text)
        return self.kept(lambda: self.overview_of(site, period), site.id, period)

    def overview_of(self, site: Site, period: str) -> Any:
        found = self.visits(site, self.begin(period))
        days: dict[str, list[Visit]] = {day: [] for day in dates(date_of(self.begin(period)), date_of(self.now()))}
        for visit in found:
            days[date_of(visit.at)].append(visit)
        rows = [
            {
                "date": day,
                "visitors": len(of_day),
                "pageViews": sum(len(visit.views) for visit in of_day),
                "bounceRate": self.bounces(of_day),
            }
            for day, of_day in days.items()
            if of_day or not self.habits.days_with_traffic_only
        ]
        return {
            "website": {"id": site.id, "domain": site.domain, "name": site.name},
            "timeRange": period,
            "totalVisitors": len(found),
            "totalPageViews": sum(len(visit.views) for visit in found),
            "bounceRate": self.bounces(found),
            "topCountries": self.by_country(found)[:5],
            "dailyStats": rows[::-1] if self.habits.days_newest_first else rows,
        }

    def bounces(self, found: list[Visit]) -> float:
        """Return the percentage of visits with a single page view."""
        if not found:
            return 0
        return round(100 * sum(len(visit.views) == 1 for visit in found) / len(found), 1)

    def by_country(self, found: list[Visit]) -> list[Any]:
        names = {visit.country[0]: visit.country[1] for visit in found}
        return [
            {"name": names[code], "code": code, "visitors": count, "percentage": round(100 * count / len(found), 1)}
            for code, count in ranked(Counter(visit.country[0] for visit in found), self.ties())
        ]

    def visitors(self, given: dict[str, str], key: Key, text: str) -> Any:
        period = self.period(given)
        page = self.whole(given, "page", 1, 1)
        per_page = self.whole(given, "per_page", self.habits.per_page, 1, 100)
        found = self.visits(self.find(key, text), self.begin(period))[::-1]
        rows = [
            {
                "id": visit.id,
                "countryCode": visit.country[0],
                "countryName": visit.country[1],
                "city": visit.country[2],
                "deviceType": visit.device,
                "browser": visit.browser,
                "os": visit.system,
                "visitedAt": instant(visit.at, "seconds"),
                "landingPage": visit.views[0].path,
                "referrer": visit.referrer,
            }
            for visit in found[(page - 1) * per_page : page * per_page]
        ]
        if self.habits.own_shapes:
            return {"items": [{"visitor": row["id"], "when": row["visitedAt"]} for row in rows], "next": page + 1}
        total = len(found)
        place = {"page": page, "per_page": per_page, "total": total, "total_pages": -(-total // per_page)}
        return {"visitors": rows, "pagination": place}

    def pages(self, given: dict[str, str], key: Key, text: str) -> Any:
        period, limit = self.period(given), self.whole(given, "limit", 20, 1, 100)
        found = self.visits(self.find(key, text), self.begin(period))
        views = Counter(view.path for visit in found for view in visit.views)
        visitors = Counter(path for visit in found for path in {view.path for view in visit.views})
        if self.habits.own_shapes:
            return [{"page": path, "n": count} for path, count in views.items()]
        rows = [
            {"path": path, "pageViews": count, "visitors": visitors[path]} for path, count in ranked(views, self.ties())
        ]
        return {"pages": rows[:limit]}

    def countries(self, given: dict[str, str], key: Key, text: str) -> Any:
        period, limit = self.period(given), self.whole(given, "limit", 20, 1, 100)
        found = self.visits(self.find(key, text), self.begin(period))
        if self.habits.own_shapes:
            return {"data": dict(Counter(visit.country[1] for visit in found))}
        return {"countries": self.by_country(found)[:limit]}

    def technology(self, given: dict[str, str], key: Key, text: str) -> Any:
        period = self.period(given)
        found = self.visits(self.find(key, text), self.begin(period))
        if self.habits.own_shapes:
            return {"browsers": dict(Counter(visit.browser for visit in found))}
        return {
            "browsers": self.shares([visit.browser for visit in found]),
            "operatingSystems": self.shares([visit.system for visit in found]),
            "deviceTypes": self.shares([visit.device for visit in found]),
        }

    def shares(self, names: list[str]) -> list[Any]:
        return [
            {"name": name, "visitors": count, "percentage": round(100 * count / len(names), 1)}
            for name, count in ranked(Counter(names), self.ties())
        ]

    def heatmaps(self, given: dict[str, str], key: Key, text: str) -> Any:
        limit = self.whole(given, "limit", 20, 1, 100)
        found = self.visits(self.find(key, text), 0.0)
        clicks = Counter(view.path for visit in found if visit.interacted for view in visit.views)
        latest = {view.path: view.at for visit in found for view in visit.views}
        if self.habits.own_shapes:
            return {"paths": sorted(clicks)}
        rows = [
            {"url": path, "total_interactions": count, "last_updated": instant(latest[path], "seconds")}
            for path, count in ranked(clicks, self.ties())
        ]
        return {"pages": rows[:limit]}

    def sessions(self, given: dict[str, str], key: Key, text: str) -> Any:
        limit, offset = self.whole(given, "limit", 50, 1, 200), self.whole(given, "offset", 0, 0)
        found = self.visits(self.find(key, text), self.now() - 21 * 86_400)[::-1]
        if self.habits.own_shapes:
            return {"recordings": len(found)}
        rows = [
            {
                "id": f"sr_{visit.id}",
                "page_url": visit.views[0].path,
                "device_type": visit.device,
                "browser": visit.browser,
                "os": visit.system,
                "country_code": visit.country[0],
                "duration_seconds": visit.seconds,
                "event_count": 5 * len(visit.views),
                "started_at": instant(visit.at, "seconds"),
                "ended_at": instant(visit.at + visit.seconds, "seconds"),
            }
            for visit in found[offset : offset + limit]
        ]
        return {"sessions": rows}

    def groups(self, given: dict[str, str], key: Key, text: str) -> Any:
        limit = self.whole(given, "limit", 50, 1, 200)
        status = self.choice(given, "status", ("unresolved", "resolved", "ignored"), None)
        site = self.find(key, text)
        dice = random.Random(f"{self.habits.seed} errors {site.number}")
        rows = []
        for number in range(min(site.busy, 7)):
            seen = site.created + dice.randint(1, 20_000)
            rows.append(
                {
                    "id": f"eg_{uuid_of(dice)}",
                    "fingerprint": f"error_{number}",
                    "message": f"value {number} is not a function",
                    "type": "TypeError",
                    "status": ("unresolved", "ignored", "resolved")[number % 3],
                    "occurrence_count": 10 + number,
                    "first_seen_at": instant(seen, "seconds"),
                    "last_seen_at": instant(seen + 3_600, "seconds"),
                    "affected_users_count": 3 + number,
                }
            )
        if self.habits.own_shapes:
            return {"groups": [row["message"] for row in rows]}
        return {"error_groups": [row for row in rows if status in (None, row["status"])][:limit]}

    # tracking

    def public(self, request: Request) -> Response:
        """Answer a request that needs no key."""
        segments = request.segments()
        calls = {"e": ("POST", self.track), "live": ("GET", self.live), "heartbeat": ("POST", self.heartbeat)}
        if segments[0] not in calls or len(segments) != (1 if segments[0] == "heartbeat" else 2):
            raise RefusedError(404, "not_found", "Resource not found")
        allowed, answer = calls[segments[0]]
        if request.method != allowed and not (allowed == "GET" and request.method == "HEAD" and self.habits.heads):
            raise RefusedError(405, "method_not_allowed", "Method not allowed", allowed=allowed)
        return Response(200, answer(request, segments[-1]))

    def coded(self, code: str) -> Site:
        """Return the website of a tracking code."""
        for site in self.store.sites:
            if site.code == code:
                return site
        raise RefusedError(404, "not_found", "Resource not found")

    def sent_json(self, request: Request) -> dict[str, Any]:
        kind = (request.header("Content-Type") or "application/json").split(";")[0].strip().lower()
        if kind != "application/json" and (kind != "text/plain" or self.habits.json_bodies_only):
            raise RefusedError(415, "unsupported_media_type", "The request body must be JSON")
        body = object_of(request.body)
        if body is None:
            raise self.invalid("body", None, "a JSON object")
        return body

    def track(self, request: Request, code: str) -> Any:
        site, body = self.coded(code), self.sent_json(request)
        if body.get("type") not in ("pageview", "event"):
            raise self.invalid("type", body.get("type"), "pageview or event")
        if not isinstance(body.get("url"), str) or not body["url"]:
            raise self.invalid("url", body.get("url"), "an address")
        agent = f"{request.header('User-Agent')} {request.header('X-Forwarded-For')}"
        session = str(body.get("session_id") or agent)
        now = int(self.now())
        known = self.store.tracked.setdefault(site.code, [])
        if body["type"] == "pageview":
            self.view(known, session, View(body["url"], now), body.get("referrer"))
        self.store.beats[site.code, session] = self.now()
        return {"success": True}

    def view(self, known: list[Visit], session: str, view: View, referrer: str | None) -> None:
        """Add a page view to the visit of its session, or begin one."""
        for index, visit in enumerate(known):
            if visit.session == session:
                known[index] = Visit(**{**vars(visit), "views": (*visit.views, view)})
                return
        country = ("SE", "Sweden", "Lund")
        made = Visit(
            uuid_of(self.dice), session, session, view.at, (view,), country, "desktop", "Chrome", "Linux", 0, referrer,
            False,
        )  # fmt: skip
        known.append(made)

    def live(self, request: Request, code: str) -> Any:
        self.given(request)
        count = len(self.alive(self.coded(code), LIVE_SECONDS))
        return {"live": {"now": count}} if self.habits.own_shapes else {"visitors": count}

    def heartbeat(self, request: Request, _path: str) -> Any:
        if self.habits.any_heartbeat:
            return {"success": True}
        body = self.sent_json(request)
        if not isinstance(body.get("tracking_code"), str):
            raise self.invalid("tracking_code", body.get("tracking_code"), "a string")
        site = self.coded(body["tracking_code"])
        agent = f"{request.header('User-Agent')} {request.header('X-Forwarded-For')}"
        session = str(body.get("session_id") or agent)
        if (site.code, session) in self.store.beats:
            self.store.beats[site.code, session] = self.now()
        return {"success": True}
