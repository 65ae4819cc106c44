"""At the instants of the documents, the documented requests get the documented numbers."""

from typing import Any

from mockserver.apis.call import Quota
from tests.apis.calls import NEW, OLD, PLATFORM, call, dataset_of
from tests.dataset.data import FIRST, MAIN, QUIET, SITE, at


def contains(answer: Any, example: Any) -> bool:
    """Check that a body has the members and values of an example; a list of the example may be longer in the body."""
    if isinstance(example, dict):
        return isinstance(answer, dict) and all(k in answer and contains(answer[k], v) for k, v in example.items())
    if isinstance(example, list):
        return len(answer) >= len(example) and all(contains(a, e) for a, e in zip(answer, example, strict=False))
    return type(answer) is type(example) and bool(answer == example)


def test_ref_analytics_overview() -> None:
    for now in ("2025-01-08T00:00:00Z", "2025-01-08T12:59:00Z"):
        answer = call(OLD, "getAnalyticsOverview", FIRST, now=now)
        assert contains(
            answer,
            {
                "website": {"id": FIRST, "domain": "example.com", "name": "My Website"},
                "timeRange": "7d",
                "totalVisitors": 1247,
                "totalPageViews": 3891,
                "bounceRate": 42.3,
                "topCountries": [{"name": "United States", "code": "US", "visitors": 456, "percentage": 36.6}],
                "dailyStats": [{"date": "2025-01-01", "visitors": 178, "pageViews": 542, "bounceRate": 38.2}],
            },
        )
        assert [day["date"] for day in answer["dailyStats"]] == [f"2025-01-{day:02}" for day in range(1, 9)]


def test_ref_analytics_overview_on_the_date_of_the_page_itself() -> None:
    answer = call(OLD, "getAnalyticsOverview", FIRST, now="2025-01-15T12:00:00Z")
    assert (answer["totalVisitors"], answer["totalPageViews"], answer["bounceRate"]) == (1247, 3891, 42.3)
    assert answer["topCountries"][0]["visitors"] == 456


def test_ref_websites() -> None:
    assert contains(
        call(OLD, "listWebsites"),
        {
            "websites": [
                {
                    "id": FIRST,
                    "domain": "example.com",
                    "name": "My Website",
                    "tracking_code": "abc123def456",
                    "is_active": True,
                    "created_at": "2025-01-01T00:00:00Z",
                }
            ]
        },
    )


def test_ref_usage() -> None:
    (key,) = (key for key in dataset_of(OLD).keys if key.secret == "zv_demo_pro")
    month = key.used_this_month + 5  # the fifth request of the minute asks
    quota = Quota(
        "pro", 30, 5, at("2025-01-15T10:01:00Z"), 10000, month, at("2025-02-01T00:00:00Z"), key.used_total + 5
    )
    assert call(OLD, "getUsage", quota=quota) == {
        "plan": "pro",
        "usage": {"requests_this_minute": 5, "requests_this_month": 4521, "monthly_limit": 10000},
    }


def test_heatmaps_pages() -> None:
    assert call(NEW, "listHeatmapPages", MAIN, limit=10) == {
        "pages": [
            {"url": "/", "total_interactions": 12543, "last_updated": "2026-02-07T14:30:00.000Z"},
            {"url": "/pricing", "total_interactions": 8765, "last_updated": "2026-02-07T14:25:00.000Z"},
            {"url": "/features", "total_interactions": 5432, "last_updated": "2026-02-07T13:45:00.000Z"},
            {"url": "/signup", "total_interactions": 3210, "last_updated": "2026-02-07T12:15:00.000Z"},
        ]
    }


TEAM = "t1a2b3c4-d5e6-7890-abcd-ef1234567890"


def test_website_details() -> None:
    assert call(NEW, "getWebsite", MAIN) == {
        "website": {
            "id": MAIN,
            "domain": "mywebsite.com",
            "name": "My Website",
            "tracking_code": "ZV_abc123xyz",
            "is_active": True,
            "team_id": TEAM,
            "user_id": "u1a2b3c4-d5e6-7890-abcd-ef1234567890",
            "created_at": "2025-11-15T10:30:00.000Z",
            "settings": {
                "track_outbound_links": True,
                "track_downloads": True,
                "session_replay": True,
                "heatmaps": True,
            },
        }
    }


def test_websites() -> None:
    assert call(NEW, "listWebsites") == {
        "websites": [
            {
                "id": MAIN,
                "domain": "mywebsite.com",
                "name": "My Website",
                "tracking_code": "ZV_abc123xyz",
                "is_active": True,
                "created_at": "2025-11-15T10:30:00.000Z",
                "team_id": TEAM,
            },
            {
                "id": QUIET,
                "domain": "acme-store.io",
                "name": "Acme Store",
                "tracking_code": "ZV_def456uvw",
                "is_active": True,
                "created_at": "2026-01-05T08:00:00.000Z",
                "team_id": TEAM,
            },
        ],
        "total": 2,
    }


def test_supplement_overview() -> None:
    answer = call(NEW, "getAnalyticsOverview", MAIN, range="30d")
    assert contains(
        answer,
        {
            "website": {"id": MAIN, "domain": "mywebsite.com", "name": "My Website"},
            "time_range": "30d",
            "date_range": {
                "start": "2026-01-08",
                "end": "2026-02-07",
                "startDateTime": "2026-01-08T00:00:00.000Z",
                "endDateTime": "2026-02-07T23:59:59.999Z",
            },
            "summary": {"total_visitors": 28450, "total_page_views": 94312, "unique_visitors": 18230},
            "daily_stats": [
                {
                    "date": "2026-01-08",
                    "website_id": MAIN,
                    "total_visitors": 921,
                    "unique_visitors": 612,
                    "page_views": 3102,
                },
                {
                    "date": "2026-01-09",
                    "website_id": MAIN,
                    "total_visitors": 1043,
                    "unique_visitors": 687,
                    "page_views": 3451,
                },
            ],
        },
    )
    assert len(answer["daily_stats"]) == 31


def test_supplement_countries() -> None:
    countries = call(NEW, "listCountries", MAIN, range="30d", limit=100)["countries"]
    assert [(c["country_code"], c["visitors"], c["avg_value_score"]) for c in countries[:5]] == [
        ("US", 4521, 52.34),
        ("GB", 1823, 48.91),
        ("DE", 1456, 44.67),
        ("FR", 987, 39.12),
        ("CA", 832, 55.78),
    ]
    assert len(countries) > 40


def test_supplement_visitors() -> None:
    assert contains(
        call(NEW, "listVisitors", MAIN),
        {
            "visitors": [
                {
                    "id": "v1a2b3c4-d5e6-7890-abcd-ef1234567890",
                    "country_code": "US",
                    "country_name": "United States",
                    "city": "San Francisco",
                    "device_type": "desktop",
                    "browser": "Chrome",
                    "os": "macOS",
                    "value_score": 85,
                    "visited_at": "2026-02-07T10:30:00.000Z",
                    "landing_page": "/pricing",
                    "referrer": "https://google.com",
                    "had_interaction": True,
                },
                {
                    "id": "v2b3c4d5-e6f7-8901-bcde-f12345678901",
                    "country_code": "GB",
                    "country_name": "United Kingdom",
                    "city": "London",
                    "device_type": "mobile",
                    "browser": "Safari",
                    "os": "iOS",
                    "value_score": 42,
                    "visited_at": "2026-02-07T09:15:00.000Z",
                    "landing_page": "/",
                    "referrer": None,
                    "had_interaction": False,
                },
            ],
            "pagination": {"limit": 100, "offset": 0, "has_more": True},
        },
    )


def test_supplement_sessions() -> None:
    assert contains(
        call(NEW, "listReplaySessions", MAIN),
        {
            "sessions": [
                {
                    "id": "sr_1a2b3c4d-e5f6-7890-abcd-ef1234567890",
                    "session_id": "sess_a1b2c3d4e5f6",
                    "page_url": "/pricing",
                    "device_type": "desktop",
                    "browser": "Chrome",
                    "os": "Windows",
                    "country_code": "US",
                    "duration_seconds": 245,
                    "event_count": 87,
                    "started_at": "2026-02-07T14:00:00.000Z",
                    "ended_at": "2026-02-07T14:04:05.000Z",
                },
                {
                    "id": "sr_2b3c4d5e-f6a7-8901-bcde-f12345678901",
                    "session_id": "sess_b2c3d4e5f6a7",
                    "page_url": "/",
                    "device_type": "mobile",
                    "browser": "Safari",
                    "os": "iOS",
                    "country_code": "GB",
                    "duration_seconds": 132,
                    "event_count": 43,
                    "started_at": "2026-02-07T13:30:00.000Z",
                    "ended_at": "2026-02-07T13:32:12.000Z",
                },
            ],
            "pagination": {"limit": 50, "offset": 0, "has_more": True},
        },
    )


def test_supplement_error_groups() -> None:
    groups = call(NEW, "listErrorGroups", MAIN)["error_groups"]
    assert [(group["fingerprint"], group["type"], group["status"]) for group in groups] == [
        ("TypeError_Cannot_read_properties_abc123", "TypeError", "unresolved"),
        ("ReferenceError_not_defined_def456", "ReferenceError", "unresolved"),
        ("SyntaxError_unexpected_token_ghi789", "SyntaxError", "resolved"),
    ]
    assert [(group["occurrence_count"], group["affected_users_count"]) for group in groups[:2]] == [
        (245, 89),
        (123, 56),
    ]
    assert groups[0]["first_seen_at"] == "2026-01-15T10:00:00.000Z"
    assert groups[0]["last_seen_at"] == "2026-02-07T14:30:00.000Z"
    assert [group["id"][:12] for group in groups] == ["eg_1a2b3c4d-", "eg_2b3c4d5e-", "eg_3c4d5e6f-"]


def test_supplement_usage() -> None:
    (key,) = (key for key in dataset_of(NEW).keys if key.secret == "zv_demo_scale")
    month, total = key.used_this_month + 1, key.used_total + 1
    quota = Quota("scale", 60, 1, at("2026-02-07T12:01:00Z"), 100_000, month, at("2026-03-01T00:00:00Z"), total)
    assert call(NEW, "getUsage", quota=quota) == {
        "api_key": {
            "id": "ak_8f3a2b1c-4d5e-6f7a-8b9c-0d1e2f3a4b5c",
            "name": "Production API Key",
            "permission": "full_access",
            "website_id": None,
        },
        "usage": {
            "monthly_requests": 4521,
            "monthly_limit": 100000,
            "monthly_remaining": 95479,
            "monthly_reset_at": "2026-03-01T00:00:00.000Z",
            "total_requests": 128340,
        },
        "rate_limits": {"requests_per_minute": 60},
        "subscription": {"tier": "professional"},
    }


def test_platform_sites() -> None:
    assert contains(
        call(PLATFORM, "listSites"),
        {
            "sites": [
                {
                    "siteId": SITE,
                    "name": "My Website",
                    "domain": "example.com",
                    "isActive": True,
                    "createdAt": "2025-01-15T10:30:00.000Z",
                }
            ]
        },
    )


def test_platform_stats() -> None:
    assert contains(
        call(PLATFORM, "getSiteStats", SITE),
        {
            "visitors": 1234,
            "pageviews": 5678,
            "bounceRate": 42,
            "avgDuration": 145,
            "topPages": [{"pathname": "/", "views": 2000}, {"pathname": "/pricing", "views": 800}],
            "topReferrers": [{"referrer": "google.com", "count": 500}],
            "browsers": [{"browser": "Chrome", "count": 3000}],
            "countries": [{"country": "US", "count": 2000}],
        },
    )


def test_platform_realtime() -> None:
    answer = call(PLATFORM, "getSiteRealtime", SITE)
    pages = [{"path": "/", "visitors": 15}, {"path": "/pricing", "visitors": 8}]
    assert contains(answer, {"activeVisitors": 42, "activePages": pages})
    assert sum(page["visitors"] for page in answer["activePages"]) == 42


def test_platform_events() -> None:
    events = [{"name": "signup_click", "count": 234}, {"name": "download_pdf", "count": 89}]
    assert contains(call(PLATFORM, "listSiteEvents", SITE), {"events": events})


def test_platform_pageviews() -> None:
    chart = [{"date": "2025-03-21", "count": 800}, {"date": "2025-03-22", "count": 920}]
    assert contains(call(PLATFORM, "getSitePageviews", SITE), {"total": 5678, "unique": 1234, "chart": chart})
