"""Handlers of Zenovay External API v1, edition 2026-02 (HEATMAPS, WEBSITE, WEBSITES, SUPPLEMENT)."""

from collections.abc import Mapping, Sequence
from typing import Any

from mockserver.apis.call import Call, Handler, Refusal, live
from mockserver.apis.replays import list_sessions
from mockserver.apis.shares import mean, percent
from mockserver.apis.tracking import find_site, read_event
from mockserver.clock import rfc3339
from mockserver.dataset import View
from mockserver.dataset.instants import day_text, instant_text
from mockserver.dataset.visits import Visit

_DAYS = {"24h": 1, "7d": 7, "30d": 30, "90d": 90, "1y": 365}
_LISTED = ("id", "domain", "name", "tracking_code", "is_active", "created_at", "team_id")  # WEBSITES, "Response Fields"


def create_view(call: Call, span: str) -> View:
    """Return the view of a range: to the minute for hours, whole dates for days."""
    return View(call.resource, _DAYS[span], call.now, call.activity, to_the_minute=span.endswith("h"))


def _view(call: Call) -> View:
    return create_view(call, call.params["range"])


def get_analytics_overview(call: Call) -> dict[str, Any]:
    view, record = _view(call), call.resource.record
    return {
        "website": {name: record[name] for name in ("id", "domain", "name")},
        "time_range": call.params["range"],
        "date_range": {
            "start": day_text(view.first),
            "end": day_text(view.today),
            "startDateTime": instant_text(view.since),
            "endDateTime": instant_text(view.until - 1),
        },
        "summary": {
            "total_visitors": view.totals.visitors,
            "total_page_views": view.totals.views,
            "unique_visitors": view.totals.unique,
        },
        "daily_stats": [
            {
                "date": day_text(day),
                "website_id": record["id"],
                "total_visitors": figures.visitors,
                "unique_visitors": figures.unique,
                "page_views": figures.views,
            }
            for day, figures in view.days()
        ],
    }


def list_visitors(call: Call) -> dict[str, Any]:
    offset, limit = call.params["offset"], call.params["limit"]
    visits, total = _view(call).visits(offset, limit)
    return {"visitors": [_visitor(call, visit) for visit in visits], "pagination": _pagination(offset, limit, total)}


def _visitor(call: Call, visit: Visit) -> dict[str, Any]:
    return {
        "id": visit.id,
        "country_code": visit.country,
        "country_name": call.dataset.places.name(visit.country),
        "city": visit.city,
        "device_type": visit.device,
        "browser": visit.browser,
        "os": visit.os,
        "value_score": visit.score,
        "visited_at": instant_text(visit.at),
        "landing_page": visit.landing_page,
        "referrer": visit.referrer,
        "had_interaction": visit.interaction,
    }


def _pagination(offset: int, limit: int, total: int) -> dict[str, Any]:
    return {"limit": limit, "offset": offset, "has_more": offset + limit < total}


def list_pages(call: Call) -> dict[str, Any]:
    pages = _view(call).pages()[: call.params["limit"]]
    return {
        "pages": [
            {"path": page.path, "page_views": page.views, "visitors": page.visitors, "avg_time_seconds": page.seconds}
            for page in pages
        ]
    }


def list_countries(call: Call) -> dict[str, Any]:
    return {
        "countries": [
            {
                "country_code": country.code,
                "country_name": call.dataset.places.name(country.code),
                "visitors": country.visitors,
                "avg_value_score": mean(country.points, country.visitors),
            }
            for country in _view(call).countries()[: call.params["limit"]]
        ]
    }


def get_technology(call: Call) -> dict[str, Any]:
    view, limit = _view(call), call.params["limit"]
    technology, everyone = view.technology(), view.totals.visitors
    return {
        "browsers": _shares(technology.browsers, everyone, limit),
        "operating_systems": _shares(technology.systems, everyone, limit),
        "device_types": _shares(technology.devices, everyone, limit),
    }


def _shares(counts: Sequence[tuple[str, int]], everyone: int, limit: int) -> list[dict[str, Any]]:
    return [{"name": name, "visitors": count, "percentage": percent(count, everyone)} for name, count in counts[:limit]]


def list_websites(call: Call) -> dict[str, Any]:
    websites = [{name: site.record[name] for name in _LISTED} for site in call.sites()]
    return {"websites": websites, "total": len(websites)}


def get_website(call: Call) -> dict[str, Any]:
    return {"website": dict(call.resource.record)}


def list_heatmap_pages(call: Call) -> dict[str, Any]:
    # HEATMAPS: all-time counts, "sorted by interaction count".
    site = call.resource
    pages = [record.at(site.as_of, call.now) for record in site.records.get("heatmap_pages", ())]
    return {"pages": sorted(pages, key=lambda page: -page["total_interactions"])[: call.params["limit"]]}


def list_replay_sessions(call: Call) -> dict[str, Any]:
    offset, limit = call.params["offset"], call.params["limit"]
    sessions, total = list_sessions(call, offset, limit)
    return {"sessions": sessions, "pagination": _pagination(offset, limit, total)}


def list_error_groups(call: Call) -> dict[str, Any]:
    site, status = call.resource, call.params.get("status")
    groups = [record.at(site.as_of, call.now) for record in site.records.get("error_groups", ())]
    return {"error_groups": [group for group in groups if status in (None, group["status"])][: call.params["limit"]]}


@live
def get_usage(call: Call) -> dict[str, Any]:
    key, quota = call.key, call.quota
    if key is None or quota is None:
        raise Refusal("server-error")  # the contract has no limits, or no key for /usage
    remaining = None if quota.month_limit is None else max(0, quota.month_limit - quota.month_used)
    return {
        "api_key": {
            "id": key.id,
            "name": key.name,
            "permission": "site_access" if key.scoped_to else "full_access",
            "website_id": key.scoped_to,
        },
        "usage": {
            "monthly_requests": quota.month_used,
            "monthly_limit": quota.month_limit,
            "monthly_remaining": remaining,
            "monthly_reset_at": rfc3339(quota.month_reset),
            "total_requests": quota.total_used,
        },
        "rate_limits": {"requests_per_minute": quota.minute_limit},
        "subscription": {"tier": key.tier or key.plan},
    }


@live
def track_event(call: Call) -> dict[str, Any]:
    body = call.body
    technology = body["device_type"], body["browser"], body["os"]
    call.activity.track(read_event(call, body["session_id"], technology), call.now)
    return {"tracked": True}


@live
def get_live_visitors(call: Call) -> dict[str, Any]:
    site = call.resource
    return {"visitors": sum(site.live.values()) + call.activity.live(site.id, call.now, call.live_seconds)}


@live
def send_heartbeat(call: Call) -> dict[str, Any]:
    call.activity.heartbeat(find_site(call).id, call.body["session_id"], call.now)
    return {"active": True}


HANDLERS: Mapping[str, Handler] = {
    "getAnalyticsOverview": get_analytics_overview,
    "listVisitors": list_visitors,
    "listPages": list_pages,
    "listCountries": list_countries,
    "getTechnology": get_technology,
    "listWebsites": list_websites,
    "getWebsite": get_website,
    "listHeatmapPages": list_heatmap_pages,
    "listReplaySessions": list_replay_sessions,
    "listErrorGroups": list_error_groups,
    "getUsage": get_usage,
    "trackEvent": track_event,
    "getLiveVisitors": get_live_visitors,
    "sendHeartbeat": send_heartbeat,
}
