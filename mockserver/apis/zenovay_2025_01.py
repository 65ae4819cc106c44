"""Handlers of Zenovay External API v1, edition 2025-01 (REF). Shapes that REF does not show are inferred."""

from collections.abc import Mapping, Sequence
from typing import Any

from mockserver.apis import zenovay_2026_02
from mockserver.apis.call import Call, Handler, Refusal, live
from mockserver.apis.replays import list_sessions
from mockserver.apis.shares import percent
from mockserver.apis.tracking import detect_technology, find_site, read_event, read_session
from mockserver.dataset import View
from mockserver.dataset.instants import day_text, is_instant, to_ms, whole_second_text
from mockserver.dataset.visits import Visit

_LISTED = ("id", "domain", "name", "tracking_code", "is_active", "created_at")  # REF, "List Websites"
_SESSION = (
    "id",
    "page_url",
    "device_type",
    "browser",
    "os",
    "country_code",
    "duration_seconds",
    "event_count",
    "started_at",
    "ended_at",
)
_MOST_COUNTRIES = 10


def _view(call: Call) -> View:
    return zenovay_2026_02.create_view(call, call.params["timeRange"])


def get_analytics_overview(call: Call) -> dict[str, Any]:
    view, record = _view(call), call.resource.record
    totals = view.totals
    return {
        "website": {name: record[name] for name in ("id", "domain", "name")},
        "timeRange": call.params["timeRange"],
        "totalVisitors": totals.visitors,
        "totalPageViews": totals.views,
        "bounceRate": percent(totals.bounces, totals.visitors),
        "topCountries": _countries(call, view, _MOST_COUNTRIES),
        "dailyStats": [
            {
                "date": day_text(day),
                "visitors": figures.visitors,
                "pageViews": figures.views,
                "bounceRate": percent(figures.bounces, figures.visitors),
            }
            for day, figures in view.days()
        ],
    }


def _countries(call: Call, view: View, limit: int) -> list[dict[str, Any]]:
    everyone = view.totals.visitors
    return [
        {
            "name": call.dataset.places.name(country.code),
            "code": country.code,
            "visitors": country.visitors,
            "percentage": percent(country.visitors, everyone),
        }
        for country in view.countries()[:limit]
    ]


def list_visitors(call: Call) -> dict[str, Any]:
    page, per_page = call.params["page"], call.params["per_page"]
    visits, total = _view(call).visits((page - 1) * per_page, per_page)
    return {
        "visitors": [_visitor(call, visit) for visit in visits],
        "pagination": {"page": page, "per_page": per_page, "total": total, "total_pages": -(-total // per_page)},
    }


def _visitor(call: Call, visit: Visit) -> dict[str, Any]:
    return {
        "id": visit.id,
        "countryCode": visit.country,
        "countryName": call.dataset.places.name(visit.country),
        "city": visit.city,
        "deviceType": visit.device,
        "browser": visit.browser,
        "os": visit.os,
        "visitedAt": whole_second_text(visit.at),
        "landingPage": visit.landing_page,
        "referrer": visit.referrer,
    }


def list_pages(call: Call) -> dict[str, Any]:
    pages = _view(call).pages()[: call.params["limit"]]
    return {"pages": [{"path": page.path, "pageViews": page.views, "visitors": page.visitors} for page in pages]}


def list_countries(call: Call) -> dict[str, Any]:
    return {"countries": _countries(call, _view(call), call.params["limit"])}


def get_technology(call: Call) -> dict[str, Any]:
    view = _view(call)
    technology, everyone = view.technology(), view.totals.visitors
    return {
        "browsers": _shares(technology.browsers, everyone),
        "operatingSystems": _shares(technology.systems, everyone),
        "deviceTypes": _shares(technology.devices, everyone),
    }


def _shares(counts: Sequence[tuple[str, int]], everyone: int) -> list[dict[str, Any]]:
    return [{"name": name, "visitors": count, "percentage": percent(count, everyone)} for name, count in counts]


def list_websites(call: Call) -> dict[str, Any]:
    return {"websites": [_website(site.record) for site in call.sites()]}


def _website(record: Mapping[str, Any]) -> dict[str, Any]:
    return _in_seconds({name: record[name] for name in _LISTED})


def _in_seconds(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values with their instants as REF writes them: 2025-01-01T00:00:00Z."""
    return {name: whole_second_text(to_ms(value)) if is_instant(value) else value for name, value in values.items()}


def get_website(call: Call) -> dict[str, Any]:
    return {"website": _website(call.resource.record)}


def list_replay_sessions(call: Call) -> dict[str, Any]:
    sessions, _ = list_sessions(call, call.params["offset"], call.params["limit"])
    return {"sessions": [_in_seconds({name: session[name] for name in _SESSION}) for session in sessions]}


def list_heatmap_pages(call: Call) -> dict[str, Any]:
    return {"pages": [_in_seconds(page) for page in zenovay_2026_02.list_heatmap_pages(call)["pages"]]}


def list_error_groups(call: Call) -> dict[str, Any]:
    return {"error_groups": [_in_seconds(group) for group in zenovay_2026_02.list_error_groups(call)["error_groups"]]}


@live
def get_usage(call: Call) -> dict[str, Any]:
    quota = call.quota
    if quota is None:
        raise Refusal("server-error")  # the contract has no limits
    return {
        "plan": quota.plan,
        "usage": {
            "requests_this_minute": quota.minute_used,
            "requests_this_month": quota.month_used,
            "monthly_limit": quota.month_limit,
        },
    }


@live
def track_event(call: Call) -> dict[str, Any]:
    # SUPPLEMENT: User-Agent and address of the visitor are those of the request.
    session = read_session(call, call.body.get("session_id"))
    call.activity.track(read_event(call, session, detect_technology(call.user_agent)), call.now)
    return {"success": True}


@live
def send_heartbeat(call: Call) -> dict[str, Any]:
    call.activity.heartbeat(find_site(call).id, read_session(call, call.body.get("session_id")), call.now)
    return {"success": True}


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
    "getLiveVisitors": zenovay_2026_02.get_live_visitors,
    "sendHeartbeat": send_heartbeat,
}
