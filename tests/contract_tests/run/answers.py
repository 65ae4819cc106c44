"""What the hand-written server of `outside.py` answers to whoever was let in, computed from its visits."""

from __future__ import annotations

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


@dataclass
class Call:
    """A request and what is about to be answered. A defect changes either."""

    server: Any
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


def unchanged(_: Call) -> None:
    return None


class Answers:
    """The bodies inside their envelope, one method for each operation."""

    at: datetime
    websites: list[dict[str, JSON]]
    visits: dict[str, list[dict[str, JSON]]]
    used: Counter[str]
    live: dict[str, dict[str, datetime]]

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
                "endDateTime": instant(self.at),
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
                "visited_at": instant(visit["at"]),
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
            row = {"path": path, "page_views": views, "visitors": len(own), "avg_time_seconds": round(seconds, 1)}
            rows.append(row)
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
            {"url": path, "total_interactions": count * 3, "last_updated": instant(self.visits[call.site][0]["at"])}
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
                "started_at": instant(visit["at"]),
                "ended_at": instant(visit["at"] + timedelta(seconds=visit["seconds"])),
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
                "first_seen_at": instant(self.visits[call.site][-1]["at"]),
                "last_seen_at": instant(self.visits[call.site][number]["at"]),
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
            "rate_limits": {"requests_per_minute": 30},
            "subscription": {"tier": "pro", "status": "active"},
        }

    def _live(self, call: Call) -> JSON:
        seen = self.live[call.site]
        return {"visitors": sum(self.at - at < timedelta(minutes=5) for at in seen.values())}


def instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
