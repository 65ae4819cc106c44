"""Totals, shares and days that contradict each other."""

from __future__ import annotations

import random

from tests.mutants.defects.catalogue import AP, Z25, Z26, mutant
from tests.mutants.edits import each, first, listed, mapped, on, update
from tests.mutants.server import Call

M = "meaning"
mutant(
    Z26,
    M,
    "visitors-do-not-add-up",
    "Days add up to the totals.",
    after=on("getAnalyticsOverview", update("summary.total_visitors", lambda v: v + 1)),
)
mutant(
    Z26,
    M,
    "unique-above-total",
    "Unique visitors are visitors.",
    after=on(
        "getAnalyticsOverview",
        lambda c: c.inner["summary"].update(unique_visitors=c.inner["summary"]["total_visitors"] + 5),
    ),
)
mutant(
    Z26,
    M,
    "day-missing",
    "Days follow each other.",
    after=on("getAnalyticsOverview", listed("daily_stats", lambda items: items[:2] + items[3:])),
)
mutant(
    Z26,
    M,
    "day-doubled",
    "A day stands once.",
    after=on("getAnalyticsOverview", listed("daily_stats", lambda items: [*items[:1], *items] if items else items)),
)
mutant(
    Z26,
    M,
    "time-range-echo",
    "time_range is the range that was asked for.",
    after=on("getAnalyticsOverview", update("time_range", lambda v: "7d")),
)
mutant(
    Z26,
    M,
    "start-is-wrong",
    "date_range has the length of the range.",
    after=on("getAnalyticsOverview", update("date_range.start", lambda v: "2024-01-01")),
)
mutant(
    Z25,
    M,
    "percentage-of-views",
    "percentage is the share of visitors.",
    after=on("getAnalyticsOverview", each("topCountries", mapped("percentage", lambda v: round(v / 2, 1)))),
)
mutant(
    Z25,
    M,
    "percentage-as-share",
    "percentage lies between 0 and 100, of visitors.",
    after=on("getAnalyticsOverview", each("topCountries", mapped("percentage", lambda v: v / 100))),
)
mutant(
    Z25,
    M,
    "views-do-not-add-up",
    "Days add up to the totals.",
    after=on("getAnalyticsOverview", update("totalPageViews", lambda v: v * 2)),
)
mutant(
    Z25,
    M,
    "country-percentage",
    "percentage is the share of visitors.",
    after=on("listCountries", each("countries", mapped("percentage", lambda v: min(100, v + 5)))),
)
mutant(
    AP,
    M,
    "chart-does-not-add-up",
    "The chart adds up to the total.",
    after=on("getSitePageviews", update("total", lambda v: v + 7)),
)
mutant(
    AP,
    M,
    "pages-above-total",
    "Top pages are some of the page views.",
    after=on("getSiteStats", first("topPages", mapped("views", lambda v: v * 10))),
)
mutant(
    AP,
    M,
    "stats-and-pageviews",
    "Stats and page views agree.",
    after=on("getSiteStats", update("pageviews", lambda v: v + 400)),
)
mutant(
    AP,
    M,
    "active-pages-above",
    "Active pages are of the active visitors.",
    after=on("getSiteRealtime", first("activePages", mapped("visitors", lambda v: v + 500))),
)
mutant(
    AP,
    M,
    "unique-above-total",
    "Unique visitors have page views.",
    after=on("getSitePageviews", lambda c: c.inner.update(unique=c.inner["total"] + 1)),
)
mutant(
    Z26,
    M,
    "random-figures",
    "The same request gives the same data.",
    after=on("getAnalyticsOverview", update("summary.unique_visitors", lambda v: max(0, v - random.randint(1, 50)))),
)
mutant(
    Z26,
    M,
    "countries-above-overview",
    "Countries are of the visitors.",
    after=on("listCountries", each("countries", mapped("visitors", lambda v: v * 2))),
)
mutant(
    Z26,
    M,
    "longer-range-smaller",
    "Longer ranges contain shorter ones.",
    after=on("getAnalyticsOverview", lambda c: _halved(c) if c.given("range") in ("30d", "90d", "1y") else None),
)
mutant(
    Z26,
    M,
    "usage-remaining",
    "remaining = limit - used.",
    after=on("getUsage", update("usage.monthly_remaining", lambda v: v - 1)),
)
mutant(
    Z26,
    M,
    "session-ends-before-start",
    "A session ends after its start.",
    after=on(
        "listReplaySessions", each("sessions", lambda r: r.update(started_at=r["ended_at"], ended_at=r["started_at"]))
    ),
)
mutant(
    Z26,
    M,
    "seen-order",
    "An error is first seen before it is last seen.",
    after=on(
        "listErrorGroups",
        each("error_groups", lambda r: r.update(first_seen_at=r["last_seen_at"], last_seen_at=r["first_seen_at"])),
    ),
)


def _halved(call: Call) -> None:
    """Everything a tenth, consistently."""
    summary, days = call.inner["summary"], call.inner["daily_stats"]
    for day in days:
        for name in ("total_visitors", "unique_visitors", "page_views"):
            day[name] //= 100
    for name, of in (
        ("total_visitors", "total_visitors"),
        ("total_page_views", "page_views"),
        ("unique_visitors", "unique_visitors"),
    ):
        summary[name] = sum(day[of] for day in days)
