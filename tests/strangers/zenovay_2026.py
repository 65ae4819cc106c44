"""The Zenovay External API v1 as its pages of February 2026 and their sibling pages describe it."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from typing import Any
from uuid import UUID

from tests.strangers.base import Base, Key, Site, Store
from tests.strangers.finish import Sent, finish
from tests.strangers.message import RefusedError, Request, Response, object_of
from tests.strangers.traffic import View, Visit, date_of, dates, instant, ranked, uuid_of

BASE = ["api", "external", "v1"]
PLANS = {"free": (10, 1_000), "pro": (30, 10_000), "scale": (60, 100_000), "enterprise": (120, 1_000_000)}
DAYS = {"24h": 1, "7d": 7, "30d": 30, "90d": 90, "1y": 365}
LIVE_SECONDS = 300
LISTS = {"websites": "websites", "usage": "usage"}
CALLS = {
    ("websites",): "website",
    ("analytics",): "overview",
    ("analytics", "visitors"): "visitors",
    ("analytics", "pages"): "pages",
    ("analytics", "countries"): "countries",
    ("analytics", "technology"): "technology",
    ("heatmaps", "pages"): "heatmaps",
    ("replays", "sessions"): "sessions",
    ("errors", "groups"): "groups",
}
REQUIRED = ("session_id", "url", "device_type", "browser", "os", "user_agent")
KEYS = {
    "main": "zv_one_enterprise",
    "scoped": "zv_one_website",
    "limited": "zv_one_small",
    "exhausted": "zv_one_used_up",
    "free": "zv_one_free",
    "revoked": "zv_one_revoked",
    "noperm": "zv_one_powerless",
}


def store_of(seed: int, now: float) -> Store:
    """Return a store with websites and keys made from a seed."""
    dice = random.Random(f"zenovay 2026 {seed}")
    team, other = f"team_{dice.getrandbits(32):x}", f"team_{dice.getrandbits(32):x}"
    rows = (
        ("meadow.example", "Meadow & Söhne", True, 400, team, 24),
        ("harbour.example", "Harbour", True, 300, team, 7),
        ("quiet.example", "Quiet corner", True, 20, team, 1),
        ("empty.example", "Nobody yet", True, 2, team, 0),
        ("retired.example", "Retired", False, 500, team, 3),
        ("elsewhere.example", "Somebody else's", True, 250, other, 9),
    )
    websites = [
        Site(
            uuid_of(dice), domain, name, f"ZV_{dice.getrandbits(40):x}", active, now // 1 - age * 86_400, owner, busy, i
        )
        for i, (domain, name, active, age, owner, busy) in enumerate(rows)
    ]
    keys = {
        KEYS["main"]: Key("ak_" + uuid_of(dice), "Dashboard", "enterprise", team, month=7_341, total=90_410),
        KEYS["scoped"]: Key("ak_" + uuid_of(dice), "Harbour only", "scale", team, websites[1].id, month=12, total=12),
        KEYS["limited"]: Key("ak_" + uuid_of(dice), "Script", "free", team, month=3, total=44),
        KEYS["free"]: Key("ak_" + uuid_of(dice), "Trial", "free", team, month=0, total=0),
        KEYS["exhausted"]: Key("ak_" + uuid_of(dice), "Used up", "pro", team, month=10_000, total=31_000),
        KEYS["revoked"]: Key("ak_" + uuid_of(dice), "Old", "pro", team, revoked=True),
        KEYS["noperm"]: Key("ak_" + uuid_of(dice), "Powerless", "pro", team, powerless=True),
    }
    return Store(websites, keys)


class Server(Base):
    """The API."""

    furnish = staticmethod(store_of)

    def handle(self, request: Request) -> Sent:
        """Answer one request."""
        self.answered += 1
        response = self.respond(request).having(("x-request-id", uuid_of(self.dice)))
        return finish(request, response, self.habits)

    # one request, top to bottom

    def respond(self, request: Request) -> Response:
        key: Key | None = None
        try:
            path, call, allowed, public = self.route(request)
            if public:
                return self.success(call(request, path))
            key = self.authenticate(request)
            self.count(key)
            self.permit(key)
            if call is None:
                raise self.no_call(request, allowed)
            return self.success(call(request, key, path)).having(*self.limit_headers(key))
        except RefusedError as refusal:
            response = self.refused(refusal)
            if refusal.status == 405:
                response = response.having(("Allow", refusal.details["allowed"]))
            if refusal.status == 401:
                response = response.having(("WWW-Authenticate", "Bearer"))
            if key and not (self.habits.sparse_headers and refusal.status in (404, 405)):
                response = response.having(*self.limit_headers(key))
            if refusal.status == 429 and key:
                response = response.having(("Retry-After", str(self.seconds_until(self.end(key, refusal.code)))))
            return response

    def route(self, request: Request) -> tuple[list[str], Any, str, bool]:
        """Return the path's variable parts, what answers it, the methods it takes, and whether it needs no key."""
        method = "GET" if request.method == "HEAD" and self.habits.heads else request.method
        segments = request.segments()
        if segments[:3] != BASE:
            call, allowed, rest = self.public_route(segments)
            if method != allowed:
                raise RefusedError(405, "METHOD_NOT_ALLOWED", "Method not allowed", allowed=allowed)
            return rest, call, allowed, True
        of_website = len(segments) > 4 and segments[4] != ""
        name = CALLS.get((segments[3], *segments[5:])) if of_website else LISTS.get("/".join(segments[3:]))
        if name is None:
            return [], None, "", False
        if method != "GET":
            return [], None, "GET, HEAD" if self.habits.heads else "GET", False
        return segments[4:5], getattr(self, name), "GET", False

    def public_route(self, segments: list[str]) -> tuple[Any, str, list[str]]:
        match segments:
            case ["e", code] if code:
                return self.track, "POST", [code]
            case ["live", code] if code:
                return self.live, "GET", [code]
            case ["heartbeat"]:
                return self.heartbeat, "POST", []
        raise RefusedError(404, "NOT_FOUND", "No such path")

    def no_call(self, request: Request, allowed: str) -> RefusedError:
        if allowed:
            return RefusedError(405, "METHOD_NOT_ALLOWED", f"{request.method} is not allowed here", allowed=allowed)
        return RefusedError(404, "NOT_FOUND", "No such path")

    def authenticate(self, request: Request) -> Key:
        token = request.header("X-API-Key")
        scheme, _, bearer = (request.header("Authorization") or "").partition(" ")
        if token is None and scheme.lower() == "bearer":
            token = bearer.strip()
        if token is None and self.habits.key_in_query:
            token = dict(request.pairs()).get("api_key")
        key = self.store.keys.get(token or "")
        if key is None or key.revoked:
            raise RefusedError(401, "UNAUTHORIZED", "Invalid or missing API key")
        return key

    def permit(self, key: Key) -> None:
        if key.powerless:
            raise RefusedError(403, "FORBIDDEN", "Insufficient permissions")

    # limits

    def count(self, key: Key) -> None:
        """Count a request of a key, or refuse it."""
        self.turn(key)
        per_minute, per_month = PLANS[key.plan]
        if key.month >= per_month:
            raise RefusedError(429, "MONTHLY_LIMIT_EXCEEDED", f"Monthly limit of {per_month} requests reached")
        if key.minute >= per_minute:
            seconds = self.seconds_until(key.began + 60)
            message = f"Rate limit of {per_minute} requests per minute exceeded. Retry in {seconds} seconds."
            raise RefusedError(429, "RATE_LIMIT_EXCEEDED", message)
        key.minute += 1
        key.month += 1
        key.total += 1

    def end(self, key: Key, code: str) -> float:
        return key.month_ends if code == "MONTHLY_LIMIT_EXCEEDED" else key.began + 60

    def limit_headers(self, key: Key) -> list[tuple[str, str]]:
        per_minute, per_month = PLANS[key.plan]
        return [
            ("X-RateLimit-Limit", str(per_minute)),
            ("X-RateLimit-Remaining", str(max(0, per_minute - key.minute))),
            ("X-RateLimit-Reset", str(int(key.began + 60))),
            ("X-Usage-Monthly", str(key.month)),
            ("X-Usage-Limit", str(per_month)),
            ("X-Usage-Reset", instant(key.month_ends, "seconds")),
            ("X-Usage-Total", str(key.total)),
        ]

    # bodies

    def success(self, data: Any) -> Response:
        return Response(200, {"success": True, "data": data, "timestamp": instant(self.now())})

    def refused(self, refusal: RefusedError) -> Response:
        error: dict[str, Any] = {"message": refusal.message, "code": refusal.code, "timestamp": instant(self.now())}
        if self.habits.rich_errors:
            error |= {"docs": "https://docs.example/errors", "details": refusal.details, "data": None}
        return Response(refusal.status, {"success": False, "error": error})

    # parameters

    def invalid(self, name: str, value: Any, expected: str) -> RefusedError:
        message = (
            f"Parameter {name}: {expected}" if self.habits.own_words else f"The '{name}' parameter must be {expected}"
        )
        return RefusedError(400, "VALIDATION_ERROR", message, parameter=name, provided=value, expected=expected)

    def range(self, given: dict[str, str]) -> str:
        return str(self.choice(given, "range", DAYS, "7d"))

    def find(self, key: Key, text: str) -> Site:
        """Return a website that a key may see."""
        try:
            wanted = str(UUID(text)) if len(text) == 36 else ""
        except ValueError:
            wanted = ""
        if not wanted:
            raise self.invalid("websiteId", text, "a UUID")
        website = next((item for item in self.store.sites if item.id == wanted), None)
        if website is None:
            raise RefusedError(404, "NOT_FOUND", "Website not found")
        if website.owner != key.owner or (key.site and website.id != key.site):
            raise RefusedError(403, "FORBIDDEN", "API key does not have access to this website")
        return website

    # websites

    def listed(self, key: Key) -> list[Site]:
        return [
            item for item in self.store.sites if item.owner == key.owner and (key.site is None or item.id == key.site)
        ]

    def row(self, website: Site) -> dict[str, Any]:
        return {
            "id": website.id,
            "domain": website.domain,
            "name": website.name,
            "tracking_code": website.code,
            "is_active": website.active,
            "created_at": instant(website.created),
            "team_id": website.owner,
        }

    def websites(self, request: Request, key: Key, _path: list[str]) -> Any:
        self.given(request)
        rows = [self.row(website) for website in self.listed(key)]
        return {"websites": rows, "total": len(rows)}

    def website(self, request: Request, key: Key, path: list[str]) -> Any:
        self.given(request)
        website = self.find(key, path[0])
        settings = {"track_outbound_links": True, "session_replay": website.number % 2 == 0}
        return {"website": {**self.row(website), "user_id": f"user_{website.number}", "settings": settings}}

    # figures

    def span(self, days: str) -> tuple[float, float]:
        """Return where a range begins and ends."""
        now = self.now()
        if days == "24h" and not self.habits.whole_days:
            return now - 86_400, now
        return now // 86_400 * 86_400 - DAYS[days] * 86_400, now

    def overview(self, request: Request, key: Key, path: list[str]) -> Any:
        days = self.range(self.given(request, "range"))
        website = self.find(key, path[0])
        return self.kept(lambda: self.overview_of(website, days), website.id, days)

    def overview_of(self, website: Site, days: str) -> Any:
        begin, end = self.span(days)
        found = self.visits(website, begin)
        return {
            "website": {"id": website.id, "domain": website.domain, "name": website.name},
            "time_range": days,
            "date_range": {
                "start": date_of(begin),
                "end": date_of(end),
                "startDateTime": instant(begin),
                "endDateTime": instant(end),
            },
            "summary": {
                "total_visitors": len(found),
                "total_page_views": sum(len(visit.views) for visit in found),
                "unique_visitors": len({visit.person for visit in found}),
            },
            "daily_stats": self.daily(website, found, dates(date_of(begin), date_of(end))),
        }

    def daily(self, website: Site, found: list[Visit], days: list[str]) -> list[Any]:
        by_date: dict[str, list[Visit]] = {day: [] for day in days}
        for visit in found:
            by_date[date_of(visit.at)].append(visit)
        rows = [
            {
                "date": day,
                "website_id": website.id,
                "total_visitors": len(of_day),
                "unique_visitors": len({visit.person for visit in of_day}),
                "page_views": sum(len(visit.views) for visit in of_day),
            }
            for day, of_day in by_date.items()
            if of_day or not self.habits.days_with_traffic_only
        ]
        return rows[::-1] if self.habits.days_newest_first else rows

    def visitors(self, request: Request, key: Key, path: list[str]) -> Any:
        given = self.given(request, "range", "limit", "offset")
        days = self.range(given)
        limit = self.whole(given, "limit", 100, 1, 1000)
        offset = self.whole(given, "offset", 0, 0)
        website = self.find(key, path[0])
        found = self.visits(website, self.span(days)[0])[::-1]
        rows = [
            {
                "id": visit.id,
                "country_code": visit.country[0],
                "country_name": visit.country[1],
                "city": visit.country[2],
                "device_type": visit.device,
                "browser": visit.browser,
                "os": visit.system,
                "value_score": visit.score,
                "visited_at": instant(visit.at),
                "landing_page": visit.views[0].path if visit.views else "/",
                "referrer": visit.referrer,
                "had_interaction": visit.interacted,
            }
            for visit in found[offset : offset + limit]
        ]
        return {"visitors": rows, "pagination": self.pagination(limit, offset, len(found))}

    def pagination(self, limit: int, offset: int, total: int) -> Any:
        return {"limit": limit, "offset": offset, "has_more": offset + limit < total}

    def pages(self, request: Request, key: Key, path: list[str]) -> Any:
        given = self.given(request, "range", "limit")
        days, limit = self.range(given), self.whole(given, "limit", 20, 1, 100)
        website = self.find(key, path[0])
        found = self.visits(website, self.span(days)[0])
        views = Counter(view.path for visit in found for view in visit.views)
        visitors = Counter(page for visit in found for page in {view.path for view in visit.views})
        rows = [
            {"path": page, "page_views": count, "visitors": visitors[page], "avg_time_seconds": 12.5}
            for page, count in ranked(views, self.ties())
        ]
        if self.habits.own_shapes:
            return {"top": [{"url": row["path"], "hits": row["page_views"]} for row in rows[:limit]]}
        return {"pages": rows[:limit]}

    def countries(self, request: Request, key: Key, path: list[str]) -> Any:
        given = self.given(request, "range", "limit")
        days, limit = self.range(given), self.whole(given, "limit", 20, 1, 100)
        website = self.find(key, path[0])
        found = self.visits(website, self.span(days)[0])
        scores: dict[str, list[int]] = {}
        names = {}
        for visit in found:
            scores.setdefault(visit.country[0], []).append(visit.score)
            names[visit.country[0]] = visit.country[1]
        rows = [
            {
                "country_code": code,
                "country_name": names[code],
                "visitors": count,
                "avg_value_score": round(sum(scores[code]) / count, 2),
            }
            for code, count in ranked({code: len(values) for code, values in scores.items()}, self.ties())
        ]
        return {"countries": rows[:limit]}

    def technology(self, request: Request, key: Key, path: list[str]) -> Any:
        given = self.given(request, "range", "limit")
        days, limit = self.range(given), self.whole(given, "limit", 20, 1, 100)
        website = self.find(key, path[0])
        found = self.visits(website, self.span(days)[0])
        if self.habits.own_shapes:
            return {"browser": dict(Counter(visit.browser for visit in found))}
        return {
            "browsers": self.shares([visit.browser for visit in found])[:limit],
            "operating_systems": self.shares([visit.system for visit in found])[:limit],
            "device_types": self.shares([visit.device for visit in found])[:limit],
        }

    def shares(self, names: list[str]) -> list[Any]:
        return [
            {"name": name, "visitors": count, "percentage": round(100 * count / len(names), 1)}
            for name, count in ranked(Counter(names), self.ties())
        ]

    def heatmaps(self, request: Request, key: Key, path: list[str]) -> Any:
        limit = self.whole(self.given(request, "limit"), "limit", 20, 1, 100)
        website = self.find(key, path[0])
        interactions: Counter[str] = Counter()
        latest: dict[str, float] = {}
        for visit in self.visits(website, 0.0):
            for view in visit.views:
                interactions[view.path] += 3 if visit.interacted else 1
                latest[view.path] = max(latest.get(view.path, 0), min(view.at, self.now()))
        rows = [
            {"url": page, "total_interactions": count, "last_updated": instant(latest[page])}
            for page, count in ranked(interactions, self.ties())
        ]
        return {"pages": rows[:limit]}

    def sessions(self, request: Request, key: Key, path: list[str]) -> Any:
        given = self.given(request, "limit", "offset")
        limit, offset = self.whole(given, "limit", 50, 1, 200), self.whole(given, "offset", 0, 0)
        website = self.find(key, path[0])
        found = [visit for visit in self.visits(website, self.now() - 45 * 86_400) if visit.interacted][::-1]
        rows = [
            {
                "id": f"sr_{visit.id}",
                "session_id": f"sess_{visit.session}",
                "page_url": visit.views[0].path,
                "device_type": visit.device,
                "browser": visit.browser,
                "os": visit.system,
                "country_code": visit.country[0],
                "duration_seconds": visit.seconds,
                "event_count": 4 * len(visit.views) + len(visit.events),
                "started_at": instant(visit.at),
                "ended_at": instant(visit.at + visit.seconds),
            }
            for visit in found[offset : offset + limit]
        ]
        return {"sessions": rows, "pagination": self.pagination(limit, offset, len(found))}

    def groups(self, request: Request, key: Key, path: list[str]) -> Any:
        given = self.given(request, "limit", "status")
        limit = self.whole(given, "limit", 50, 1, 200)
        status = self.choice(given, "status", ("unresolved", "resolved", "ignored"), None)
        website = self.find(key, path[0])
        rows = [row for row in self.groups_of(website) if status is None or row["status"] == status]
        return {"error_groups": rows[:limit]}

    def groups_of(self, website: Site) -> list[Any]:
        dice = random.Random(f"{self.habits.seed} groups {website.number}")
        rows = []
        for number in range(min(website.busy, 9)):
            count, last = dice.randint(1, 60), website.created + dice.random() * (self.store_age(website) - 1)
            kind = dice.choice(("TypeError", "RangeError", "SyntaxError"))
            rows.append(
                {
                    "id": f"eg_{uuid_of(dice)}",
                    "fingerprint": f"{kind}_{number}",
                    "message": f"{kind}: it went wrong in {number}",
                    "type": kind,
                    "status": ("unresolved", "resolved", "ignored")[number % 3],
                    "occurrence_count": count,
                    "first_seen_at": instant(max(website.created, last - dice.randint(0, 9 * 86_400))),
                    "last_seen_at": instant(last),
                    "affected_users_count": dice.randint(1, count),
                }
            )
        return rows

    def store_age(self, website: Site) -> float:
        """Return for how long a website has existed, in whole days."""
        return (self.now() - website.created) // 86_400 * 86_400

    def usage(self, request: Request, key: Key, _path: list[str]) -> Any:
        self.given(request)
        per_minute, per_month = PLANS[key.plan]
        return {
            "api_key": {
                "id": key.id,
                "name": key.name,
                "permission": "site_access" if key.site else "full_access",
                "website_id": key.site,
            },
            "usage": {
                "monthly_requests": key.month,
                "monthly_limit": per_month,
                "monthly_remaining": max(0, per_month - key.month),
                "monthly_reset_at": instant(key.month_ends),
                "total_requests": key.total,
            },
            "rate_limits": {"requests_per_minute": per_minute},
            "subscription": {"tier": key.plan},
        }

    # tracking

    def coded(self, code: str) -> Site:
        """Return the website of a tracking code."""
        website = next((item for item in self.store.sites if item.code == code), None)
        if website is None:
            raise RefusedError(404, "NOT_FOUND", "Website not found")
        return website

    def sent_json(self, request: Request) -> dict[str, Any]:
        kind = (request.header("Content-Type") or "application/json").split(";")[0].strip().lower()
        if kind != "application/json" and (kind != "text/plain" or self.habits.json_bodies_only):
            raise RefusedError(415, "UNSUPPORTED_MEDIA_TYPE", "The request body must be JSON")
        body = object_of(request.body)
        if body is None:
            raise self.invalid("body", None, "a JSON object")
        return body

    def track(self, request: Request, path: list[str]) -> Any:
        website = self.coded(path[0])
        body = self.sent_json(request)
        for name in REQUIRED:
            if not isinstance(body.get(name), str) or not body[name]:
                raise self.invalid(name, body.get(name), "a string")
        if len(body["session_id"]) < 8:
            raise self.invalid("session_id", body["session_id"], "of at least 8 characters")
        if body.get("type", "pageview") not in ("pageview", "event"):
            raise self.invalid("type", body["type"], "pageview or event")
        self.record(website, body)
        return {"tracked": True}

    def record(self, website: Site, body: dict[str, Any]) -> None:
        """Add an event to the visit of its session."""
        now = int(self.now())
        session = body["session_id"]
        self.store.beats[website.code, session] = self.now()
        known = self.store.tracked.setdefault(website.code, [])
        views = (View(body["url"], now),) if body.get("type", "pageview") == "pageview" else ()
        for index, visit in enumerate(known):
            if visit.session == session:
                known[index] = replace(visit, views=visit.views + views)
                return
        if views:
            country = ("SE", "Sweden", "Lund")
            known.append(
                Visit(
                    uuid_of(self.dice), session, session, now, views, country, str(body["device_type"]),
                    str(body["browser"]), str(body["os"]), 10, body.get("referrer"), False,
                )
            )  # fmt: skip

    def live(self, request: Request, path: list[str]) -> Any:
        self.given(request)
        website = self.coded(path[0])
        count = len(self.alive(website, LIVE_SECONDS))
        if self.habits.own_shapes:
            return {"liveCount": count, "timestamp": instant(self.now())}
        return {"visitors": count}

    def heartbeat(self, request: Request, _path: list[str]) -> Any:
        if self.habits.any_heartbeat:
            body = object_of(request.body) or {}
        else:
            body = self.sent_json(request)
            for name in ("tracking_code", "session_id"):
                if not isinstance(body.get(name), str):
                    raise self.invalid(name, body.get(name), "a string")
        code, session = str(body.get("tracking_code", "")), str(body.get("session_id", ""))
        if not self.habits.any_heartbeat:
            self.coded(code)
        if (code, session) in self.store.beats:
            self.store.beats[code, session] = self.now()
        return {"active": True}
