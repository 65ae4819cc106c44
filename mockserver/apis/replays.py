"""Replay sessions: those of the fixtures, and sessions generated for some visits of the last thirty days."""

from typing import Any

from mockserver.apis.call import Call
from mockserver.dataset import View
from mockserver.dataset.instants import instant_text, to_ms
from mockserver.dataset.site import Site
from mockserver.dataset.timeline import Generated
from mockserver.dataset.visits import identifier

_DAYS = 30
_LONGEST = 600  # seconds; a session is listed after this time, when it has ended in any case


def list_sessions(call: Call, offset: int, limit: int) -> tuple[list[dict[str, Any]], int]:
    """Return a page of a site's sessions, newest first, with the members of all editions, and the total number."""
    site: Site = call.resource
    recorded = [record.at(site.as_of, call.now) for record in site.records.get("replay_sessions", ())]
    view = View(site, _DAYS, call.now - _LONGEST - 60, call.activity)
    timeline = view.timeline(site.replay_every, ((to_ms(session["started_at"]), session) for session in recorded))
    return [_session(site, item) for item in timeline.page(offset, limit)], timeline.total


def _session(site: Site, item: Any) -> dict[str, Any]:
    if not isinstance(item, Generated):
        return dict(item)
    visit = site.visit(item.slice.day, item.slice.index, item.item, item.at)
    mixed = site.mix.position(site.recording.visits_ends[item.slice.index] + item.item)
    seconds = 20 + mixed % (_LONGEST - 40)
    name = identifier(site.seed, site.id, "session", visit.id)
    return {
        "id": f"sr_{identifier(site.seed, site.id, 'replay', visit.id)}",
        "session_id": f"sess_{name.replace('-', '')[:12]}",
        "page_url": visit.landing_page,
        "device_type": visit.device,
        "browser": visit.browser,
        "os": visit.os,
        "country_code": visit.country,
        "duration_seconds": seconds,
        "event_count": seconds * 35 // 100 + 3,
        "started_at": instant_text(visit.at),
        "ended_at": instant_text(visit.at + seconds * 1000),
    }
