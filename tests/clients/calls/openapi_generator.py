"""Every operation once, through the Python clients that openapi-generator makes."""

from __future__ import annotations

import sys
from uuid import UUID

WEBSITE = UUID("a1b2c3d4-e5f6-7890-abcd-ef1234567890")
OLD_WEBSITE = UUID("123e4567-e89b-12d3-a456-426614174000")
UNKNOWN = UUID("00000000-0000-4000-8000-000000000000")
SITE = "6507f1f77bcf86cd799439011"
KEY = "zv_demo_enterprise"


def newest(url: str) -> None:
    import zenovay_2026_02 as api

    client = api.ApiClient(api.Configuration(host=url, api_key={"apiKey": KEY}))
    analytics = api.AnalyticsApi(client)
    overview: api.OverviewResponse = analytics.get_analytics_overview(WEBSITE, range="30d")
    assert overview.success
    assert overview.data.daily_stats[0].total_visitors + overview.data.summary.total_visitors > 0
    assert analytics.list_visitors(WEBSITE, limit=2).data.visitors[0].visited_at.year > 2000
    assert analytics.list_pages(WEBSITE).data.pages[0].path.startswith("/")
    assert analytics.list_countries(WEBSITE).data.countries[0].avg_value_score > 0
    assert analytics.get_technology(WEBSITE).data.device_types[0].name == "desktop"
    websites = api.WebsitesApi(client)
    assert websites.list_websites().data.total > 0
    assert websites.get_website(WEBSITE).data.website.id == WEBSITE
    assert api.HeatmapsApi(client).list_heatmap_pages(WEBSITE, limit=10).data.pages[0].total_interactions > 0
    assert api.SessionReplaysApi(client).list_replay_sessions(WEBSITE).data.sessions[0].duration_seconds > 0
    groups = api.ErrorTrackingApi(client).list_error_groups(WEBSITE, status="unresolved")
    assert groups.data.error_groups[0].status == "unresolved"
    assert api.UsageApi(client).get_usage().data.usage.monthly_limit > 0
    tracking = api.TrackingApi(client)
    visit = api.TrackedEvent(
        session_id="session-0001",
        url="/pricing",
        device_type="desktop",
        browser="Chrome",
        os="macOS",
        user_agent="generated client",
    )
    assert tracking.track_event("ZV_abc123xyz", visit).data.tracked
    assert tracking.get_live_visitors("ZV_abc123xyz").data.visitors >= 0
    assert tracking.send_heartbeat(api.Heartbeat(tracking_code="ZV_abc123xyz", session_id="session-0001")).data.active

    try:
        websites.get_website(UNKNOWN)
    except api.exceptions.NotFoundException as refused:
        error = refused.data
        assert isinstance(error, api.NotFoundErrorResponse)
        assert error.error.code == "NOT_FOUND"
    else:
        raise AssertionError("a website that does not exist was found")


def older(url: str) -> None:
    import zenovay_2025_01 as api

    client = api.ApiClient(api.Configuration(host=url, api_key={"apiKey": KEY}))
    analytics = api.AnalyticsApi(client)
    overview: api.OverviewResponse = analytics.get_analytics_overview(OLD_WEBSITE, time_range="7d")
    assert 0 < overview.bounce_rate < 100
    assert analytics.list_visitors(OLD_WEBSITE, page=1).pagination.total_pages > 0
    assert analytics.list_pages(OLD_WEBSITE).pages[0].page_views > 0
    assert analytics.list_countries(OLD_WEBSITE).countries[0].percentage > 0
    assert analytics.get_technology(OLD_WEBSITE).operating_systems[0].name
    websites = api.WebsitesApi(client)
    assert websites.list_websites().websites[0].is_active
    assert websites.get_website(OLD_WEBSITE).website.id == OLD_WEBSITE
    assert api.HeatmapsApi(client).list_heatmap_pages(OLD_WEBSITE).pages[0].url
    assert api.SessionReplaysApi(client).list_replay_sessions(OLD_WEBSITE).sessions[0].event_count > 0
    assert api.ErrorTrackingApi(client).list_error_groups(OLD_WEBSITE).error_groups[0].occurrence_count > 0
    assert api.UsageApi(client).get_usage().usage.monthly_limit > 0
    tracking = api.TrackingApi(client)
    assert tracking.track_event("abc123def456", api.TrackedEvent(type="pageview", url="/pricing")).success
    assert tracking.get_live_visitors("abc123def456").visitors >= 0
    assert tracking.send_heartbeat(api.Heartbeat(tracking_code="abc123def456")).success

    try:
        websites.get_website(UNKNOWN)
    except api.exceptions.NotFoundException as refused:
        error = refused.data
        assert isinstance(error, api.NotFoundErrorResponse)
        assert error.error.code == "not_found"
    else:
        raise AssertionError("a website that does not exist was found")


def platform(url: str) -> None:
    import analytics_platform_v2 as api

    client = api.ApiClient(api.Configuration(host=url, access_token="ap_demo"))
    assert api.SitesApi(client).list_sites().sites[0].is_active
    statistics = api.StatisticsApi(client)
    assert statistics.get_site_stats(SITE, range="30d").top_pages[0].views > 0
    assert statistics.get_site_realtime(SITE).active_visitors >= 0
    assert statistics.list_site_events(SITE).events[0].count > 0
    assert statistics.get_site_pageviews(SITE).chart[0].var_date.year > 2000
    try:
        statistics.get_site_stats("unknown")
    except api.exceptions.ForbiddenException as refused:
        error = refused.data
        assert isinstance(error, api.ErrorResponse)
        assert error.error
    else:
        raise AssertionError("a site that does not exist was found")


if __name__ == "__main__":
    newest(sys.argv[1])
    older(sys.argv[2])
    platform(sys.argv[1])
