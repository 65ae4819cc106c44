"""Lists that are unsorted, unbounded or paged wrongly."""

from __future__ import annotations

import random

from tests.mutants.defects.catalogue import AP, Z25, Z26, mutant, swap
from tests.mutants.edits import ignoring, instead, listed, on, update

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
