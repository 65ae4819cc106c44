"""Bodies whose schema is broken."""

from __future__ import annotations

import json

from tests.mutants.defects.catalogue import AP, Z25, Z26, mutant
from tests.mutants.edits import drop, each, first, header, mapped, on, remover, rename, setter, update

S = "schema"
mutant(
    Z26,
    S,
    "no-envelope",
    "Every body stands in an envelope.",
    after=lambda c: setattr(c, "data", c.inner) if c.good and c.data else None,
)
mutant(Z26, S, "success-false", "A success says success: true.", after=on("*", lambda c: c.data.update(success=False)))
mutant(Z26, S, "no-timestamp", "The envelope has a timestamp.", after=on("*", lambda c: c.data.pop("timestamp", None)))
mutant(
    Z26, S, "unix-timestamp", "The timestamp is RFC 3339.", after=on("*", lambda c: c.data.update(timestamp=1770465600))
)
mutant(Z26, S, "total-as-text", "total is a number.", after=on("listWebsites", update("total", str)))
mutant(
    Z26,
    S,
    "no-tracking-code",
    "A website has a tracking_code.",
    after=on("listWebsites", each("websites", remover("tracking_code"))),
)
mutant(Z26, S, "no-settings", "The website page shows its settings.", after=on("getWebsite", drop("website.settings")))
mutant(Z26, S, "settings-list", "settings is an object.", after=on("getWebsite", update("website.settings", list)))
mutant(Z26, S, "active-as-number", "is_active is a boolean.", after=on("getWebsite", update("website.is_active", int)))
mutant(
    Z26,
    S,
    "interactions-as-text",
    "total_interactions is a number.",
    after=on("listHeatmapPages", each("pages", mapped("total_interactions", str))),
)
mutant(
    Z26,
    S,
    "camel-case-heatmap",
    "The member is last_updated.",
    after=on("listHeatmapPages", each("pages", lambda r: r.update(lastUpdated=r.pop("last_updated")))),
)
mutant(
    Z26,
    S,
    "bad-created-at",
    "created_at is an ISO 8601 instant.",
    after=on("listWebsites", each("websites", setter(created_at="15/11/2025 10:30"))),
)
mutant(
    Z26,
    S,
    "country-lowercase",
    "country_code is ISO 3166-1 alpha-2.",
    after=on("listCountries", each("countries", mapped("country_code", str.lower))),
)
mutant(
    Z26,
    S,
    "score-above-100",
    "Scores lie between 0 and 100.",
    after=on("listVisitors", first("visitors", setter(value_score=101))),
)
mutant(
    Z26,
    S,
    "unknown-status",
    "status is unresolved, resolved or ignored.",
    after=on("listErrorGroups", first("error_groups", setter(status="open"))),
)
mutant(
    Z26,
    S,
    "interaction-null",
    "had_interaction is a boolean.",
    after=on("listVisitors", each("visitors", setter(had_interaction=None))),
)
mutant(Z26, S, "usage-limit-missing", "usage shows monthly_limit.", after=on("getUsage", drop("usage.monthly_limit")))
mutant(Z26, S, "live-as-text", "visitors is a number.", after=on("getLiveVisitors", update("visitors", str)))
mutant(Z26, S, "html-content-type", "Bodies are application/json.", after=header("content-type", lambda t: "text/html"))
mutant(
    Z26,
    S,
    "json-with-tail",
    "A body is one JSON value.",
    after=on("listCountries", lambda c: setattr(c, "raw", json.dumps(c.data).encode() + b"\n// end")),
)
mutant(
    Z25,
    S,
    "enveloped",
    "Bodies of 2025 are bare.",
    after=on("*", lambda c: setattr(c, "data", {"success": True, "data": c.data})),
)
mutant(
    Z25,
    S,
    "total-visitors-text",
    "totalVisitors is a number.",
    after=on("getAnalyticsOverview", update("totalVisitors", str)),
)
mutant(
    Z25,
    S,
    "snake-case",
    "The member is totalPageViews.",
    after=on("getAnalyticsOverview", rename("totalPageViews", "total_page_views")),
)
mutant(Z25, S, "no-bounce-rate", "The overview has a bounceRate.", after=on("getAnalyticsOverview", drop("bounceRate")))
mutant(
    Z25,
    S,
    "day-without-views",
    "A day has pageViews.",
    after=on("getAnalyticsOverview", each("dailyStats", remover("pageViews"))),
)
mutant(Z25, S, "plan-missing", "usage names the plan.", after=on("getUsage", drop("plan")))
mutant(
    Z25,
    S,
    "websites-object",
    "websites is a list.",
    after=on("listWebsites", update("websites", lambda items: {i["id"]: i for i in items})),
)
mutant(AP, S, "visitors-text", "visitors is a number.", after=on("getSiteStats", update("visitors", str)))
mutant(AP, S, "no-avg-duration", "stats shows avgDuration.", after=on("getSiteStats", drop("avgDuration")))
mutant(
    AP,
    S,
    "path-member",
    "A page has the member pathname.",
    after=on("getSiteStats", each("topPages", lambda r: r.update(path=r.pop("pathname")))),
)
mutant(
    AP,
    S,
    "events-by-name",
    "events is a list.",
    after=on("listSiteEvents", update("events", lambda items: {i["name"]: i["count"] for i in items})),
)
mutant(
    AP,
    S,
    "chart-date-time",
    "A day of the chart is a date.",
    after=on("getSitePageviews", each("chart", mapped("date", lambda d: d + " 00:00"))),
)
mutant(
    AP,
    S,
    "created-at-number",
    "createdAt is an instant.",
    after=on("listSites", each("sites", setter(createdAt=1736937000))),
)
mutant(
    AP,
    S,
    "bounce-over-100",
    "bounceRate is a percentage.",
    after=on("getSiteStats", update("bounceRate", lambda v: 4200)),
)
mutant(
    AP,
    S,
    "negative-active",
    "activeVisitors counts.",
    after=on("getSiteRealtime", update("activeVisitors", lambda v: -1)),
)
