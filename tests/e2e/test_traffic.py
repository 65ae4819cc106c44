"""Tracking has effect everywhere at once, and a million visitors page like a thousand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.redis import STATES, options_of
from tests.servers import SITE, Server, serving

ZENOVAY = "/api/external/v1"
CODE = "ZV_abc123xyz"


@pytest.fixture(scope="module", params=STATES)
def running(request: pytest.FixtureRequest) -> Iterator[Server]:
    with serving("--now", "2026-02-07T12:00:00Z", "--no-rate-limit", "--quiet", *options_of(request)) as started:
        yield started


@pytest.fixture
def frozen(running: Server) -> Server:
    return running.space()


def data(server: Server, path: str) -> Any:
    answer = server.get(path, "zv_demo_pro")
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def view(server: Server, session: str, url: str = "/pricing", browser: str = "Chrome") -> httpx.Response:
    event = {
        "session_id": session,
        "url": url,
        "device_type": "tablet",
        "browser": browser,
        "os": "Plan 9",
        "user_agent": "t",
    }
    return server.request("POST", f"/e/{CODE}", json=event)


def turn(server: Server, seconds: float) -> None:
    server.request("POST", "/__mock/clock", json={"action": "advance", "seconds": seconds}).raise_for_status()


def test_a_page_view_is_in_every_figure_at_once(frozen: Server) -> None:
    path = f"{ZENOVAY}/analytics/{SITE}"
    before = data(frozen, path)["summary"]
    live = frozen.get(f"/live/{CODE}").json()["data"]["visitors"]
    assert view(frozen, "session-0001", "/über/uns").status_code == 200
    overview = data(frozen, path)
    assert overview["summary"]["total_visitors"] == before["total_visitors"] + 1
    assert overview["summary"]["total_page_views"] == before["total_page_views"] + 1
    assert sum(day["page_views"] for day in overview["daily_stats"]) == before["total_page_views"] + 1
    newest = data(frozen, f"{path}/visitors?limit=1")["visitors"][0]
    assert (newest["landing_page"], newest["device_type"], newest["os"]) == ("/über/uns", "tablet", "Plan 9")
    assert "/über/uns" in [page["path"] for page in data(frozen, f"{path}/pages?limit=100")["pages"]]
    systems = data(frozen, f"{path}/technology?limit=100")["operating_systems"]
    assert {"Plan 9": 1}.items() <= {system["name"]: system["visitors"] for system in systems}.items()
    assert frozen.get(f"/live/{CODE}").json()["data"]["visitors"] == live + 1


class Visitors(RuleBasedStateMachine):
    """Visitors come, stay and go, against a plain list of when each was last seen."""

    server: Server

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[str, float] = {}
        self.now = 0.0

    @initialize()
    def start(self) -> None:
        self.server.request("POST", "/__mock/reset").raise_for_status()
        self.baseline = self.server.get(f"/live/{CODE}").json()["data"]["visitors"]

    @rule(session=st.integers(1, 4))
    def page_view(self, session: int) -> None:
        assert view(self.server, f"session-{session:04d}").status_code == 200
        self.seen[f"session-{session:04d}"] = self.now

    @rule(session=st.integers(1, 4))
    def heartbeat(self, session: int) -> None:
        name = f"session-{session:04d}"
        body = {"tracking_code": CODE, "session_id": name}
        assert self.server.request("POST", "/heartbeat", json=body).status_code == 200
        if self.now - self.seen.get(name, -1e9) < 1800:  # a visit ends after half an hour without a sign
            self.seen[name] = self.now

    @rule(session=st.integers(1, 4))
    def refused(self, session: int) -> None:
        assert view(self.server, f"s{session}").status_code == 400

    @rule(seconds=st.sampled_from([1, 59, 120, 299, 301]))
    def wait(self, seconds: int) -> None:
        turn(self.server, seconds)
        self.now += seconds

    @invariant()
    def the_live_count_is_who_was_seen_within_five_minutes(self) -> None:
        if not hasattr(self, "baseline"):
            return
        live = self.server.get(f"/live/{CODE}").json()["data"]["visitors"] - self.baseline
        assert live == sum(self.now - at < 300 for at in self.seen.values())


def test_live_visitors_come_stay_and_go(frozen: Server) -> None:
    Visitors.server = frozen
    case = Visitors.TestCase
    case.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
    case().runTest()


def test_a_million_visitors_page_without_gap_or_repetition() -> None:
    with serving("--now", "2026-02-07T12:00:00Z", "--no-rate-limit", "--quiet", "--scale", "40") as running:
        path = f"{ZENOVAY}/analytics/{SITE}"
        total = data(running, f"{path}?range=30d")["summary"]["total_visitors"]
        assert total > 1_000_000
        seen: set[str] = set()
        for offset in (0, 1000, total - 1500, total - 500):
            page = data(running, f"{path}/visitors?range=30d&limit=1000&offset={offset}")
            ids = {visitor["id"] for visitor in page["visitors"]}
            assert len(ids) == len(page["visitors"]) == min(1000, total - offset)
            assert page["pagination"]["has_more"] is (offset + 1000 < total)
            assert ids.isdisjoint(seen)
            seen |= ids
        assert len(seen) == 3500
