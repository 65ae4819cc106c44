"""Parameters that are ignored, refused or read wrongly."""

from __future__ import annotations

from tests.mutants.defects.catalogue import AP, Z25, Z26, mutant
from tests.mutants.defects.isolation import _FIRST
from tests.mutants.edits import answer, clamped, ignoring, instead, lax, on

P = "parameters"
mutant(
    Z26,
    P,
    "range-ignored-overview",
    "range chooses the days.",
    before=ignoring("range", operation="getAnalyticsOverview"),
)
mutant(
    Z26, P, "range-ignored-countries", "range chooses the days.", before=ignoring("range", operation="listCountries")
)
mutant(
    Z25,
    P,
    "range-ignored-overview",
    "timeRange chooses the days.",
    before=ignoring("timeRange", operation="getAnalyticsOverview"),
)
mutant(AP, P, "range-ignored-stats", "range chooses the days.", before=ignoring("range", operation="getSiteStats"))
mutant(AP, P, "range-ignored-events", "range chooses the days.", before=ignoring("range", operation="listSiteEvents"))
mutant(Z26, P, "default-30d", "The default range is 7d.", before=instead("getAnalyticsOverview", "range", {}, "30d"))
mutant(
    Z25,
    P,
    "default-30d",
    "The default timeRange is 7d.",
    before=instead("getAnalyticsOverview", "timeRange", {}, "30d"),
)
mutant(AP, P, "default-30d", "The default range is 7d.", before=instead("getSiteStats", "range", {}, "30d"))
mutant(Z26, P, "default-limit-50", "The default limit is 20.", before=instead("listCountries", "limit", {}, "30"))
mutant(
    Z26, P, "default-limit-heatmap", "The default limit is 20.", before=instead("listHeatmapPages", "limit", {}, "2")
)
mutant(Z25, P, "default-per-page", "The default per_page is 20.", before=instead("listVisitors", "per_page", {}, "25"))
mutant(Z26, P, "1y-refused", "range may be 1y.", before=instead("getAnalyticsOverview", "range", {"1y": "1yr"}))
mutant(
    Z25, P, "24h-refused", "timeRange may be 24h.", before=instead("getAnalyticsOverview", "timeRange", {"24h": "x"})
)
mutant(AP, P, "90d-refused", "range may be 90d.", before=instead("getSitePageviews", "range", {"90d": "x"}))
mutant(Z26, P, "90d-is-30d", "90d is longer than 30d.", before=instead("getAnalyticsOverview", "range", {"90d": "30d"}))
mutant(Z26, P, "max-off-by-one", "limit may be 100.", before=instead("listHeatmapPages", "limit", {"100": "101"}))
mutant(Z26, P, "min-off-by-one", "limit may be 1.", before=instead("listCountries", "limit", {"1": "0"}))
mutant(Z26, P, "clamps-limit", "A limit out of bounds is refused.", before=clamped("listHeatmapPages", "limit", 1, 100))
mutant(Z25, P, "clamps-per-page", "per_page is at most 100.", before=clamped("listVisitors", "per_page", 1, 100))
mutant(Z26, P, "zero-limit-accepted", "limit is at least 1.", before=instead("listErrorGroups", "limit", {"0": "50"}))
mutant(Z26, P, "words-accepted", "limit is a whole number.", before=lax("listCountries", "limit", "20"))
mutant(
    Z26,
    P,
    "any-range",
    "range is one of five.",
    before=instead("listVisitors", "range", dict.fromkeys(("13d", "24H", "24hx", "0", "1y,24h"), "7d")),
)
mutant(
    AP,
    P,
    "any-range",
    "range is one of three.",
    before=lambda c: (
        c.put("range", "7d")
        if c.operation == "getSiteStats" and c.given("range") not in (None, "7d", "30d", "90d")
        else None
    ),
)
mutant(
    Z26,
    P,
    "unknown-parameter-refused",
    "Unknown parameters are ignored.",
    after=answer(
        400,
        {
            "success": False,
            "error": {"message": "x", "code": "VALIDATION_ERROR", "timestamp": "2026-02-07T12:00:00.000Z"},
        },
        when=lambda c: (
            any(n.startswith("contract_tests") or n not in ("range", "limit", "offset", "status") for n, _ in c.query)
            and c.good
        ),
    ),
)
mutant(Z26, P, "status-ignored", "status filters.", before=ignoring("status", operation="listErrorGroups"))
mutant(
    Z26,
    P,
    "status-loses-one",
    "A filter loses nothing.",
    after=on(
        "listErrorGroups",
        lambda c: (
            c.inner["error_groups"].pop()
            if c.given("status") == "unresolved" and len(c.inner["error_groups"]) > 1
            else None
        ),
    ),
)
mutant(AP, P, "pathname-ignored", "pathname filters.", before=ignoring("pathname"))
mutant(
    Z26,
    P,
    "negative-offset",
    "offset is at least 0.",
    before=lambda c: c.put("offset", "0") if (c.given("offset") or "").startswith("-") else None,
)
mutant(
    Z26,
    P,
    "malformed-id-accepted",
    "websiteId is a UUID.",
    before=lambda c: setattr(c, "path", c.path.replace("not-an-id", _FIRST[Z26])),
)
mutant(
    AP,
    P,
    "unknown-site-answered",
    "An unknown site is refused.",
    before=lambda c: (
        setattr(c, "path", c.path.replace(c.resource, _FIRST[AP]))
        if c.operation == "getSiteStats"
        and c.resource not in ("6507f1f77bcf86cd799439011", "6507f1f77bcf86cd799439012", "6507f1f77bcf86cd799439013")
        else None
    ),
)
mutant(
    Z25,
    P,
    "unknown-website-answered",
    "An unknown website is refused.",
    before=lambda c: (
        setattr(c, "path", c.path.replace(c.resource, _FIRST[Z25]))
        if c.operation == "listHeatmapPages"
        and c.resource not in _FIRST.values()
        and not c.resource.startswith(("a1b2", "b2c3", "c3d4"))
        else None
    ),
)
