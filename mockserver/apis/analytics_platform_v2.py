"""Handlers of the Analytics Platform API v2 (PLATFORM). Its breakdowns count page views."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from mockserver.apis.call import Call, Handler, live
from mockserver.apis.shares import whole_percent
from mockserver.dataset import View
from mockserver.dataset.instants import day_text

_DAYS = {"7d": 7, "30d": 30, "90d": 90}
_MOST = 10  # maximum entries of a breakdown


def _view(call: Call) -> View:
    return View(call.resource, _DAYS[call.params["range"]], call.now, call.activity)


def list_sites(call: Call) -> dict[str, Any]:
    return {"sites": [dict(site.record) for site in call.sites()]}


def get_site_stats(call: Call) -> dict[str, Any]:
    view = _view(call)
    totals = view.totals
    return {
        "visitors": totals.visitors,
        "pageviews": totals.views,
        "bounceRate": whole_percent(totals.bounces, totals.visitors),
        "avgDuration": (2 * totals.seconds + totals.visitors) // (2 * totals.visitors) if totals.visitors else 0,
        "topPages": _top(view, "paths", "pathname", "views"),
        "topReferrers": _top(view, "referrers", "referrer", "count"),
        "browsers": _top(view, "browsers", "browser", "count"),
        "countries": _top(view, "countries", "country", "count"),
    }


def _top(view: View, dimension: str, name: str, count: str) -> list[dict[str, Any]]:
    # Direct page views have no referrer.
    ranked = [(value, number) for value, number in view.ranking(dimension) if value is not None]
    return [{name: value, count: number} for value, number in ranked[:_MOST]]


@live
def get_site_realtime(call: Call) -> dict[str, Any]:
    site = call.resource
    pages = Counter(dict(site.live)) + Counter(call.activity.live_pages(site.id, call.now, call.live_seconds))
    ranked = sorted(pages.items(), key=lambda pair: (-pair[1], pair[0]))
    return {
        "activeVisitors": sum(pages.values()),
        "activePages": [{"path": path, "visitors": visitors} for path, visitors in ranked],
    }


def list_site_events(call: Call) -> dict[str, Any]:
    return {"events": [{"name": name, "count": count} for name, count in _view(call).events()]}


def get_site_pageviews(call: Call) -> dict[str, Any]:
    view, pathname = _view(call), call.params.get("pathname")
    if pathname is None:
        unique, days = view.totals.visitors, [(day, figures.views) for day, figures in view.days()]
    else:
        unique, days = view.path_days(pathname)
    return {
        "total": sum(count for _, count in days),
        "unique": unique,
        "chart": [{"date": day_text(day), "count": count} for day, count in days],
    }


HANDLERS: Mapping[str, Handler] = {
    "listSites": list_sites,
    "getSiteStats": get_site_stats,
    "getSiteRealtime": get_site_realtime,
    "listSiteEvents": list_site_events,
    "getSitePageviews": get_site_pageviews,
}
