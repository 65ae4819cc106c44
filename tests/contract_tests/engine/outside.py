"""A server that is not the mock and shares no line with it: the operations of zenovay@2026-02, written by hand.

It is called through `httpx.MockTransport`; its clock only moves when somebody sleeps. `before` and `after` break it.
"""

from __future__ import annotations

import json
import random
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

JSON = Any
DAYS = {"24h": 1, "7d": 7, "30d": 30, "90d": 90, "1y": 365}
KEYS = {
    "main": "nz_live_Qm7Xw2Lk9",
    "scoped": "nz_live_oNeSiTe44",
    "revoked": "nz_live_gOnE0000",
    "exhausted": "nz_live_eMpTy111",
}
PREFIX = "/api/external/v1"


@dataclass
class Call:
    """A request and what is about to be answered. A defect changes either."""

    server: Outside
    request: httpx.Request
    operation: str = ""
    site: str = ""
    query: dict[str, list[str]] = field(default_factory=dict)
    key: str = ""
    status: int = 200
    body: JSON = None
    headers: dict[str, str] = field(default_factory=dict)
    marks: set[str] = field(default_factory=set)

    @property
    def data(self) -> JSON:
        """What the envelope holds."""
        return self.body["data"]

    @property
    def good(self) -> bool:
        """Whether it is a success."""
        return self.status == 200


Change = Callable[[Call], Any]


class RefusedError(Exception):
    """An error that is answered: status, code, message."""


def _unchanged(_: Call) -> None:
    return None


class Outside:
    """Two websites with a year of visits; a key for both, one for the first, a revoked one and a used-up one."""

    def __init__(self, before: Change = _unchanged, after: Change = _unchanged) -> None:
        self.at = datetime(2026, 5, 14, 9, 21, 7, tzinfo=UTC)
        self.before, self.after = before, after
        dice = random.Random("outside")
        self.random = random.Random(1)
        self.websites = [self._made(dice, name) for name in ("Harbour", "Lighthouse")]
        self.visits = {site["id"]: self._visits(dice, 900 - 300 * i) for i, site in enumerate(self.websites)}
        self.minutes: Counter[tuple[str, int]] = Counter()
        self.used: Counter[str] = Counter({KEYS["main"]: 2100, KEYS["scoped"]: 7, KEYS["exhausted"]: 10_000})
        self.live: dict[str, dict[str, datetime]] = {site["tracking_code"]: {} for site in self.websites}

    def now(self) -> float:
        """The clock of the run and of the server."""
        self.at += timedelta(milliseconds=7)
        return self.at.timestamp()

    def sleep(self, seconds: float) -> None:
        """Time passes."""
        self.at += timedelta(seconds=seconds)

    def _made(self, dice: random.Random, name: str) -> dict[str, JSON]:
        return {
            "id": str(uuid.UUID(int=dice.getrandbits(128), version=4)),
            "domain": f"{name.lower()}.example",
            "name": name,
            "tracking_code": f"NZ-{dice.getrandbits(32):08x}",
            "is_active": name == "Harbour",
            "created_at": _instant(self.at - timedelta(days=dice.randrange(400, 700))),
            "team_id": f"team-{dice.randrange(100)}",
        }

    def _visits(self, dice: random.Random, count: int) -> list[dict[str, JSON]]:
        found = []
        for number in range(count):
            age = timedelta(seconds=dice.random() ** 2 * 364 * 86_400 + 900)
            found.append(
                {
                    "id": f"v-{number:05d}-{dice.getrandbits(24):06x}",
                    "at": self.at - age,
                    "person": dice.randrange(count // 2),
                    "country": dice.choice(
                        [("NL", "Netherlands"), ("PT", "Portugal"), ("CL", "Chile"), ("KE", "Kenya")]
                    ),
                    "browser": dice.choice(["Firefox", "Chromium", "Safari"]),
                    "os": dice.choice(["Linux", "Windows", "iOS"]),
                    "device": dice.choice(["desktop", "mobile", "tablet"]),
                    "score": round(dice.uniform(0, 100), 1),
                    "pages": [dice.choice(["/", "/boats", "/tides", "/contact"]) for _ in range(dice.randint(1, 5))],
                    "seconds": dice.randrange(4, 900),
                    "replayed": number % 7 == 0,
                }
            )
        return sorted(found, key=lambda visit: visit["at"], reverse=True)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        self.now()
        call = Call(self, request)
        for name, text in request.url.params.multi_items():
            call.query.setdefault(name, []).append(text)
        try:
            self._route(call)
            self.before(call)
            self._admit(call)
            data = getattr(self, f"_{call.operation}")(call)
            call.body = {"success": True, "data": data, "timestamp": _instant(self.at)}
        except RefusedError as error:
            call.status, code, message = error.args
            stamp = _instant(self.at)
            call.body = {"success": False, "error": {"code": code, "message": message, "timestamp": stamp}}
        call.headers["content-type"] = "application/json"
        call.headers["x-request-id"] = str(uuid.UUID(int=self.random.getrandbits(128), version=4))
        self.after(call)
        if isinstance(call.body, (bytes, str)):
            content = call.body if isinstance(call.body, bytes) else call.body.encode()
            return httpx.Response(call.status, headers=call.headers, content=content)
        if request.method == "HEAD":
            return httpx.Response(call.status, headers=call.headers)
        return httpx.Response(call.status, headers=call.headers, json=call.body)

    def _route(self, call: Call) -> None:
        parts = call.request.url.path.removeprefix(PREFIX).strip("/").split("/")
        outside = not call.request.url.path.startswith(f"{PREFIX}/")
        names = {
            ("analytics", 2, ""): "overview",
            ("analytics", 3, "visitors"): "visitors",
            ("analytics", 3, "pages"): "pages",
            ("analytics", 3, "countries"): "countries",
            ("analytics", 3, "technology"): "technology",
            ("websites", 1, ""): "list",
            ("websites", 2, ""): "website",
            ("heatmaps", 3, "pages"): "heatmaps",
            ("replays", 3, "sessions"): "sessions",
            ("errors", 3, "groups"): "groups",
            ("usage", 1, ""): "usage",
            ("live", 2, ""): "live",
            ("e", 2, ""): "track",
            ("heartbeat", 1, ""): "beat",
        }
        name = names.get((parts[0], len(parts), parts[2] if len(parts) == 3 else ""))
        if name is None or outside != (name in ("live", "track", "beat")):
            raise RefusedError(404, "NOT_FOUND", "there is nothing here")
        methods = ("POST",) if name in ("track", "beat") else ("GET", "HEAD")
        call.operation = name
        call.site = parts[1] if len(parts) > 1 else ""
        if call.request.method not in methods:
            call.headers["allow"] = ", ".join(methods)
            raise RefusedError(405, "METHOD_NOT_ALLOWED", "not in this way")

    def _admit(self, call: Call) -> None:
        """The key, its limits, the parameters, the website: in this order."""
        if call.operation in ("live", "track", "beat"):
            if call.operation != "beat" and call.site not in self.live:
                raise RefusedError(404, "NOT_FOUND", "no such website")
            return
        bearer = call.request.headers.get("authorization", "")
        call.key = call.key or call.request.headers.get("x-api-key") or ""
        if not call.key and bearer.lower().startswith("bearer "):
            call.key = bearer[7:]
        if call.key not in KEYS.values() or call.key == KEYS["revoked"]:
            raise RefusedError(401, "UNAUTHORIZED", "who are you?")
        self._count(call)
        if "range" not in call.marks and call.query.get("range", ["7d"])[0] not in DAYS and call.operation in RANGED:
            raise RefusedError(400, "VALIDATION_ERROR", "range is 24h, 7d, 30d, 90d or 1y")
        for name, (low, high) in BOUNDS.get(call.operation, {}).items():
            text = call.query.get(name, ["5"])[0]
            right = text.isascii() and text.lstrip("-").isdigit() and low <= int(text) <= high
            if not right and name not in call.marks:
                raise RefusedError(400, "VALIDATION_ERROR", f"{name} is a number from {low} to {high}")
        status = call.query.get("status", ["resolved"])[0]
        if call.operation == "groups" and status not in ("resolved", "unresolved", "ignored"):
            raise RefusedError(400, "VALIDATION_ERROR", "status is resolved, unresolved or ignored")
        if call.site:
            try:
                uuid.UUID(call.site)
            except ValueError:
                raise RefusedError(400, "VALIDATION_ERROR", "no website has such an id") from None
            if call.site not in self.visits:
                raise RefusedError(404, "NOT_FOUND", "no such website")
            if call.key == KEYS["scoped"] and call.site != self.websites[0]["id"] and "open" not in call.marks:
                raise RefusedError(403, "FORBIDDEN", "not yours")

    def _count(self, call: Call) -> None:
        limit, month = (30, 10_000)
        slot = call.key, int(self.at.timestamp()) // 60
        left = limit - self.minutes[slot]
        over = self.used[call.key] >= month
        counts = left > 0 and not over
        self.minutes[slot] += counts
        self.used[call.key] += counts
        next_month = (self.at.replace(day=1, hour=0, minute=0, second=0, microsecond=0) + timedelta(days=32)).replace(
            day=1
        )
        call.headers.update(
            {
                "X-RateLimit-Limit": str(limit),
                "X-RateLimit-Remaining": str(limit - self.minutes[slot]),
                "X-RateLimit-Reset": str((slot[1] + 1) * 60),
                "X-Usage-Monthly": str(self.used[call.key]),
                "X-Usage-Limit": str(month),
                "X-Usage-Reset": _instant(next_month),
                "X-Usage-Total": str(self.used[call.key] + 5000),
            }
        )
        if not counts:
            until = next_month if over else datetime.fromtimestamp((slot[1] + 1) * 60, UTC)
            call.headers["Retry-After"] = str(int((until - self.at).total_seconds()) + 1)
            code = "MONTHLY_LIMIT_EXCEEDED" if over else "RATE_LIMIT_EXCEEDED"
            raise RefusedError(429, code, "slower, please")

    def _number(self, call: Call, name: str, otherwise: int) -> int:
        text = call.query.get(name, [""])[0]
        return int(text) if text.lstrip("-").isdigit() else otherwise

    def _ranged(self, call: Call) -> list[dict[str, JSON]]:
        """Whole days up to today."""
        days = DAYS.get(call.query.get("range", ["7d"])[0], 7)
        first = self._first(days)
        return [visit for visit in self.visits[call.site] if visit["at"].date() >= first]

    def _first(self, days: int) -> Any:
        return (self.at - timedelta(days=days - 1)).date()

    def _site(self, call: Call) -> dict[str, JSON]:
        return next(site for site in self.websites if site["id"] == call.site)

    def _list(self, call: Call) -> JSON:
        own = [dict(site) for site in self.websites if call.key != KEYS["scoped"] or site is self.websites[0]]
        return {"websites": own, "total": len(own)}

    def _website(self, call: Call) -> JSON:
        return {"website": {**self._site(call), "user_id": "u-1", "settings": {"heatmaps": True}}}

    def _overview(self, call: Call) -> JSON:
        span = call.query.get("range", ["7d"])[0]
        visits, days = self._ranged(call), DAYS.get(span, 7)
        first = self._first(days)
        rows = []
        for number in range(days):
            day = first + timedelta(days=number)
            own = [visit for visit in visits if visit["at"].date() == day]
            rows.append(
                {
                    "date": day.isoformat(),
                    "website_id": call.site,
                    "total_visitors": len(own),
                    "unique_visitors": len({visit["person"] for visit in own}),
                    "page_views": sum(len(visit["pages"]) for visit in own),
                }
            )
        site = self._site(call)
        return {
            "website": {name: site[name] for name in ("id", "domain", "name")},
            "time_range": span,
            "date_range": {
                "start": first.isoformat(),
                "end": self.at.date().isoformat(),
                "startDateTime": f"{first.isoformat()}T00:00:00Z",
                "endDateTime": _instant(self.at),
            },
            "summary": {
                "total_visitors": len(visits),
                "total_page_views": sum(row["page_views"] for row in rows),
                "unique_visitors": len({visit["person"] for visit in visits}),
            },
            "daily_stats": rows,
        }

    def _visitors(self, call: Call) -> JSON:
        visits = self._ranged(call)
        limit, offset = self._number(call, "limit", 100), self._number(call, "offset", 0)
        rows = [
            {
                "id": visit["id"],
                "country_code": visit["country"][0],
                "country_name": visit["country"][1],
                "city": "Port",
                "device_type": visit["device"],
                "browser": visit["browser"],
                "os": visit["os"],
                "value_score": visit["score"],
                "visited_at": _instant(visit["at"]),
                "landing_page": visit["pages"][0],
                "referrer": None,
                "had_interaction": visit["seconds"] > 60,
            }
            for visit in visits[offset : offset + limit]
        ]
        more = offset + limit < len(visits)
        return {"visitors": rows, "pagination": {"limit": limit, "offset": offset, "has_more": more}}

    def _pages(self, call: Call) -> JSON:
        visits, rows = self._ranged(call), []
        for path in sorted({path for visit in visits for path in visit["pages"]}):
            own = [visit for visit in visits if path in visit["pages"]]
            views = sum(visit["pages"].count(path) for visit in own)
            seconds = sum(visit["seconds"] for visit in own) / len(own) / 2
            rows.append(
                {"path": path, "page_views": views, "visitors": len(own), "avg_time_seconds": round(seconds, 1)}
            )
        rows.sort(key=lambda row: -row["page_views"])
        return {"pages": rows[: self._number(call, "limit", 20)]}

    def _countries(self, call: Call) -> JSON:
        groups: dict[Any, list[float]] = {}
        for visit in self._ranged(call):
            groups.setdefault(visit["country"], []).append(visit["score"])
        rows = [
            {
                "country_code": code,
                "country_name": name,
                "visitors": len(scores),
                "avg_value_score": round(sum(scores) / len(scores), 2),
            }
            for (code, name), scores in groups.items()
        ]
        rows.sort(key=lambda row: (-row["visitors"], row["country_code"]))
        return {"countries": rows[: self._number(call, "limit", 20)]}

    def _technology(self, call: Call) -> JSON:
        visits, limit = self._ranged(call), self._number(call, "limit", 20)

        def shares(member: str) -> list[JSON]:
            counts = Counter(visit[member] for visit in visits)
            rows = [
                {"name": name, "visitors": count, "percentage": round(100 * count / len(visits), 1)}
                for name, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
            ]
            return rows[:limit]

        return {"browsers": shares("browser"), "operating_systems": shares("os"), "device_types": shares("device")}

    def _heatmaps(self, call: Call) -> JSON:
        counts = Counter(path for visit in self.visits[call.site] for path in visit["pages"])
        rows = [
            {"url": path, "total_interactions": count * 3, "last_updated": _instant(self.visits[call.site][0]["at"])}
            for path, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        ]
        return {"pages": rows[: self._number(call, "limit", 20)]}

    def _sessions(self, call: Call) -> JSON:
        visits = [visit for visit in self.visits[call.site] if visit["replayed"]]
        limit, offset = self._number(call, "limit", 50), self._number(call, "offset", 0)
        rows = [
            {
                "id": f"sr_{visit['id']}",
                "session_id": f"sess_{visit['id']}",
                "page_url": visit["pages"][0],
                "device_type": visit["device"],
                "browser": visit["browser"],
                "os": visit["os"],
                "country_code": visit["country"][0],
                "duration_seconds": visit["seconds"],
                "event_count": visit["seconds"] * 2,
                "started_at": _instant(visit["at"]),
                "ended_at": _instant(visit["at"] + timedelta(seconds=visit["seconds"])),
            }
            for visit in visits[offset : offset + limit]
        ]
        more = offset + limit < len(visits)
        return {"sessions": rows, "pagination": {"limit": limit, "offset": offset, "has_more": more}}

    def _groups(self, call: Call) -> JSON:
        states = ("unresolved", "resolved", "ignored")
        rows = [
            {
                "id": f"eg_{number}",
                "fingerprint": f"f{number}",
                "message": f"x is undefined ({number})",
                "type": "TypeError",
                "status": states[number % 3],
                "occurrence_count": 90 - number * 2,
                "first_seen_at": _instant(self.visits[call.site][-1]["at"]),
                "last_seen_at": _instant(self.visits[call.site][number]["at"]),
                "affected_users_count": 40 - number,
            }
            for number in range(23)
        ]
        wanted = call.query.get("status")
        rows = [row for row in rows if not wanted or row["status"] == wanted[0]]
        return {"error_groups": rows[: self._number(call, "limit", 50)]}

    def _usage(self, call: Call) -> JSON:
        used = self.used[call.key]
        scoped = call.key == KEYS["scoped"]
        return {
            "api_key": {
                "id": "ak_1",
                "name": "CI",
                "permission": "site_access" if scoped else "full_access",
                "website_id": self.websites[0]["id"] if scoped else None,
            },
            "usage": {
                "monthly_requests": used,
                "monthly_limit": 10_000,
                "monthly_remaining": 10_000 - used,
                "monthly_reset_at": call.headers["X-Usage-Reset"],
                "total_requests": used + 5000,
            },
            "rate_limits": {
                "requests_per_minute": 30,
                "current_rpm": self.minutes[call.key, int(self.at.timestamp()) // 60],
            },
            "subscription": {"tier": "pro", "status": "active"},
        }

    def _live(self, call: Call) -> JSON:
        seen = self.live[call.site]
        return {"visitors": sum(self.at - at < timedelta(minutes=5) for at in seen.values())}

    def _json(self, call: Call) -> dict[str, JSON]:
        if not call.request.headers.get("content-type", "").startswith("application/json"):
            raise RefusedError(415, "UNSUPPORTED_MEDIA_TYPE", "JSON, please")
        if len(call.request.content) > 1024 * 1024:
            raise RefusedError(413, "PAYLOAD_TOO_LARGE", "less, please")
        try:
            found = json.loads(call.request.content)
        except ValueError:
            found = None
        wanted = ("session_id", "url", "device_type", "browser", "os", "user_agent")
        wanted = wanted if call.operation == "track" else ("session_id", "tracking_code")
        if not isinstance(found, dict) or not all(isinstance(found.get(name), str) for name in wanted):
            raise RefusedError(400, "VALIDATION_ERROR", "a member is missing")
        return found

    def _track(self, call: Call) -> JSON:
        body = self._json(call)
        if body.get("type", "pageview") not in ("pageview", "event"):
            raise RefusedError(400, "VALIDATION_ERROR", "type is pageview or event")
        self._seen(call.site, body["session_id"])
        return {"tracked": True}

    def _seen(self, code: str, session: str) -> None:
        if session not in self.live[code]:
            site = next(site["id"] for site in self.websites if site["tracking_code"] == code)
            self.visits[site].insert(0, {**self.visits[site][0], "id": f"v-{session}", "at": self.at, "pages": ["/"]})
        self.live[code][session] = self.at

    def _beat(self, call: Call) -> JSON:
        body = self._json(call)
        code = body.get("tracking_code")
        if code not in self.live:
            raise RefusedError(404, "NOT_FOUND", "no such website")
        self._keep(code, body["session_id"])
        return {"active": True}

    def _keep(self, code: str, session: str) -> None:
        if session in self.live[code]:
            self.live[code][session] = self.at


RANGED = frozenset({"overview", "visitors", "pages", "countries", "technology"})
BOUNDS: dict[str, dict[str, tuple[int, int]]] = {
    "visitors": {"limit": (1, 1000), "offset": (0, 10**9)},
    "pages": {"limit": (1, 100)},
    "countries": {"limit": (1, 100)},
    "technology": {"limit": (1, 100)},
    "heatmaps": {"limit": (1, 100)},
    "sessions": {"limit": (1, 200), "offset": (0, 10**9)},
    "groups": {"limit": (1, 200)},
}


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
