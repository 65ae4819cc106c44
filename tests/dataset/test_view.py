"""Every endpoint is a view of the same data: what must add up does so at any instant, for any range, scale and seed."""

from collections import Counter
from dataclasses import astuple
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockserver.dataset import Site, View
from mockserver.dataset.activity import Activity
from mockserver.dataset.tracked import Event
from tests.dataset.data import CAFE, FIRST, MAIN, QUIET, SITE, at, platform, zenovay

SCALES, SEEDS = st.sampled_from([1, 2, 7, 1000]), st.integers(0, 3)
INSTANTS = st.floats(at("2025-12-20T00:00:00Z"), at("2026-03-20T00:00:00Z"))
DAYS = st.sampled_from([1, 7, 30, 90, 365])
WEBSITES = st.sampled_from([MAIN, QUIET, CAFE])
PLATFORM_INSTANTS = st.floats(at("2025-01-01T00:00:00Z"), at("2025-06-01T00:00:00Z"))


@st.composite
def tracked(draw: st.DrawFn, site: Site, now: float) -> Activity:
    """Page views of a few sessions within the last three days."""
    activity = Activity()
    times = sorted(now - age for age in draw(st.lists(st.floats(0, 250_000), max_size=8)))
    for time in times:
        event = Event(
            site=site.id,
            session=draw(st.sampled_from(["one", "two", "three"])),
            kind=draw(st.sampled_from(["pageview", "pageview", "event"])),
            path=draw(st.sampled_from(["/", "/pricing", "/elsewhere"])),
            referrer=None,
            device="desktop",
            browser="Netscape",
            os="BeOS",
            country=draw(st.sampled_from(["US", "DE", "LI"])),
            city="Vaduz",
            score=draw(st.integers(0, 100)),
        )
        activity.track(event, time)
    return activity


@given(st.data(), WEBSITES, DAYS, st.booleans(), INSTANTS, SCALES, SEEDS)
def test_every_breakdown_adds_up_to_the_totals(
    data: st.DataObject, website: str, days: int, to_the_minute: bool, now: float, scale: int, seed: int
) -> None:
    site = zenovay(scale=scale, seed=seed).sites[website]
    view = View(site, days, now, data.draw(tracked(site, now)), to_the_minute=to_the_minute)
    totals = view.totals
    assert sum(country.visitors for country in view.countries()) == totals.visitors
    assert all(0 <= country.points <= 100 * country.visitors for country in view.countries())
    technology = view.technology()
    for breakdown in (technology.browsers, technology.systems, technology.devices):
        assert sum(visitors for _, visitors in breakdown) == totals.visitors
    pages = view.pages()
    assert sum(page.views for page in pages) == totals.views
    assert all(page.views > 0 and 0 <= page.visitors <= min(page.views, totals.visitors) for page in pages)
    assert view.visits(0, 1)[1] == totals.visitors
    assert totals.unique <= totals.visitors <= totals.views
    assert 0 <= totals.bounces <= totals.visitors


@example(now=at("2025-03-15T03:00:00Z"), days=1, to_the_minute=False, scale=2, seed=0)  # before its first visitor
@given(PLATFORM_INSTANTS, DAYS, st.booleans(), SCALES, SEEDS)
def test_every_breakdown_of_page_views_adds_up_to_the_page_views(
    now: float, days: int, to_the_minute: bool, scale: int, seed: int
) -> None:
    dataset = platform(scale, seed)
    for site in dataset.sites.values():
        view = View(site, days, now, Activity(), to_the_minute=to_the_minute)
        for name in ("paths", "referrers", "browsers", "countries"):
            assert sum(count for _, count in view.ranking(name)) == view.totals.views
        assert view.totals.visitors <= view.totals.views
        assert bool(view.totals.visitors) == bool(view.totals.views)
        by_path = dict(view.ranking("paths"))
        for path in site.shares["paths"].values:
            visitors, chart = view.path_days(path)
            assert sum(count for _, count in chart) == by_path.get(path, 0)
            assert bool(visitors) == bool(by_path.get(path, 0))
            assert visitors <= min(by_path.get(path, 0), view.totals.visitors)


@given(st.data(), WEBSITES, INSTANTS, SCALES, SEEDS)
def test_a_longer_range_contains_the_shorter_one(
    data: st.DataObject, website: str, now: float, scale: int, seed: int
) -> None:
    site = zenovay(scale=scale, seed=seed).sites[website]
    activity = data.draw(tracked(site, now))
    views = [View(site, days, now, activity) for days in (1, 7, 30, 90, 365)]
    for short, long in pairwise(views):
        assert long.days()[-len(short.days()) :] == short.days()
        assert all(more >= less for more, less in zip(astuple(long.totals), astuple(short.totals), strict=True))
        more = {country.code: country.visitors for country in long.countries()}
        assert all(more[country.code] >= country.visitors for country in short.countries())
        pages = {page.path: page for page in long.pages()}
        assert all(pages[page.path].views >= page.views for page in short.pages())
        assert all(pages[page.path].visitors >= page.visitors for page in short.pages())


@given(st.data(), WEBSITES, st.integers(1, 3), INSTANTS, SCALES, SEEDS)
def test_days_to_the_minute_lie_between_one_day_less_and_as_many_whole_dates(
    data: st.DataObject, website: str, days: int, now: float, scale: int, seed: int
) -> None:
    site = zenovay(scale=scale, seed=seed).sites[website]
    activity = data.draw(tracked(site, now))
    cut, whole = View(site, days, now, activity, to_the_minute=True), View(site, days, now, activity)
    inner = View(site, cut.today - cut.first - 1, now, activity) if cut.first < cut.today else None
    assert cut.until - cut.since == days * 86_400_000
    assert (now - days * 86_400) * 1000 < cut.since <= (now - days * 86_400) * 1000 + 60_000
    assert cut.days()[1:] == whole.days()[-len(cut.days()) :][1:]
    for more, less in zip(astuple(whole.totals), astuple(cut.totals), strict=True):
        assert more >= less
    if inner is not None:
        assert all(more >= less for more, less in zip(astuple(cut.totals), astuple(inner.totals), strict=True))


@settings(max_examples=25)
@given(st.data(), st.sampled_from([MAIN, CAFE]), INSTANTS, SEEDS)
def test_to_the_minute_are_exactly_the_visits_of_the_whole_dates_that_are_young_enough(
    data: st.DataObject, website: str, now: float, seed: int
) -> None:
    site = zenovay(seed=seed).sites[website]
    activity = data.draw(tracked(site, now))
    cut, whole = View(site, 1, now, activity, to_the_minute=True), View(site, 1, now, activity)
    everything = whole.visits(0, 10_000)[0]
    assert cut.visits(0, 10_000)[0] == [visit for visit in everything if visit.at >= cut.since]


def test_a_visit_at_the_very_beginning_of_the_24_hours_is_in_them() -> None:
    site = zenovay().sites[QUIET]
    visits, _ = View(site, 30, at("2026-02-07T12:00:00Z"), Activity()).visits(0, 100)
    on_the_minute = [visit for visit in visits if visit.at % 60_000 == 0]
    assert on_the_minute
    for visit in on_the_minute:
        now = visit.at / 1000 + 86_400 - 60
        assert View(site, 1, now, Activity(), to_the_minute=True).visits(0, 100)[0][-1] == visit
        later = View(site, 1, now + 60, Activity(), to_the_minute=True).visits(0, 100)[0]
        assert visit not in later


@given(WEBSITES, DAYS, INSTANTS, st.integers(0, 5000), SEEDS)
def test_figures_of_today_only_grow_while_the_day_goes_on(
    website: str, days: int, now: float, seconds: int, seed: int
) -> None:
    site = zenovay(seed=seed).sites[website]
    later = min(now + seconds, now // 86400 * 86400 + 86399)
    before, after = View(site, days, now, Activity()), View(site, days, later, Activity())
    assert all(more >= less for more, less in zip(astuple(after.totals), astuple(before.totals), strict=True))


@given(WEBSITES, INSTANTS, SEEDS)
def test_a_past_date_has_the_same_figures_for_ever(website: str, now: float, seed: int) -> None:
    site = zenovay(seed=seed).sites[website]
    early, late = View(site, 30, now, Activity()), View(site, 30, now + 9 * 86400, Activity())
    whole = dict(early.days()[:-1])
    assert all(figures == whole[day] for day, figures in late.days() if day in whole)


@settings(max_examples=40)
@given(
    st.data(),
    st.sampled_from([MAIN, CAFE]),
    st.sampled_from([(1, True), (2, True), (1, False), (7, False)]),
    INSTANTS,
    SEEDS,
    st.integers(1, 1000),
)
def test_the_pages_of_the_visitor_list_are_exactly_the_visitors_that_the_breakdowns_count(
    data: st.DataObject, website: str, span: tuple[int, bool], now: float, seed: int, limit: int
) -> None:
    site = zenovay(seed=seed).sites[website]
    view = View(site, span[0], now, data.draw(tracked(site, now)), to_the_minute=span[1])
    total = view.totals.visitors
    limit = max(limit, total // 20 + 1)
    visits = [visit for offset in range(0, total + 1, limit) for visit in view.visits(offset, limit)[0]]
    assert len({visit.id for visit in visits}) == len(visits) == total
    times = [visit.at for visit in visits]
    assert times == sorted(times, reverse=True)
    assert not times or (times[0] <= now * 1000 and times[-1] >= view.since)
    if span[1]:
        assert not times or times[-1] > (now - span[0] * 86_400) * 1000
    assert Counter(visit.at // 86_400_000 for visit in visits) == Counter(
        {day: figures.visitors for day, figures in view.days() if figures.visitors}
    )
    assert Counter(visit.country for visit in visits) == Counter({c.code: c.visitors for c in view.countries()})
    points: Counter[str] = Counter()
    for visit in visits:
        points[visit.country] += visit.score
    assert points == Counter({country.code: country.points for country in view.countries()})
    assert Counter(visit.browser for visit in visits) == Counter(dict(view.technology().browsers))
    landings = Counter(visit.landing_page for visit in visits)
    pages = {page.path: page for page in view.pages()}
    assert all(count <= pages[path].visitors for path, count in landings.items())


def test_the_same_seed_gives_the_same_visits_and_another_one_others() -> None:
    now = at("2026-02-07T12:00:00Z")
    one, same, other = (
        View(dataset.sites[MAIN], 30, now, Activity()).visits(2, 200)[0]
        for dataset in (zenovay(seed=1), zenovay.__wrapped__(seed=1), zenovay(seed=2))
    )
    assert one == same
    assert not {visit.id for visit in one} & {visit.id for visit in other}
    assert [visit.country for visit in one] != [visit.country for visit in other]


@pytest.mark.parametrize("seed", [0, 1, 99])
@pytest.mark.parametrize("scale", [1, 3, 1000])
def test_the_whole_recording_has_the_fixtures_figures_times_the_scale_whatever_the_seed(scale: int, seed: int) -> None:
    site = zenovay.__wrapped__(scale=scale, seed=seed).sites[MAIN]
    view = View(site, 30, at("2026-02-07T12:00:00Z"), Activity())
    assert (view.totals.visitors, view.totals.views, view.totals.unique) == (
        28450 * scale,
        94312 * scale,
        18230 * scale,
    )
    assert [country.visitors for country in view.countries()[:5]] == [
        count * scale for count in (4521, 1823, 1456, 987, 832)
    ]


def test_single_days_follow_the_shares_closely() -> None:
    site = zenovay().sites[MAIN]
    for day in range(1, 31):
        now = at("2026-01-09T23:59:59Z") + (day - 1) * 86400
        view = View(site, 0, now, Activity())
        american = next(country.visitors for country in view.countries() if country.code == "US")
        assert american == pytest.approx(view.totals.visitors * 4521 / 28450, abs=6)


def test_before_a_site_exists_it_has_no_traffic() -> None:
    view = View(zenovay().sites[MAIN], 365, at("2025-11-15T23:00:00Z"), Activity())
    assert view.totals.visitors == 0
    assert view.visits(0, 10) == ([], 0)
    assert View(zenovay().sites[MAIN], 1, at("2025-11-16T12:00:00Z"), Activity()).totals.visitors > 100


def test_the_last_seven_days_always_have_data() -> None:
    for year in (2026, 2027, 2031):
        for dataset, site in ((zenovay(), MAIN), (zenovay("2025-01"), FIRST), (platform(), SITE)):
            assert View(dataset.sites[site], 7, at(f"{year}-05-03T00:00:00Z"), Activity()).totals.visitors > 900


def test_custom_events_are_spread_over_the_days_and_add_up() -> None:
    site = platform().sites[SITE]
    now = at("2025-03-28T12:00:00Z")
    week = dict(View(site, 7, now, Activity()).events())
    assert week["signup_click"] == 234
    fortnight = dict(View(site, 14, now, Activity()).events())
    assert fortnight["signup_click"] == 2 * 234


def test_a_page_nobody_knows_has_a_chart_of_zeros() -> None:
    visitors, chart = View(platform().sites[SITE], 7, at("2025-03-28T12:00:00Z"), Activity()).path_days("/nowhere")
    assert visitors == 0
    assert [count for _, count in chart] == [0] * 8
