"""A server that is not the mock and shares no line with it: the operations of zenovay@2026-02, written by hand.

It is called through `httpx.MockTransport`; its clock only moves when somebody sleeps. `before` and `after` break it.
"""

from __future__ import annotations

import json
import random
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.contract_tests.run.answers import DAYS, KEYS, Answers, Call, Change, RefusedError, instant, unchanged

JSON = Any
PREFIX = "/api/external/v1"
COUNTRIES = [("NL", "Netherlands"), ("PT", "Portugal"), ("CL", "Chile"), ("KE", "Kenya")]
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


class Outside(Answers):
    """Two websites with a year of visits; a key for both, one for the first, a revoked one and a used-up one."""

    def __init__(self, before: Change = unchanged, after: Change = unchanged) -> None:
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
            "created_at": instant(self.at - timedelta(days=dice.randrange(400, 700))),
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
                    "country": dice.choice(COUNTRIES),
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
            call.body = {"success": True, "data": data, "timestamp": instant(self.at)}
        except RefusedError as error:
            call.status, code, message = error.args
            stamp = instant(self.at)
            call.body = {"success": False, "error": {"code": code, "message": message, "timestamp": stamp}}
            if call.status == 401:
                call.headers["www-authenticate"] = "Bearer"
        call.headers["content-type"] = "application/json"
        call.headers["x-request-id"] = str(uuid.UUID(int=self.random.getrandbits(128), version=4))
        self.after(call)
        if request.method == "HEAD":
            call.headers.pop("content-encoding", None)
            return httpx.Response(call.status, headers=call.headers)
        if isinstance(call.body, (bytes, str)):
            content = call.body if isinstance(call.body, bytes) else call.body.encode()
            return httpx.Response(call.status, headers=call.headers, content=content)
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
        self._examine(call)
        if call.site:
            self._reach(call)

    def _examine(self, call: Call) -> None:
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

    def _reach(self, call: Call) -> None:
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
        first = self.at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        next_month = (first + timedelta(days=32)).replace(day=1)
        call.headers.update(
            {
                "X-RateLimit-Limit": str(limit),
                "X-RateLimit-Remaining": str(limit - self.minutes[slot]),
                "X-RateLimit-Reset": str((slot[1] + 1) * 60),
                "X-Usage-Monthly": str(self.used[call.key]),
                "X-Usage-Limit": str(month),
                "X-Usage-Reset": instant(next_month),
                "X-Usage-Total": str(self.used[call.key] + 5000),
            }
        )
        if not counts:
            until = next_month if over else datetime.fromtimestamp((slot[1] + 1) * 60, UTC)
            call.headers["Retry-After"] = str(int((until - self.at).total_seconds()) + 1)
            code = "MONTHLY_LIMIT_EXCEEDED" if over else "RATE_LIMIT_EXCEEDED"
            raise RefusedError(429, code, "slower, please")

    def _json(self, call: Call) -> dict[str, JSON]:
        if not call.request.headers.get("content-type", "").startswith("application/json"):
            raise RefusedError(415, "UNSUPPORTED_MEDIA_TYPE", "JSON, please")
        if len(call.request.content) > 1024 * 1024:
            raise RefusedError(413, "PAYLOAD_TOO_LARGE", "less, please")
        try:
            found = json.loads(call.request.content)
        except ValueError:
            found = None
        wanted: tuple[str, ...] = ("session_id", "url", "device_type", "browser", "os", "user_agent")
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
