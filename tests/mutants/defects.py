"""The deliberately broken servers: each the mock with one defect, by name, class and violated sentence."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

from tests.mutants.edits import (
    answer,
    clamped,
    drop,
    each,
    error,
    first,
    header,
    holder,
    ignoring,
    instead,
    lax,
    listed,
    mapped,
    on,
    opened,
    remover,
    rename,
    setter,
    update,
)
from tests.mutants.server import Call, Mutant

JSON = Any
Z26, Z25, AP = "zenovay@2026-02", "zenovay@2025-01", "analytics-platform@v2"
GOOD = {Z26: "zv_demo_pro", Z25: "zv_demo_pro", AP: "ap_demo"}
MUTANTS: list[Mutant] = []


def mutant(
    contract: str,
    kind: str,
    name: str,
    sentence: str,
    *,
    before: Any = None,
    after: Any = None,
    profile: str = "readonly",
) -> None:
    """Add one."""
    short = {Z26: "z26", Z25: "z25", AP: "ap"}[contract]
    MUTANTS.append(Mutant(f"{short}-{name}", kind, contract, sentence, before, after, profile))


def swap(items: list[JSON]) -> list[JSON]:
    """The first two the other way round."""
    return [items[1], items[0], *items[2:]] if len(items) > 1 else items


def lists_in(call: Call) -> list[tuple[dict[str, JSON], str]]:
    """Every list of records of an answer."""
    inner = call.inner
    return (
        [(inner, name) for name, value in inner.items() if isinstance(value, list)] if isinstance(inner, dict) else []
    )


# --- bodies -----------------------------------------------------------------------------------------------------------

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

# --- errors -----------------------------------------------------------------------------------------------------------

E = "errors"
mutant(
    Z26,
    E,
    "code-lower-case",
    "Codes of 2026 are upper case.",
    after=lambda c: (
        c.data["error"].update(code=c.data["error"]["code"].lower())
        if c.status >= 400 and isinstance(c.data, dict) and "error" in c.data
        else None
    ),
)
mutant(
    Z26,
    E,
    "404-as-200",
    "An unknown website is answered 404.",
    after=lambda c: setattr(c, "status", 200) if c.status == 404 else None,
)
mutant(
    Z26,
    E,
    "404-as-400",
    "An unknown website is answered 404.",
    after=lambda c: setattr(c, "status", 400) if c.status == 404 and c.operation == "getWebsite" else None,
)
mutant(
    Z26, E, "404-without-code", "An error has a code.", after=error(404, lambda c: c.data["error"].pop("code", None))
)
mutant(
    Z26,
    E,
    "401-plain-text",
    "Errors are JSON.",
    after=lambda c: (
        (setattr(c, "raw", b"Unauthorized"), c.out.update({"content-type": "text/plain"})) if c.status == 401 else None
    ),
)
mutant(
    Z26,
    E,
    "401-as-403",
    "A missing key is answered 401.",
    after=lambda c: setattr(c, "status", 403) if c.status == 401 else None,
)
mutant(
    Z26, E, "error-as-text", "error is an object.", after=error(404, lambda c: c.data.update(error="Website not found"))
)
mutant(
    Z26,
    E,
    "success-true-on-error",
    "An error says success: false.",
    after=lambda c: c.data.update(success=True) if c.status >= 400 and isinstance(c.data, dict) else None,
)
mutant(
    Z26,
    E,
    "400-code",
    "Bad parameters say VALIDATION_ERROR.",
    after=error(400, lambda c: c.data["error"].update(code="BAD_REQUEST")),
)
mutant(
    Z26,
    E,
    "500-on-unknown",
    "An unknown website is no server error.",
    after=answer(
        500,
        {"success": False, "error": {"message": "x", "code": "GENERIC_ERROR", "timestamp": "2026-02-07T12:00:00.000Z"}},
        when=lambda c: c.status == 404 and c.operation == "listHeatmapPages",
    ),
)
mutant(
    Z26,
    E,
    "500-on-long-text",
    "Odd input is no server error.",
    after=lambda c: setattr(c, "status", 500) if any(len(t) > 1000 for _, t in c.query) else None,
)
mutant(
    Z26,
    E,
    "500-on-non-ascii",
    "Odd input is no server error.",
    after=lambda c: setattr(c, "status", 500) if any(not t.isascii() for _, t in c.query) else None,
)
mutant(
    Z26,
    E,
    "every-seventh-500",
    "A good request is answered.",
    after=lambda c: (
        c.state.update(n=c.state.get("n", 0) + 1),
        setattr(c, "status", 500) if c.state["n"] % 7 == 0 else None,
    ),
)
mutant(
    Z26,
    E,
    "unknown-path-200",
    "Unknown paths are answered 404.",
    after=lambda c: (
        (
            setattr(c, "status", 200),
            setattr(c, "data", {"success": True, "data": {}, "timestamp": "2026-02-07T12:00:00.000Z"}),
        )
        if not c.operation and c.status == 404
        else None
    ),
)
mutant(
    Z26,
    E,
    "405-as-404",
    "A wrong method is answered 405.",
    after=lambda c: setattr(c, "status", 404) if c.status == 405 else None,
)
mutant(
    Z26,
    E,
    "details-name-another",
    "Details name the wrong parameter.",
    after=error(400, lambda c: c.data["error"].get("details", {}).update(parameter="start_date")),
)
mutant(
    Z25,
    E,
    "code-upper-case",
    "Codes of 2025 are lower case.",
    after=lambda c: (
        c.data["error"].update(code=c.data["error"]["code"].upper())
        if c.status >= 400 and isinstance(c.data, dict)
        else None
    ),
)
mutant(
    Z25,
    E,
    "401-says-unauthorized",
    "A bad key says invalid_api_key.",
    after=error(401, lambda c: c.data["error"].update(code="unauthorized")),
)
mutant(
    Z25,
    E,
    "400-without-details",
    "A 400 says which parameter was wrong.",
    after=error(400, lambda c: c.data["error"].update(details="bad")),
)
mutant(
    Z25,
    E,
    "404-bare-message",
    "An error stands in `error`.",
    after=error(404, lambda c: setattr(c, "data", {"message": "not found"})),
)
mutant(
    AP,
    E,
    "error-object",
    "error is a text.",
    after=lambda c: (
        c.data.update(error={"message": c.data["error"]}) if c.status >= 400 and isinstance(c.data, dict) else None
    ),
)
mutant(
    AP,
    E,
    "unknown-site-404",
    "An unknown site is answered 403.",
    after=lambda c: setattr(c, "status", 404) if c.status == 403 else None,
)
mutant(
    AP, E, "401-empty", "A 401 has an error body.", after=lambda c: setattr(c, "data", {}) if c.status == 401 else None
)
mutant(
    AP,
    E,
    "500-on-strange-path",
    "Odd input is no server error.",
    after=lambda c: (
        setattr(c, "status", 500) if c.given("pathname") and len(c.given("pathname") or "") > 1000 else None
    ),
)
mutant(
    AP,
    E,
    "closes-connection",
    "Every request is answered.",
    after=lambda c: setattr(c, "fails", True) if c.operation == "listSiteEvents" else None,
)

# --- headers ----------------------------------------------------------------------------------------------------------

H = "headers"
for _contract in (Z25, AP):
    mutant(
        _contract,
        H,
        "no-remaining",
        "Every response carries X-RateLimit-Remaining.",
        after=header("x-ratelimit-remaining", lambda t: None),
    )
    mutant(
        _contract,
        H,
        "no-limit-on-errors",
        "Every response carries X-RateLimit-Limit.",
        after=header("x-ratelimit-limit", lambda t: None, when=lambda c: c.status >= 400),
    )
mutant(Z25, H, "usage-reset-unix", "X-Usage-Reset is RFC 3339.", after=header("x-usage-reset", lambda t: "1738368000"))
mutant(
    Z25,
    H,
    "usage-limit-missing-once",
    "Every response carries X-Usage-Limit.",
    after=header("x-usage-limit", lambda t: None, when=lambda c: c.operation == "getUsage"),
)
mutant(Z26, H, "no-request-id", "Responses carry x-request-id.", after=header("x-request-id", lambda t: None))
mutant(Z26, H, "request-id-no-uuid", "x-request-id is a UUID.", after=header("x-request-id", lambda t: "req-" + t[:8]))
mutant(
    Z26,
    H,
    "request-id-constant",
    "x-request-id is another one each time.",
    after=header("x-request-id", lambda t: "3f2b8c1e-0f6a-4a6f-9d0c-2b1f0c9d8e7f"),
)
mutant(
    Z26, H, "limit-as-words", "X-RateLimit-Limit is a number.", after=header("x-ratelimit-limit", lambda t: t + "/min")
)
mutant(
    Z26,
    H,
    "remaining-float",
    "X-RateLimit-Remaining is a whole number.",
    after=header("x-ratelimit-remaining", lambda t: t + ".0"),
)

# --- keys -------------------------------------------------------------------------------------------------------------

A = "authentication"
for _contract, _operations in (
    (Z26, ("getWebsite", "listErrorGroups", "getUsage")),
    (Z25, ("listCountries", "listWebsites")),
    (AP, ("getSiteRealtime", "getSitePageviews")),
):
    for _operation in _operations:
        mutant(
            _contract,
            A,
            f"open-{_operation}",
            "The operation needs a key.",
            before=opened(GOOD[_contract], when=lambda c, o=_operation: c.operation == o and not c.key),
        )  # type: ignore[misc]
_known = {
    "zv_demo_pro",
    "zv_demo_free",
    "zv_demo_scale",
    "zv_demo_site",
    "zv_demo_noperm",
    "zv_demo_exhausted",
    "zv_demo_enterprise",
    "ap_demo",
    "ap_demo_site",
}
for _contract in (Z26, AP):
    mutant(
        _contract,
        A,
        "any-key",
        "A key must be a known one.",
        before=opened(GOOD[_contract], when=lambda c: bool(c.key) and c.key not in _known),
    )
    mutant(
        _contract,
        A,
        "key-prefix",
        "A key must be whole.",
        before=opened(
            GOOD[_contract],
            when=lambda c, g=GOOD[_contract]: (
                bool(c.key) and len(c.key or "") > 4 and g.startswith(c.key or "-") and c.key not in _known
            ),
        ),
    )  # type: ignore[misc]
    mutant(
        _contract,
        A,
        "key-case",
        "Keys are case sensitive.",
        before=opened(GOOD[_contract], when=lambda c, g=GOOD[_contract]: (c.key or "").lower() == g and c.key != g),
    )  # type: ignore[misc]
    mutant(
        _contract,
        A,
        "key-in-query",
        "Keys stand in headers.",
        before=opened(GOOD[_contract], when=lambda c, g=GOOD[_contract]: not c.key and c.given("api_key") == g),
    )  # type: ignore[misc]
    mutant(
        _contract,
        A,
        "revoked-works",
        "A revoked key is refused.",
        before=opened(GOOD[_contract], when=lambda c: (c.key or "").endswith("revoked")),
    )
mutant(
    Z25,
    A,
    "key-extended",
    "A key must be exactly a good one.",
    before=opened("zv_demo_pro", when=lambda c: (c.key or "").startswith("zv_demo_prox")),
)
mutant(
    Z25,
    A,
    "any-key-one-operation",
    "A key must be a known one.",
    before=opened(
        "zv_demo_pro", when=lambda c: c.operation == "listReplaySessions" and bool(c.key) and c.key not in _known
    ),
)
mutant(Z26, A, "no-bearer", "Authorization: Bearer works too.", before=lambda c: c.headers.pop("authorization", None))
mutant(Z25, A, "no-x-api-key", "X-API-Key works.", before=lambda c: c.headers.pop("x-api-key", None))
mutant(
    Z26,
    A,
    "basic-accepted",
    "Only Bearer stands in Authorization.",
    before=lambda c: (
        c.headers.update(authorization="Bearer " + c.headers["authorization"][6:])
        if c.headers.get("authorization", "").startswith("Basic ")
        else None
    ),
)
mutant(
    Z26,
    A,
    "bare-accepted",
    "A key in Authorization follows the word Bearer.",
    before=lambda c: (
        c.headers.update(authorization="Bearer " + c.headers["authorization"])
        if c.headers.get("authorization", "").startswith("zv_")
        else None
    ),
)
mutant(
    Z26,
    A,
    "echoes-key",
    "No answer repeats the key.",
    after=lambda c: c.data["error"].update(message=f"Invalid API key {c.key}") if c.status == 401 and c.key else None,
)
mutant(
    Z26,
    A,
    "echoes-key-in-usage",
    "No answer repeats the key.",
    after=on("getUsage", lambda c: c.inner["api_key"].update(secret=c.key)),
)
mutant(
    AP,
    A,
    "echoes-key-header",
    "No answer repeats the key.",
    after=lambda c: c.out.update({"x-debug-key": c.key}) if c.key else None,
)
mutant(
    Z26,
    A,
    "refusal-with-data",
    "A refused request gets no data.",
    after=lambda c: (
        c.data.update(data={"websites": [{"id": "a", "domain": "b", "name": "c"}]})
        if c.status == 401 and isinstance(c.data, dict)
        else None
    ),
)
mutant(
    Z26,
    A,
    "live-needs-key",
    "The live count is public.",
    after=answer(
        401,
        {
            "success": False,
            "error": {
                "message": "Invalid or missing API key",
                "code": "UNAUTHORIZED",
                "timestamp": "2026-02-07T12:00:00.000Z",
            },
        },
        when=lambda c: c.operation == "getLiveVisitors" and not c.key,
    ),
)
mutant(
    Z26,
    A,
    "noperm-works",
    "A key without permission is refused.",
    before=opened("zv_demo_pro", when=lambda c: (c.key or "").endswith("noperm")),
)

I = "isolation"  # noqa: E741
for _contract, _key, _operations in (
    (Z26, "zv_demo_site", ("getWebsite", "listVisitors", "getAnalyticsOverview")),
    (Z25, "zv_demo_site", ()),
    (AP, "ap_demo_site", ("getSiteStats", "listSiteEvents")),
):
    for _operation in _operations:
        mutant(
            _contract,
            I,
            f"scoped-{_operation}",
            "A limited key cannot see another resource.",
            before=opened(GOOD[_contract], when=lambda c, o=_operation, k=_key: c.operation == o and c.key == k),
        )  # type: ignore[misc]
mutant(
    Z26,
    I,
    "scoped-lists-all",
    "A limited key lists its own website.",
    before=opened("zv_demo_pro", when=lambda c: c.operation == "listWebsites" and c.key == "zv_demo_site"),
)
mutant(
    AP,
    I,
    "scoped-lists-all",
    "A limited key lists its own site.",
    before=opened("ap_demo", when=lambda c: c.operation == "listSites" and c.key == "ap_demo_site"),
)


def always(operation: str, value: str) -> Callable[[Call], None]:
    """The server answers for one resource whatever was asked."""

    def change(call: Call) -> None:
        if call.operation == operation and call.resource:
            call.path = call.path.replace(call.resource, value)

    return change


_FIRST = {
    Z26: "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
    Z25: "123e4567-e89b-12d3-a456-426614174000",
    AP: "6507f1f77bcf86cd799439011",
}
for _contract, _operation in ((Z26, "listVisitors"), (Z26, "getWebsite"), (Z25, "listPages"), (AP, "getSitePageviews")):
    mutant(
        _contract,
        I,
        f"always-first-{_operation}",
        "An answer is about the resource that was asked for.",
        before=always(_operation, _FIRST[_contract]),
    )
mutant(
    Z26,
    I,
    "wrong-website-in-overview",
    "The overview shows the website that was asked for.",
    after=on("getAnalyticsOverview", update("website.id", lambda v: "b2c3d4e5-f6a7-8901-bcde-f12345678901")),
)
mutant(
    Z26,
    I,
    "name-differs",
    "A website is the same wherever it is shown.",
    after=on("getWebsite", update("website.name", lambda v: v + "!")),
)
mutant(
    Z25,
    I,
    "domain-differs",
    "A website is the same wherever it is shown.",
    after=on("getAnalyticsOverview", update("website.domain", lambda v: "www." + v)),
)

# --- parameters -------------------------------------------------------------------------------------------------------

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

# --- lists ------------------------------------------------------------------------------------------------------------

L = "lists"
mutant(
    Z26,
    L,
    "heatmap-unsorted",
    "Heatmap pages are sorted by interactions.",
    after=on("listHeatmapPages", listed("pages", swap)),
)
mutant(
    Z26,
    L,
    "heatmap-ascending",
    "Heatmap pages are sorted descending.",
    after=on("listHeatmapPages", listed("pages", lambda items: items[::-1])),
)
mutant(
    Z26,
    L,
    "countries-unsorted",
    "Countries are sorted by visitors.",
    after=on("listCountries", listed("countries", swap)),
)
mutant(
    Z26,
    L,
    "sessions-oldest-first",
    "Sessions come newest first.",
    after=on("listReplaySessions", listed("sessions", lambda items: items[::-1])),
)
mutant(Z26, L, "visitors-unsorted", "Visitors come newest first.", after=on("listVisitors", listed("visitors", swap)))
mutant(
    Z25,
    L,
    "top-countries-unsorted",
    "topCountries is ordered by visitors.",
    after=on("getAnalyticsOverview", listed("topCountries", swap)),
)
mutant(
    Z25,
    L,
    "days-newest-first",
    "Days run from the oldest on.",
    after=on("getAnalyticsOverview", listed("dailyStats", lambda items: items[::-1])),
)
mutant(AP, L, "top-pages-unsorted", "Top pages are sorted.", after=on("getSiteStats", listed("topPages", swap)))
mutant(AP, L, "events-unsorted", "Events are sorted by count.", after=on("listSiteEvents", listed("events", swap)))
mutant(
    Z26,
    L,
    "limit-plus-one",
    "A list is no longer than its limit.",
    before=lambda c: (
        c.put("limit", str(int(c.given("limit") or 20) + 1))
        if c.operation == "listCountries"
        and (c.given("limit") or "20").isdigit()
        and 0 < int(c.given("limit") or 20) < 100
        else None
    ),
)
mutant(
    Z26,
    L,
    "limit-minus-one",
    "A list is as long as its limit.",
    after=on(
        "listPages",
        lambda c: c.inner["pages"].pop() if len(c.inner["pages"]) == int(c.given("limit") or 20) > 1 else None,
    ),
)
mutant(Z26, L, "limit-ignored", "limit bounds the list.", before=instead("listHeatmapPages", "limit", {"*": "100"}))
mutant(
    Z25,
    L,
    "per-page-ignored",
    "per_page bounds the page.",
    before=lambda c: (
        c.put("per_page", "20")
        if c.operation == "listVisitors"
        and (c.given("per_page") or "").isdigit()
        and 0 < int(c.given("per_page") or 0) <= 100
        else None
    ),
)
mutant(Z26, L, "offset-ignored", "offset moves on.", before=ignoring("offset", operation="listVisitors"))
mutant(Z25, L, "page-ignored", "page moves on.", before=ignoring("page", operation="listVisitors"))
mutant(
    Z26,
    L,
    "offset-off-by-one",
    "No record stands on two pages.",
    before=lambda c: (
        c.put("offset", str(int(c.given("offset") or 0) - 1))
        if c.operation == "listReplaySessions"
        and (c.given("offset") or "0").isdigit()
        and int(c.given("offset") or 0) > 0
        else None
    ),
)
mutant(
    Z26,
    L,
    "offset-skips-one",
    "Pages lose no record.",
    before=lambda c: (
        c.put("offset", str(int(c.given("offset") or 0) + 1))
        if c.operation == "listVisitors" and (c.given("offset") or "0").isdigit() and int(c.given("offset") or 0) > 0
        else None
    ),
)
mutant(
    Z26,
    L,
    "has-more-always",
    "has_more is false at the end.",
    after=on("listVisitors", update("pagination.has_more", lambda v: True)),
)
mutant(
    Z26,
    L,
    "has-more-never",
    "has_more is true while records remain.",
    after=on("listReplaySessions", update("pagination.has_more", lambda v: False)),
)
mutant(
    Z26,
    L,
    "has-more-full-page",
    "has_more is false on a full last page.",
    after=on(
        "listReplaySessions",
        lambda c: c.inner["pagination"].update(has_more=len(c.inner["sessions"]) == c.inner["pagination"]["limit"]),
    ),
)
mutant(
    Z26,
    L,
    "pagination-limit",
    "The pagination repeats the limit.",
    after=on("listVisitors", update("pagination.limit", lambda v: 100)),
)
mutant(
    Z25,
    L,
    "total-is-page-length",
    "total counts every record.",
    after=on("listVisitors", lambda c: c.inner["pagination"].update(total=len(c.inner["visitors"]))),
)
mutant(
    Z25,
    L,
    "total-pages-rounded-down",
    "total_pages counts the last, shorter page.",
    after=on(
        "listVisitors",
        lambda c: c.inner["pagination"].update(
            total_pages=c.inner["pagination"]["total"] // c.inner["pagination"]["per_page"]
        ),
    ),
)
mutant(
    Z26,
    L,
    "double-record",
    "No record stands twice.",
    after=on(
        "listVisitors", listed("visitors", lambda items: [items[0], items[0], *items[2:]] if len(items) > 2 else items)
    ),
)
mutant(
    Z26,
    L,
    "short-list-from-the-end",
    "A short list is the beginning of a longer one.",
    after=on(
        "listHeatmapPages",
        lambda c: (
            None
            if len(c.inner["pages"]) > 3
            else c.inner.update(pages=[dict(p, url=p["url"] + "x") for p in c.inner["pages"]])
        ),
    ),
)
mutant(
    Z26,
    L,
    "unstable-order",
    "The same request gives the same list.",
    after=on("listErrorGroups", listed("error_groups", lambda items: random.sample(items, len(items)))),
)
mutant(
    Z26,
    L,
    "websites-total",
    "total is the number of websites.",
    after=on("listWebsites", update("total", lambda v: v + 1)),
)
mutant(
    Z26,
    L,
    "websites-lose-one",
    "Every website of the key is listed.",
    after=on(
        "listWebsites", lambda c: c.inner.update(websites=c.inner["websites"][:-1]) if c.key == "zv_demo_pro" else None
    ),
)

# --- meaning ----------------------------------------------------------------------------------------------------------

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


# --- limits -----------------------------------------------------------------------------------------------------------

R = "limits"


def counting(name: str, change: Callable[[int, Call], int]) -> Callable[[Call], None]:
    """Another figure in a header."""

    def changed(call: Call) -> None:
        if name in call.out:
            call.out[name] = str(change(int(call.out[name]), call))

    return changed


for _contract in (Z26, Z25, AP):
    mutant(
        _contract,
        R,
        "remaining-constant",
        "Remaining goes down.",
        after=counting("x-ratelimit-remaining", lambda v, c: 25),
    )
    mutant(
        _contract,
        R,
        "remaining-by-two",
        "Remaining goes down by one.",
        after=counting("x-ratelimit-remaining", lambda v, c: max(0, 2 * v - int(c.out["x-ratelimit-limit"]))),
    )
mutant(
    Z26,
    R,
    "remaining-negative",
    "Remaining is never below zero.",
    after=counting("x-ratelimit-remaining", lambda v, c: v - int(c.out["x-ratelimit-limit"])),
)
mutant(
    Z26,
    R,
    "remaining-above-limit",
    "Remaining is at most the limit.",
    after=counting("x-ratelimit-remaining", lambda v, c: v + 100),
)
mutant(
    Z26,
    R,
    "remaining-full-on-one",
    "Every request counts.",
    after=lambda c: (
        c.out.update({"x-ratelimit-remaining": c.out["x-ratelimit-limit"]})
        if c.operation == "listCountries" and "x-ratelimit-limit" in c.out
        else None
    ),
)
mutant(Z25, R, "month-constant", "Monthly usage goes up.", after=counting("x-usage-monthly", lambda v, c: 4521))
mutant(Z26, R, "month-by-two", "Monthly usage goes up by one.", after=counting("x-usage-monthly", lambda v, c: v * 2))
mutant(Z26, R, "total-constant", "The total goes up.", after=counting("x-usage-total", lambda v, c: 128340))
mutant(
    AP,
    R,
    "reset-in-seconds",
    "X-RateLimit-Reset is in milliseconds.",
    after=counting("x-ratelimit-reset", lambda v, c: v // 1000),
)
mutant(
    Z26,
    R,
    "reset-in-milliseconds",
    "X-RateLimit-Reset is in seconds.",
    after=counting("x-ratelimit-reset", lambda v, c: v * 1000),
)
mutant(
    AP, R, "reset-in-the-past", "The reset lies ahead.", after=counting("x-ratelimit-reset", lambda v, c: v - 600_000)
)
mutant(
    Z26,
    R,
    "reset-too-far",
    "The reset is at most a minute ahead.",
    after=counting("x-ratelimit-reset", lambda v, c: v + 3600),
)
mutant(
    Z25,
    R,
    "month-reset-past",
    "The month's reset lies ahead.",
    after=header("x-usage-reset", lambda t: "2020-01-01T00:00:00Z"),
)
mutant(
    Z25,
    R,
    "limit-of-another-plan",
    "The limit is that of the plan.",
    after=lambda c: c.out.update({"x-ratelimit-limit": "60"}) if "x-ratelimit-limit" in c.out else None,
)
mutant(
    AP,
    R,
    "limit-60",
    "100 requests a minute.",
    after=lambda c: (
        c.out.update(
            {"x-ratelimit-limit": "60", "x-ratelimit-remaining": str(max(0, int(c.out["x-ratelimit-remaining"]) - 40))}
        )
        if "x-ratelimit-limit" in c.out
        else None
    ),
)
mutant(
    Z26,
    R,
    "limit-differs-on-one",
    "The limit of a key is one.",
    after=lambda c: (
        c.out.update({"x-ratelimit-limit": "60"})
        if c.operation == "listPages" and "x-ratelimit-limit" in c.out
        else None
    ),
)
mutant(
    Z26,
    R,
    "usage-month-differs",
    "/usage agrees with the headers.",
    after=on("getUsage", update("usage.monthly_requests", lambda v: v - 3)),
)
mutant(
    Z26,
    R,
    "usage-minute-differs",
    "/usage agrees with the headers.",
    after=on("getUsage", update("rate_limits.requests_per_minute", lambda v: 120)),
)
mutant(
    Z25,
    R,
    "usage-differs",
    "/usage agrees with the headers.",
    after=on("getUsage", update("usage.requests_this_month", lambda v: v + 1)),
)
mutant(
    Z25,
    R,
    "usage-minute-differs",
    "/usage agrees with the headers.",
    after=on("getUsage", update("usage.requests_this_minute", lambda v: v + 4)),
)
mutant(
    Z26,
    R,
    "always-429",
    "Requests are answered while some remain.",
    after=lambda c: (
        (
            setattr(c, "status", 429),
            c.out.update({"retry-after": "5"}),
            setattr(
                c,
                "data",
                {
                    "success": False,
                    "error": {"message": "x", "code": "RATE_LIMIT_EXCEEDED", "timestamp": "2026-02-07T12:00:00.000Z"},
                },
            ),
        )
        if c.operation == "listHeatmapPages" and c.good
        else None
    ),
)
mutant(
    Z26,
    R,
    "exhausted-answered",
    "A used-up month is answered 429.",
    before=opened("zv_demo_enterprise", when=lambda c: (c.key or "").endswith("exhausted")),
)
mutant(
    Z26,
    R,
    "exhausted-code",
    "A used-up month says MONTHLY_LIMIT_EXCEEDED.",
    after=lambda c: (
        c.data["error"].update(code="RATE_LIMIT_EXCEEDED")
        if c.status == 429 and (c.key or "").endswith("exhausted")
        else None
    ),
)

B = "burst"
for _contract in (Z26, Z25, AP):
    mutant(
        _contract,
        B,
        "burst-no-retry-after",
        "Every 429 carries Retry-After.",
        after=header("retry-after", lambda t: None),
        profile="burst",
    )
mutant(
    Z26,
    B,
    "burst-code",
    "A minute's 429 says RATE_LIMIT_EXCEEDED.",
    after=lambda c: c.data["error"].update(code="TOO_MANY_REQUESTS") if c.status == 429 else None,
    profile="burst",
)
mutant(
    Z25,
    B,
    "burst-503",
    "Too many requests are answered 429.",
    after=lambda c: setattr(c, "status", 503) if c.status == 429 else None,
    profile="burst",
)
mutant(
    Z26,
    B,
    "burst-one-too-many",
    "The limit is exact.",
    before=opened("zv_demo_scale", when=lambda c: _over(c, 0, 1)),
    after=lambda c: _mask(c),
    profile="burst",
)
mutant(
    Z26,
    B,
    "burst-never",
    "The limit is enforced.",
    before=opened("zv_demo_enterprise", when=lambda c: _over(c, 0, 10_000)),
    after=lambda c: _mask(c),
    profile="burst",
)
mutant(
    Z25,
    B,
    "burst-early",
    "The limit is exact.",
    after=lambda c: (
        (
            setattr(c, "status", 429),
            c.out.update({"retry-after": "30"}),
            setattr(c, "data", {"error": {"code": "rate_limit_exceeded", "message": "x", "retry_after": 30}}),
        )
        if c.out.get("x-ratelimit-remaining") in ("1", "2") and c.key == "zv_demo_free"
        else None
    ),
    profile="burst",
)
mutant(
    Z26,
    B,
    "burst-retry-after-milliseconds",
    "Retry-After is in seconds.",
    after=header("retry-after", lambda t: str(int(t) * 1000)),
    profile="burst",
)
mutant(
    Z26,
    B,
    "burst-retry-after-too-short",
    "After Retry-After requests succeed.",
    after=header("retry-after", lambda t: "1"),
    profile="burst",
)
mutant(
    AP,
    B,
    "burst-no-body",
    "A 429 has an error body.",
    after=lambda c: setattr(c, "data", {}) if c.status == 429 else None,
    profile="burst",
)


def _over(call: Call, low: int, high: int) -> bool:
    """Whether the limited key has used up its minute, by our own count, and this is one of the next requests."""
    if call.key != "zv_demo_free":
        return False
    minute = int(call.now() // 60)
    if call.state.get("minute") != minute:
        call.state.update(minute=minute, count=0)
    call.state["count"] += 1
    return 10 + low < call.state["count"] <= 10 + high


def _mask(call: Call) -> None:
    if (
        call.state.get("count", 0) > 10
        and call.good
        and call.operation == "listWebsites"
        and "x-ratelimit-limit" in call.out
        and call.out["x-ratelimit-limit"] != "10"
    ):
        call.out.update({"x-ratelimit-limit": "10", "x-ratelimit-remaining": "0"})


def _trimmed(call: Call) -> None:
    """The server reads a large body all the same: it only looks at what is not too long."""
    if call.operation == "trackEvent" and len(call.body) > 1_000_000:
        call.body = json.dumps({**json.loads(call.body), "data": {}}).encode()
        call.headers["content-length"] = str(len(call.body))


# --- tracking ---------------------------------------------------------------------------------------------------------

T = "tracking"
for _contract in (Z26, Z25):
    mutant(
        _contract,
        T,
        "tracking-does-nothing",
        "A page view raises the live count.",
        before=lambda c: c.state.update(skip=True) if False else None,
        after=lambda c: _frozen_live(c),
        profile="write",
    )
mutant(Z26, T, "tracking-counts-views", "A session counts once.", after=lambda c: _live_by_views(c), profile="write")
mutant(
    Z26,
    T,
    "tracking-never-ends",
    "Five minutes without a sign end a session.",
    after=lambda c: _live_forever(c),
    profile="write",
)
mutant(
    Z26,
    T,
    "tracking-heartbeat-ignored",
    "A heartbeat keeps a session alive.",
    before=lambda c: (
        setattr(c, "body", c.body.replace(b"contract-tests", b"another-tests"))
        if c.operation == "sendHeartbeat"
        else None
    ),
    profile="write",
)
mutant(
    Z26,
    T,
    "tracking-bad-input-accepted",
    "Broken JSON is refused.",
    after=lambda c: (
        (
            setattr(c, "status", 200),
            setattr(c, "raw", None),
            setattr(c, "data", {"success": True, "data": {"tracked": True}, "timestamp": "2026-02-07T12:00:00.000Z"}),
        )
        if c.operation == "trackEvent" and c.status == 400
        else None
    ),
    profile="write",
)
mutant(
    Z25,
    T,
    "tracking-500-on-garbage",
    "Broken JSON is no server error.",
    after=lambda c: setattr(c, "status", 500) if c.operation == "trackEvent" and c.status == 400 else None,
    profile="write",
)
mutant(
    Z26,
    T,
    "tracking-too-large-accepted",
    "A body over 1 MiB is refused.",
    before=_trimmed,
    profile="write",
)


def _frozen_live(call: Call) -> None:
    if call.operation == "getLiveVisitors" and call.good:
        node, name = holder(call, "visitors")
        node[name] = call.state.setdefault("live", node[name])


def _live_by_views(call: Call) -> None:
    if call.operation == "trackEvent" and call.good:
        call.state["views"] = call.state.get("views", 0) + 1
    if call.operation == "getLiveVisitors" and call.good:
        base = call.state.setdefault("base", call.inner["visitors"])
        call.inner["visitors"] = base + call.state.get("views", 0)


def _live_forever(call: Call) -> None:
    if call.operation == "getLiveVisitors" and call.good:
        call.state["most"] = max(call.state.get("most", 0), call.inner["visitors"])
        call.inner["visitors"] = call.state["most"]


def _early_end(call: Call) -> None:
    """A session ends two minutes after its last sign."""
    if call.operation == "trackEvent" and call.good:
        call.state["sign"] = call.now()
    if call.operation == "getLiveVisitors" and call.good:
        call.state.setdefault("base", call.inner["visitors"])
        if call.now() - call.state.get("sign", call.now()) > 120:
            call.inner["visitors"] = call.state["base"]


mutant(Z26, T, "tracking-ends-early", "A session lives for five minutes.", after=_early_end, profile="write")

# --- requests that can be read in several ways ------------------------------------------------------------------------

A = "parameters"


def _given_twice(call: Call) -> bool:
    names = [name for name, _ in call.query]
    return len(set(names)) < len(names)


def _left_empty(call: Call) -> bool:
    return any(text == "" for _, text in call.query)


def _added_up(call: Call) -> None:
    """The server reads `limit=2&limit=3` as five."""
    for name in {name for name, _ in call.query}:
        texts = [text for key, text in call.query if key == name]
        if len(texts) > 1:
            call.put(name, str(sum(map(int, texts))) if all(text.isdigit() for text in texts) else texts[0])


def _empty_is_all(call: Call) -> None:
    if call.given("limit") == "":
        call.put("limit", "200")


mutant(Z26, A, "twice-added-up", "A parameter has one value.", before=_added_up)
mutant(Z26, A, "empty-limit-is-all", "A limit that is left empty is none that was given.", before=_empty_is_all)
mutant(
    AP,
    A,
    "twice-forbidden",
    "A parameter that is given twice is a bad request.",
    after=answer(403, {"error": "Forbidden"}, when=_given_twice),
)
mutant(
    AP,
    A,
    "empty-not-found",
    "A parameter that is left empty is a bad request.",
    after=answer(404, {"error": "Not found"}, when=_left_empty),
)
mutant(
    Z26,
    A,
    "groups-unresolved-unless-asked",
    "Without a status groups of every status are listed.",
    before=instead("listErrorGroups", "status", {}, "unresolved"),
)
mutant(
    AP,
    A,
    "head-refused",
    "HEAD answers what GET answers.",
    after=lambda c: setattr(c, "status", 403) if c.method == "HEAD" else None,
)
