"""What is tracked, against a model that keeps every event and counts them afresh each time."""

import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from mockserver.dataset import activity as module
from mockserver.dataset.activity import Activity
from mockserver.dataset.tracked import Event, Tracked, TrackedDay

SITES, SESSIONS, PATHS = ("here", "there"), ("a", "b", "c"), ("/", "/pricing", "/docs")
MIDNIGHT = 20_000 * 86_400


def event(site: str = "here", session: str = "a", kind: str = "pageview", path: str = "/", **more: Any) -> Event:
    values = {
        "referrer": None,
        "device": "desktop",
        "browser": "Firefox",
        "os": "Linux",
        "country": "DE",
        "city": "Berlin",
        "score": 50,
    }
    return Event(site=site, session=session, kind=kind, path=path, **{**values, **more})


@dataclass
class ModelSession:
    signs: list[int] = field(default_factory=list)  # page views, events and heartbeats
    visits: list[list[int]] = field(default_factory=list)  # the page views of each visit
    last_path: str = ""


class TrackingMachine(RuleBasedStateMachine):
    def begin_with(self) -> Activity:
        return Activity()

    @initialize(start=st.integers(MIDNIGHT - 4000, MIDNIGHT + 4000))
    def begin(self, start: int) -> None:
        self.now = start
        self.activity = self.begin_with()
        self.sessions: dict[tuple[str, str], ModelSession] = defaultdict(ModelSession)
        self.views: Counter[tuple[str, int, str]] = Counter()
        self.viewed: list[tuple[str, int]] = []
        self.version = self.activity.version

    @rule(seconds=st.sampled_from([0, 1, 59, 299, 300, 301, 1799, 1800, 1801, 7200]))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds

    @rule(site=st.sampled_from(SITES), session=st.sampled_from(SESSIONS), path=st.sampled_from(PATHS))
    def page_view(self, site: str, session: str, path: str) -> None:
        self.activity.track(event(site, session, path=path), self.now)
        known = self.sessions[site, session]
        if not known.visits or self.now - known.signs[-1] > 1800:
            known.visits.append([])
        known.visits[-1].append(self.now)
        known.signs.append(self.now)
        known.last_path = path
        self.views[site, self.now // 86400, path] += 1
        self.viewed.append((site, self.now))
        self.expect_change()

    @rule(site=st.sampled_from(SITES), session=st.sampled_from(SESSIONS))
    def custom_event(self, site: str, session: str) -> None:
        self.activity.track(event(site, session, kind="event", name="signup", path="/docs"), self.now)
        known = self.sessions[site, session]
        known.signs.append(self.now)
        known.last_path = "/docs"
        self.expect_change()

    @rule(site=st.sampled_from(SITES), session=st.sampled_from(SESSIONS))
    def heartbeat(self, site: str, session: str) -> None:
        known = (site, session) in self.sessions
        assert self.activity.heartbeat(site, session, self.now) is known
        if known:
            self.sessions[site, session].signs.append(self.now)
            self.expect_change()

    @rule()
    def reset(self) -> None:
        self.activity.reset()
        self.sessions.clear()
        self.views.clear()
        self.viewed.clear()
        self.expect_change()

    def expect_change(self) -> None:
        assert self.activity.version > self.version
        self.version = self.activity.version

    @invariant()
    def live_are_those_who_gave_a_sign_within_five_minutes(self) -> None:
        for site in SITES:
            live = [s for (of, _), s in self.sessions.items() if of == site and self.now - s.signs[-1] < 300]
            assert self.activity.live(site, self.now, 300) == len(live)
            assert self.activity.live_pages(site, self.now, 300) == Counter(session.last_path for session in live)

    @invariant()
    def every_page_view_is_counted_once(self) -> None:
        for site in SITES:
            for day, figures in self.activity.days(site).items():
                paths = Counter(figures.landings) + Counter(figures.later)
                assert paths == {p: n for (s, d, p), n in self.views.items() if (s, d) == (site, day)}
                assert figures.views == sum(paths.values())
            assert sum(figures.views for figures in self.activity.days(site).values()) == sum(
                n for (s, _, _), n in self.views.items() if s == site
            )

    @invariant()
    def visits_begin_with_the_first_page_view_and_after_half_an_hour(self) -> None:
        for site in SITES:
            visits = [visit for (of, _), session in self.sessions.items() if of == site for visit in session.visits]
            begun = Counter(visit[0] // 86400 for visit in visits)
            bounced = Counter(visit[0] // 86400 for visit in visits if len(visit) == 1)
            for day, figures in self.activity.days(site).items():
                assert figures.visitors == begun[day] == len(figures.visits) == sum(figures.landings.values())
                assert figures.visitors == sum(number for number, _ in figures.countries.values())
                assert figures.visitors == sum(figures.technology.values())
                assert figures.bounces == bounced[day]
                assert figures.unique == sum(
                    any(visit[0] // 86400 == day for visit in session.visits)
                    for (of, _), session in self.sessions.items()
                    if of == site
                )
                assert [visit.at for visit in figures.visits] == sorted(visit.at for visit in figures.visits)

    @invariant()
    def from_any_minute_on_a_date_has_what_happened_since(self) -> None:
        for site in SITES:
            for day in sorted(self.activity.days(site))[-2:]:
                for cut in {at // 60 * 60 + 60 * later for of, at in self.viewed for later in (0, 1) if of == site}:
                    begin, end = max(cut, day * 86400), (day + 1) * 86400
                    part = self.activity.since(site, day, (begin - day * 86400) * 1000)
                    listed = self.activity.visits(site, begin * 1000, end * 1000 - 1)
                    begun = [
                        [visit for visit in session.visits if begin <= visit[0] < end]
                        for (of, _), session in self.sessions.items()
                        if of == site
                    ]
                    assert part.views == sum(of == site and begin <= at < end for of, at in self.viewed)
                    assert part.views == sum(part.landings.values()) + sum(part.later.values())
                    assert part.visitors == sum(map(len, begun)) == len(listed) == sum(part.landings.values())
                    assert part.visitors == sum(part.technology.values())
                    assert part.visitors == sum(number for number, _ in part.countries.values())
                    assert part.bounces == sum(len(visit) == 1 for visits in begun for visit in visits)
                    assert part.unique == sum(map(bool, begun))
                    assert [at for at, _ in listed] == sorted(
                        (visit[0] * 1000 for visits in begun for visit in visits), reverse=True
                    )


TrackingMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=25)
TestTracking = TrackingMachine.TestCase


def test_an_event_during_a_visit_is_an_interaction() -> None:
    activity = Activity()
    activity.track(event(), 1000)
    assert not activity.days("here")[0].visits[0].interaction
    activity.track(event(kind="event", name="signup"), 1010)
    assert activity.days("here")[0].visits[0].interaction
    assert activity.days("here")[0].events == {"signup": 1}


def test_heartbeats_lengthen_a_visit() -> None:
    activity = Activity()
    activity.track(event(), 1000)
    activity.heartbeat("here", "a", 1060)
    activity.track(event(path="/pricing"), 1100)
    assert activity.days("here")[0].seconds == 100


def test_a_hundred_thousand_page_views_of_one_session_take_no_more_memory_than_a_thousand() -> None:
    activity = Activity()
    for number in range(100_000):
        activity.track(event(path=f"/{number % 7}"), 1000 + number // 1000)
    day = activity.days("here")[0]
    assert (day.views, day.visitors, day.bounces) == (100_000, 1, 0)
    assert len(day.visits) == 1
    assert activity.live("here", 1100, 300) == 1
    assert len(activity._seen["here"]) == 1
    assert sys.getsizeof(day.later) < 1000


def test_counters_stay_exact_when_details_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_VISITS", 10)
    monkeypatch.setattr(module, "MAX_SESSIONS", 20)
    monkeypatch.setattr(module, "MAX_VALUES", 5)
    activity = Activity()
    for number in range(50):
        activity.track(event(session=str(number), path=f"/{number}", browser=f"B{number}"), 86390 + number)
    days = activity.days("here")
    assert [days[day].visitors for day in (0, 1)] == [10, 40]
    kept = [visit.event.session for day in (0, 1) for visit in days[day].visits]
    assert kept == [str(number) for number in range(40, 50)]
    assert sum(days[1].landings.values()) == sum(days[1].technology.values()) == 40
    assert len(days[1].landings) == len(days[1].technology) == 6
    assert days[1].landings[module.OTHER] == 35
    assert activity.live("here", 86440, 300) == 20
    assert len(activity._sessions) == 20


def test_only_so_many_dates_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_DAYS", 3)
    activity = Activity()
    for day in range(6):
        activity.track(event(), day * 86400)
    assert sorted(activity.days("here")) == [3, 4, 5]
    assert activity._details == 3


def test_only_of_the_newest_two_dates_single_minutes_are_told() -> None:
    activity = Activity()
    for day in (3, 5, 4):
        activity.track(event(), day * 86400 + 3600)
    days = activity.days("here")
    assert [days[day].minutes is None for day in (3, 4, 5)] == [True, False, False]
    assert (days[3].visitors, activity.since("here", 3, 1).visitors) == (1, 0)
    assert [len(activity.visits("here", day * 86_400_000 + 1, 6 * 86_400_000)) for day in (3, 4, 5)] == [2, 2, 1]
    assert activity.since("here", 4, 3_600_000).visitors == 1


def test_the_figures_since_a_minute_are_summed_up_once_until_the_date_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    activity, sums = Activity(), list[int]()

    def summed(_day: TrackedDay, ms: int) -> Tracked:
        sums.append(ms)
        return Tracked()

    monkeypatch.setattr(TrackedDay, "since", summed)
    activity.track(event(), 3600)
    for hour in range(24, 30):  # another date
        activity.track(event(session=str(hour)), hour * 3600)
        activity.since("here", 0, 60_000)
    assert sums == [60_000]
    activity.since("here", 0, 120_000)
    activity.track(event(), 5400)
    activity.since("here", 0, 120_000)
    assert sums == [60_000, 120_000, 120_000]


def test_a_minute_calls_by_the_same_name_what_its_date_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_VALUES", 2)
    activity = Activity()
    for number in range(4):
        activity.track(event(session=str(number), path=f"/{number}"), number * 60)
    day = activity.days("here")[0]
    assert day.landings == {"/0": 1, "/1": 1, module.OTHER: 2}
    assert activity.since("here", 0, 60_000).landings == {"/1": 1, module.OTHER: 2}


def test_a_clock_that_is_turned_back_keeps_every_count() -> None:
    activity = Activity()
    activity.track(event(session="late"), 500_000)
    activity.track(event(session="early"), 400_000)
    activity.track(event(session="early", path="/pricing"), 399_990)
    assert activity.live("here", 400_000, 300) == 1
    assert activity.live("here", 500_000, 300) == 1
    assert sum(day.views for day in activity.days("here").values()) == 3
