"""Consistency between the answers of operations, and the effect of tracking."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from mockserver.apis import handlers
from mockserver.apis.call import Refusal
from mockserver.apis.shares import mean, percent, whole_percent
from mockserver.apis.tracking import detect_technology, read_path
from mockserver.dataset.activity import Activity
from tests.apis.calls import NEW, OLD, PLATFORM, call, dataset_of
from tests.dataset.data import CAFE, FIRST, MAIN, QUIET, SITE

BODY = {
    "session_id": "session-0001",
    "url": "https://mywebsite.com/preise%20neu?x=1#top",
    "device_type": "Mobile",
    "browser": "Lynx",
    "os": "Plan 9",
    "user_agent": "Lynx/2.9",
}
RANGED = ("getAnalyticsOverview", "listVisitors", "listPages", "listCountries", "getTechnology")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:134.0) Gecko/20100101 Firefox/134.0"


def listed(
    contract: tuple[str, str], operation: str, member: str, website: str, limit: int, **params: Any
) -> list[Any]:
    """Return every record of a list, page by page until has_more is false."""
    found: list[Any] = []
    while True:
        answer = call(contract, operation, website, offset=len(found), limit=limit, **params)
        found += answer[member]
        if not answer["pagination"]["has_more"]:
            return found
        assert len(answer[member]) == limit


@pytest.mark.parametrize("now", ["2026-02-07T12:00:00Z", "2026-02-08T09:00:00Z", "2026-11-21T18:30:00Z"])
def test_replay_sessions_can_be_paged_through_without_gap_or_repetition(now: str) -> None:
    sessions = listed(NEW, "listReplaySessions", "sessions", MAIN, 97, now=now)
    assert len(sessions) > 200
    assert len({session["id"] for session in sessions}) == len(sessions)
    assert len({session["session_id"] for session in sessions}) == len(sessions)
    assert all(one["started_at"] >= two["started_at"] for one, two in pairwise(sessions))
    assert {"sr_1a2b3c4d-e5f6-7890-abcd-ef1234567890", "sr_2b3c4d5e-f6a7-8901-bcde-f12345678901"} <= {
        session["id"] for session in sessions
    }
    assert sessions == listed(NEW, "listReplaySessions", "sessions", MAIN, 200, now=now)
    if now > "2026-02-07T24":
        assert all(session["started_at"] < session["ended_at"] <= now for session in sessions)


def test_visitors_can_be_paged_through_without_gap_or_repetition() -> None:
    visitors = listed(NEW, "listVisitors", "visitors", MAIN, 1000, range="7d")
    summary = call(NEW, "getAnalyticsOverview", MAIN)["summary"]
    assert len({visitor["id"] for visitor in visitors}) == len(visitors) == summary["total_visitors"]


def test_numbered_pages_hold_every_visitor_once() -> None:
    first = call(OLD, "listVisitors", FIRST, per_page=100)
    pagination = first["pagination"]
    assert pagination == {"page": 1, "per_page": 100, "total": 1247, "total_pages": 13}
    visitors = [
        v for page in range(1, 14) for v in call(OLD, "listVisitors", FIRST, page=page, per_page=100)["visitors"]
    ]
    assert len({visitor["id"] for visitor in visitors}) == len(visitors) == 1247
    assert call(OLD, "listVisitors", FIRST, page=14, per_page=100)["visitors"] == []


def test_overview_countries_and_technology_agree() -> None:
    overview = call(OLD, "getAnalyticsOverview", FIRST)
    countries = call(OLD, "listCountries", FIRST, limit=100)["countries"]
    assert overview["topCountries"] == countries[:10]
    assert sum(country["visitors"] for country in countries) == overview["totalVisitors"]
    technology = call(OLD, "getTechnology", FIRST)
    for breakdown in technology.values():
        assert sum(entry["visitors"] for entry in breakdown) == overview["totalVisitors"]
    pages = call(OLD, "listPages", FIRST, limit=100)["pages"]
    assert sum(page["pageViews"] for page in pages) == overview["totalPageViews"]


@pytest.mark.parametrize("tracked_at", ["2026-02-06T09:59:59Z", "2026-02-06T10:00:00Z", "2026-02-07T09:59:20Z"])
@pytest.mark.parametrize(
    ("contract", "website", "code"),
    [(NEW, MAIN, "ZV_abc123xyz"), (OLD, MAIN, "ZV_abc123xyz"), (NEW, CAFE, "ZV_ghi789rst")],
)
def test_every_operation_counts_the_same_last_24_hours(
    contract: tuple[str, str], website: str, code: str, tracked_at: str
) -> None:
    now, since = "2026-02-07T09:59:20Z", "2026-02-06T10:00:00"
    activity = Activity()
    body = {"type": "pageview", **BODY}
    call(contract, "trackEvent", code, activity=activity, body=body, now=tracked_at, user_agent=FIREFOX)
    params: dict[str, Any] = {
        "activity": activity,
        "now": now,
        "limit": 1000,
        "range": "24h",
        "timeRange": "24h",
        "per_page": 10_000,
    }
    answers = {name: call(contract, name, website, **params) for name in RANGED}
    visitors = answers["listVisitors"]["visitors"]
    overview, old = answers["getAnalyticsOverview"], contract == OLD
    total = overview["totalVisitors"] if old else overview["summary"]["total_visitors"]
    views = overview["totalPageViews"] if old else overview["summary"]["total_page_views"]
    days = overview["dailyStats"] if old else overview["daily_stats"]
    visited = sorted(visitor["visitedAt" if old else "visited_at"] for visitor in visitors)
    assert visited[0] >= since
    landing = "landingPage" if old else "landing_page"
    assert any(visitor[landing] == "/preise neu" for visitor in visitors) is (tracked_at >= since)
    assert total == len(visitors) == sum(country["visitors"] for country in answers["listCountries"]["countries"])
    assert views == sum(page["pageViews" if old else "page_views"] for page in answers["listPages"]["pages"])
    for breakdown in answers["getTechnology"].values():
        assert total == sum(share["visitors"] for share in breakdown)
    listed_days = Counter(instant[:10] for instant in visited)
    assert {day["date"]: day["visitors" if old else "total_visitors"] for day in days} == {
        date: listed_days[date] for date in ("2026-02-06", "2026-02-07")
    }


def test_the_date_range_of_24_hours_is_24_hours() -> None:
    dates = call(NEW, "getAnalyticsOverview", MAIN, range="24h", now="2026-02-07T12:00:20Z")["date_range"]
    assert dates == {
        "start": "2026-02-06",
        "end": "2026-02-07",
        "startDateTime": "2026-02-06T12:01:00.000Z",
        "endDateTime": "2026-02-07T12:00:59.999Z",
    }
    days = call(NEW, "getAnalyticsOverview", MAIN, range="24h", now="2026-02-07T23:59:20Z")["daily_stats"]
    assert [day["date"] for day in days] == ["2026-02-07"]


def test_the_quiet_website_has_empty_lists_and_nulls() -> None:
    for operation, member in (
        ("listHeatmapPages", "pages"),
        ("listReplaySessions", "sessions"),
        ("listErrorGroups", "error_groups"),
    ):
        assert call(NEW, operation, QUIET)[member] == []
    assert call(NEW, "listVisitors", QUIET, range="24h")["visitors"] == []
    assert call(NEW, "listCountries", QUIET, range="24h") == {"countries": []}
    assert call(NEW, "getAnalyticsOverview", QUIET, range="24h")["summary"]["total_visitors"] == 0
    visitors = call(NEW, "listVisitors", QUIET)["visitors"]
    assert len(visitors) == 3
    assert all(visitor["referrer"] is None for visitor in visitors)
    assert call(OLD, "getAnalyticsOverview", QUIET)["bounceRate"] == 0


def test_names_paths_and_cities_go_beyond_ascii_and_fifty_characters() -> None:
    for website in (MAIN, CAFE):
        paths = [page["path"] for page in call(NEW, "listPages", website, range="30d", limit=100)["pages"]]
        assert any(not path.isascii() for path in paths)
        assert any(len(path) > 200 for path in paths)
        cities = {
            visitor["city"] for visitor in call(NEW, "listVisitors", website, limit=1000, range="30d")["visitors"]
        }
        assert any(not city.isascii() for city in cities)


def test_lists_are_long_enough_to_be_cut_by_their_default_limit() -> None:
    for operation, member in (("listHeatmapPages", "pages"), ("listPages", "pages"), ("listCountries", "countries")):
        website = FIRST if operation != "listPages" else MAIN
        contract = OLD if operation != "listPages" else NEW
        some = call(contract, operation, website)[member]
        more = call(contract, operation, website, limit=100)[member]
        assert len(some) == 20 < len(more)
        assert more[:20] == some


def test_error_groups_are_filtered_by_status_before_they_are_limited() -> None:
    resolved = call(NEW, "listErrorGroups", MAIN, status="resolved", limit=1)["error_groups"]
    assert [group["type"] for group in resolved] == ["SyntaxError"]
    assert call(NEW, "listErrorGroups", MAIN, status="ignored")["error_groups"] == []


def test_keys_list_what_they_see() -> None:
    assert [w["id"] for w in call(NEW, "listWebsites", key="zv_demo_site")["websites"]] == [MAIN]
    assert [w["id"] for w in call(NEW, "listWebsites", key="zv_demo_enterprise")["websites"]] == [MAIN, QUIET, CAFE]
    assert [w["id"] for w in call(OLD, "listWebsites")["websites"]] == [FIRST]
    later = call(OLD, "listWebsites", now="2026-02-07T12:00:00Z")["websites"]
    assert [w["id"] for w in later] == [FIRST, MAIN, QUIET]
    assert [s["siteId"] for s in call(PLATFORM, "listSites", key="ap_demo_site")["sites"]] == [SITE]


@pytest.mark.parametrize("contract", [OLD, NEW])
def test_every_instant_of_an_edition_is_written_as_its_pages_write_them(contract: tuple[str, str]) -> None:
    written = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d" + (r"Z" if contract == OLD else r"\.\d{3}Z"))

    def instants(value: Any) -> Iterator[str]:
        if isinstance(value, dict | list):
            for part in value.values() if isinstance(value, dict) else value:
                yield from instants(part)
        elif isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value):
            yield value

    for now in ("2026-02-07T12:00:00Z", "2026-02-09T11:22:33.456Z"):
        found = list(instants(call(contract, "listWebsites", now=now)))
        for operation in ("getWebsite", "listVisitors", "listHeatmapPages", "listReplaySessions", "listErrorGroups"):
            some = list(instants(call(contract, operation, MAIN, now=now)))
            assert some, operation
            found += some
        assert [instant for instant in found if not written.fullmatch(instant)] == []


def test_every_page_of_the_platform_has_its_share_of_the_chart() -> None:
    whole = call(PLATFORM, "getSitePageviews", SITE, range="30d")
    pricing = call(PLATFORM, "getSitePageviews", SITE, range="30d", pathname="/pricing")
    assert [day["date"] for day in pricing["chart"]] == [day["date"] for day in whole["chart"]]
    assert all(some["count"] <= every["count"] for some, every in zip(pricing["chart"], whole["chart"], strict=True))
    assert 0 < pricing["unique"] < pricing["total"] == sum(day["count"] for day in pricing["chart"])
    nowhere = call(PLATFORM, "getSitePageviews", SITE, pathname="/nowhere")
    assert (nowhere["total"], nowhere["unique"], {day["count"] for day in nowhere["chart"]}) == (0, 0, {0})


@pytest.mark.parametrize(("contract", "website", "code"), [(NEW, MAIN, "ZV_abc123xyz"), (OLD, FIRST, "abc123def456")])
def test_a_tracked_page_view_is_in_the_figures_of_every_operation_at_once(
    contract: tuple[str, str], website: str, code: str
) -> None:
    activity = Activity()
    before = {operation: call(contract, operation, website, activity=activity, limit=100) for operation in RANGED}
    live = call(contract, "getLiveVisitors", code, activity=activity)["visitors"]
    call(contract, "trackEvent", code, activity=activity, body={"type": "pageview", **BODY}, user_agent=FIREFOX)
    after = {operation: call(contract, operation, website, activity=activity, limit=100) for operation in RANGED}
    assert all(before[operation] != after[operation] for operation in RANGED)
    assert call(contract, "getLiveVisitors", code, activity=activity)["visitors"] == live + 1
    newest = next(v for v in after["listVisitors"]["visitors"] if v not in before["listVisitors"]["visitors"])
    landing, browser, system = (
        ("landing_page", "Lynx", "Plan 9") if contract == NEW else ("landingPage", "Firefox", "Linux")
    )
    assert (newest[landing], newest["browser"], newest["os"]) == ("/preise neu", browser, system)
    assert newest in after["listVisitors"]["visitors"][:1]
    paths = [page["path"] for page in after["listPages"]["pages"]]
    assert "/preise neu" in paths


def test_without_a_session_the_same_address_and_browser_are_one_visitor() -> None:
    activity = Activity()
    body = {"type": "pageview", "url": "/a"}
    for client in ("192.0.2.1", "192.0.2.1", "192.0.2.2"):
        call(OLD, "trackEvent", "abc123def456", activity=activity, body=body, client=client, user_agent=FIREFOX)
    (day,) = activity.days(FIRST).values()
    assert (day.visitors, day.views) == (2, 3)


def test_a_session_lives_five_minutes_and_a_heartbeat_five_more() -> None:
    activity = Activity()

    def live(now: str) -> int:
        count: int = call(NEW, "getLiveVisitors", "ZV_def456uvw", activity=activity, now=now)["visitors"]
        return count

    call(NEW, "trackEvent", "ZV_def456uvw", activity=activity, body=BODY, now="2026-02-07T12:00:00Z")
    assert live("2026-02-07T12:04:59Z") == 1
    body = {"tracking_code": "ZV_def456uvw", "session_id": BODY["session_id"]}
    assert call(NEW, "sendHeartbeat", activity=activity, body=body, now="2026-02-07T12:04:59Z") == {"active": True}
    assert live("2026-02-07T12:09:58Z") == 1
    assert live("2026-02-07T12:09:59Z") == 0


def test_how_long_a_session_is_live_stands_in_the_contract() -> None:
    activity = Activity()
    call(NEW, "trackEvent", "ZV_def456uvw", activity=activity, body=BODY, now="2026-02-07T12:00:00Z")
    for seconds, expected in ((599.0, 0), (600.0, 0), (600.5, 1), (1e9, 1)):
        query: dict[str, Any] = {"activity": activity, "now": "2026-02-07T12:10:00Z", "live_seconds": seconds}
        assert call(NEW, "getLiveVisitors", "ZV_def456uvw", **query)["visitors"] == expected


@pytest.mark.parametrize("contract", [NEW, OLD])
def test_a_heartbeat_for_an_unknown_tracking_code_is_not_found(contract: tuple[str, str]) -> None:
    with pytest.raises(Refusal) as caught:
        call(contract, "sendHeartbeat", body={"tracking_code": "ZV_nobody", "session_id": "session-0001"})
    assert (caught.value.kind, caught.value.values) == ("not-found", {"resource": "Website"})


def test_a_million_visitors_are_paged_like_a_thousand() -> None:
    answer = call(NEW, "listVisitors", MAIN, scale=1000, range="30d", offset=28_449_999, limit=1000)
    assert len(answer["visitors"]) == 1
    assert not answer["pagination"]["has_more"]
    assert answer["visitors"][0]["visited_at"].startswith("2026-01-08T00:00:00")


@pytest.mark.parametrize("contract", [NEW, OLD, PLATFORM])
def test_what_moves_within_a_minute_is_marked_live(contract: tuple[str, str]) -> None:
    marked = {name for name, handler in handlers(*contract).items() if getattr(handler, "live", False)}
    zenovay = {"getUsage", "trackEvent", "getLiveVisitors", "sendHeartbeat"}
    assert marked == ({"getSiteRealtime"} if contract == PLATFORM else zenovay)


def test_an_unknown_contract_has_no_handlers() -> None:
    assert handlers("petstore", "v1") == {}


def test_every_key_of_the_demo_is_there() -> None:
    keys = {key.secret: key for contract in (NEW, PLATFORM) for key in dataset_of(contract).keys}
    assert set(keys) == {
        *(
            f"zv_demo_{name}"
            for name in ["free", "pro", "scale", "enterprise", "site", "noperm", "exhausted", "revoked"]
        ),
        *("ap_demo", "ap_demo_site", "ap_demo_revoked"),
    }
    assert keys["zv_demo_exhausted"].used_this_month == 10000
    assert not keys["zv_demo_noperm"].permitted
    assert {name for name, key in keys.items() if key.revoked} == {"zv_demo_revoked", "ap_demo_revoked"}
    assert {name for name, key in keys.items() if CAFE in key.resources} == {"zv_demo_enterprise"}


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://example.com", "/"),
        ("https://example.com/a/b?c=d#e", "/a/b"),
        ("/pricing", "/pricing"),
        ("pricing", "/pricing"),
        ("", "/"),
        ("https://example.com/gr%C3%B6%C3%9Fe", "/größe"),
        ("https://[::1", "/"),
        ("https://example.com/" + "x" * 5000, "/" + "x" * 511),
    ],
)
def test_a_path_is_taken_from_any_address(url: str, path: str) -> None:
    assert read_path(url) == path


@pytest.mark.parametrize(
    ("user_agent", "technology"),
    [
        (FIREFOX, ("desktop", "Firefox", "Linux")),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36 Edg/120.0", ("desktop", "Edge", "Windows")),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_2) Version/17 Safari/605", ("desktop", "Safari", "macOS")),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) Mobile Safari/604", ("mobile", "Safari", "iOS")),
        ("Mozilla/5.0 (iPad; CPU OS 17_2 like Mac OS X) Version/17 Safari/604", ("tablet", "Safari", "iOS")),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/120 Mobile Safari/537", ("mobile", "Chrome", "Android")),
        ("Mozilla/5.0 (Linux; Android 14; SM-X910) Chrome/120 Safari/537", ("tablet", "Chrome", "Android")),
        ("curl/8.5", ("desktop", "Other", "Other")),
        ("", ("desktop", "Other", "Other")),
    ],
)
def test_a_user_agent_tells_device_browser_and_system(user_agent: str, technology: tuple[str, str, str]) -> None:
    assert detect_technology(user_agent) == technology


def test_shares_are_rounded_as_the_documents_round_them() -> None:
    assert percent(456, 1247) == 36.6
    assert (percent(1, 8), percent(0, 0), percent(5, 5)) == (12.5, 0.0, 100.0)
    assert (whole_percent(1, 8), whole_percent(1, 0)) == (13, 0)
    assert (mean(1, 8), mean(0, 0)) == (0.13, 0.0)
