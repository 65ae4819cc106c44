"""Every operation once, through the clients that openapi-python-client makes."""

from __future__ import annotations

import sys
from typing import TypeVar
from uuid import UUID

WEBSITE = UUID("a1b2c3d4-e5f6-7890-abcd-ef1234567890")
OLD_WEBSITE = UUID("123e4567-e89b-12d3-a456-426614174000")
UNKNOWN = UUID("00000000-0000-4000-8000-000000000000")
SITE = "6507f1f77bcf86cd799439011"
KEY = "zv_demo_enterprise"
T = TypeVar("T")


def came(wanted: type[T], answer: object) -> T:
    """Return an answer as the model that was promised."""
    assert isinstance(answer, wanted), answer
    return answer


def newest(url: str) -> None:
    from zenovay_2026_02 import AuthenticatedClient, models
    from zenovay_2026_02.api.analytics import (
        get_analytics_overview,
        get_technology,
        list_countries,
        list_pages,
        list_visitors,
    )
    from zenovay_2026_02.api.error_tracking import list_error_groups
    from zenovay_2026_02.api.heatmaps import list_heatmap_pages
    from zenovay_2026_02.api.session_replays import list_replay_sessions
    from zenovay_2026_02.api.tracking import get_live_visitors, send_heartbeat, track_event
    from zenovay_2026_02.api.usage import get_usage
    from zenovay_2026_02.api.websites import get_website, list_websites

    api = AuthenticatedClient(base_url=url, token=KEY, prefix="", auth_header_name="X-API-Key")
    overview = came(models.OverviewResponse, get_analytics_overview.sync(WEBSITE, client=api))
    assert overview.success
    assert overview.data.daily_stats[0].total_visitors + overview.data.summary.total_visitors > 0
    visitors = came(models.VisitorsResponse, list_visitors.sync(WEBSITE, client=api, limit=2))
    assert visitors.data.visitors[0].visited_at <= overview.timestamp or visitors.data.pagination.has_more
    assert came(models.PagesResponse, list_pages.sync(WEBSITE, client=api)).data.pages[0].path.startswith("/")
    countries = came(models.CountriesResponse, list_countries.sync(WEBSITE, client=api)).data.countries
    assert countries[0].avg_value_score > 0
    devices = came(models.TechnologyResponse, get_technology.sync(WEBSITE, client=api)).data.device_types
    assert devices[0].name is models.DeviceShareName.DESKTOP
    assert came(models.WebsitesResponse, list_websites.sync(client=api)).data.total > 0
    assert came(models.WebsiteResponse, get_website.sync(WEBSITE, client=api)).data.website.id == WEBSITE
    heatmaps = came(models.HeatmapPagesResponse, list_heatmap_pages.sync(WEBSITE, client=api, limit=10)).data.pages
    assert heatmaps[0].total_interactions > 0
    sessions = came(models.SessionsResponse, list_replay_sessions.sync(WEBSITE, client=api)).data.sessions
    assert sessions[0].duration_seconds > 0
    unresolved = models.ListErrorGroupsStatus.UNRESOLVED
    groups = came(models.ErrorGroupsResponse, list_error_groups.sync(WEBSITE, client=api, status=unresolved))
    assert groups.data.error_groups[0].status is models.ErrorGroupStatus.UNRESOLVED
    assert came(models.UsageResponse, get_usage.sync(client=api)).data.usage.monthly_limit > 0
    visit = models.TrackedEvent("session-0001", "/pricing", "desktop", "Chrome", "macOS", "generated client")
    assert came(models.TrackedResponse, track_event.sync("ZV_abc123xyz", client=api, body=visit)).data.tracked
    assert came(models.LiveResponse, get_live_visitors.sync("ZV_abc123xyz", client=api)).data.visitors >= 0
    beat = models.Heartbeat("ZV_abc123xyz", "session-0001")
    assert came(models.HeartbeatResponse, send_heartbeat.sync(client=api, body=beat)).data.active

    unknown = came(models.NotFoundErrorResponse, get_website.sync(UNKNOWN, client=api))
    assert unknown.error.code is models.NotFoundErrorCode.NOT_FOUND


def older(url: str) -> None:
    from zenovay_2025_01 import AuthenticatedClient, models
    from zenovay_2025_01.api.analytics import (
        get_analytics_overview,
        get_technology,
        list_countries,
        list_pages,
        list_visitors,
    )
    from zenovay_2025_01.api.error_tracking import list_error_groups
    from zenovay_2025_01.api.heatmaps import list_heatmap_pages
    from zenovay_2025_01.api.session_replays import list_replay_sessions
    from zenovay_2025_01.api.tracking import get_live_visitors, send_heartbeat, track_event
    from zenovay_2025_01.api.usage import get_usage
    from zenovay_2025_01.api.websites import get_website, list_websites

    api = AuthenticatedClient(base_url=url, token=KEY, prefix="", auth_header_name="X-API-Key")
    overview = came(models.OverviewResponse, get_analytics_overview.sync(OLD_WEBSITE, client=api))
    assert 0 < overview.bounce_rate < 100
    visitors = came(models.VisitorsResponse, list_visitors.sync(OLD_WEBSITE, client=api, page=1))
    assert visitors.pagination.total_pages > 0
    assert came(models.PagesResponse, list_pages.sync(OLD_WEBSITE, client=api)).pages[0].page_views > 0
    assert came(models.CountriesResponse, list_countries.sync(OLD_WEBSITE, client=api)).countries[0].percentage > 0
    assert came(models.TechnologyResponse, get_technology.sync(OLD_WEBSITE, client=api)).operating_systems[0].name
    assert came(models.WebsitesResponse, list_websites.sync(client=api)).websites[0].is_active
    assert came(models.WebsiteResponse, get_website.sync(OLD_WEBSITE, client=api)).website.id == OLD_WEBSITE
    assert came(models.HeatmapPagesResponse, list_heatmap_pages.sync(OLD_WEBSITE, client=api)).pages[0].url
    assert came(models.SessionsResponse, list_replay_sessions.sync(OLD_WEBSITE, client=api)).sessions[0].event_count > 0
    groups = came(models.ErrorGroupsResponse, list_error_groups.sync(OLD_WEBSITE, client=api)).error_groups
    assert groups[0].occurrence_count > 0
    assert came(models.UsageResponse, get_usage.sync(client=api)).usage.monthly_limit > 0
    visit = models.TrackedEvent(models.TrackedEventType.PAGEVIEW, "/pricing")
    assert came(models.DoneResponse, track_event.sync("abc123def456", client=api, body=visit)).success
    assert came(models.LiveResponse, get_live_visitors.sync("abc123def456", client=api)).visitors >= 0
    assert came(models.DoneResponse, send_heartbeat.sync(client=api, body=models.Heartbeat("abc123def456"))).success

    unknown = came(models.NotFoundErrorResponse, get_website.sync(UNKNOWN, client=api))
    assert unknown.error.code is models.NotFoundErrorCode.NOT_FOUND


def platform(url: str) -> None:
    from analytics_platform_v2 import AuthenticatedClient, models
    from analytics_platform_v2.api.sites import list_sites
    from analytics_platform_v2.api.statistics import (
        get_site_pageviews,
        get_site_realtime,
        get_site_stats,
        list_site_events,
    )

    api = AuthenticatedClient(base_url=url, token="ap_demo")
    assert came(models.SitesResponse, list_sites.sync(client=api)).sites[0].is_active
    assert came(models.StatsResponse, get_site_stats.sync(SITE, client=api)).top_pages[0].views > 0
    assert came(models.RealtimeResponse, get_site_realtime.sync(SITE, client=api)).active_visitors >= 0
    assert came(models.EventsResponse, list_site_events.sync(SITE, client=api)).events[0].count > 0
    assert came(models.PageviewsResponse, get_site_pageviews.sync(SITE, client=api)).chart[0].date.year > 2000
    assert came(models.ErrorResponse, get_site_stats.sync("unknown", client=api)).error


if __name__ == "__main__":
    newest(sys.argv[1])
    older(sys.argv[2])
    platform(sys.argv[1])
