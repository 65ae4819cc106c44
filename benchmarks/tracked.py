"""Measure the CPU of an answer with no, a thousand and ten thousand tracked visits: it should be the same.

Every answer comes after a page view, so none is found ready. What counts is the CPU of this process as a ratio to that
of a server without tracked visits, the sizes alternating.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from benchmarks.loads import spread
from mockserver.app import create_app
from mockserver.dataset.activity import Activity
from mockserver.dataset.tracked import Event
from mockserver.engine.mock import Mock
from mockserver.settings import Settings
from mockserver.state.redis.activity import SharedActivity

SIZES = (0, 1_000, 10_000)
NOW = 1_770_465_600.0
SITE, PLATFORM_SITE = "a1b2c3d4-e5f6-7890-abcd-ef1234567890", "6507f1f77bcf86cd799439011"
ANALYTICS = f"/api/external/v1/analytics/{SITE}"
ANSWERS = {
    "visitors, first page": f"{ANALYTICS}/visitors?range=30d&limit=50",
    "visitors, a later page": f"{ANALYTICS}/visitors?range=30d&limit=50&offset=700",
    "visitors, last 24 hours": f"{ANALYTICS}/visitors?range=24h&limit=50",
    "overview": f"{ANALYTICS}?range=30d",
    "overview, last 24 hours": f"{ANALYTICS}?range=24h",
    "pages": f"{ANALYTICS}/pages?range=30d",
    "countries": f"{ANALYTICS}/countries?range=30d",
    "technology": f"{ANALYTICS}/technology?range=30d",
    "live visitors": "/live/ZV_abc123xyz",
    "realtime": f"/api/v2/sites/{PLATFORM_SITE}/realtime",
    "stats": f"/api/v2/sites/{PLATFORM_SITE}/stats",
}
HEADERS = [(b"x-api-key", b"zv_demo_enterprise")], [(b"authorization", b"Bearer ap_demo")]


class AtOnce(SharedActivity):
    """Activity of a process with shared state: an event counts once it was sent and read again."""

    def track(self, event: Event, now: float) -> None:
        """Track an event by sending it and reading it again."""
        super().track(event, now)
        for text in self.take():
            self.apply(text)


def page_view(site: str, number: int) -> Event:
    """A page view of a session of its own: one of forty pages, a dozen countries and a few browsers."""
    browser, country = f"Browser {number % 5}", ("DE", "US", "FR", "GB")[number % 4]
    page = f"/page-{number * 7 % 40}"
    return Event(site, f"s{number}", "pageview", page, None, "desktop", browser, "Linux", country, "Berlin", 50)


def tracking(size: int, activity: Activity) -> Mock:
    """A server with so many visits of the last day behind it, on either site."""
    mock = create_app(Settings(now=NOW, rate_limit=False)).mock
    mock.space.activity = activity
    for number in range(size):
        for site in (SITE, PLATFORM_SITE):
            activity.track(page_view(site, number), NOW - 86_000 * (1 - number / size))
    return mock


def cost_of_answers(mock: Mock, target: str, count: int) -> float:
    """The CPU of an answer, in microseconds."""
    path, _, query = target.partition("?")
    headers = HEADERS[PLATFORM_SITE in path]
    spent = 0.0
    for _ in range(count):
        mock.space.activity.track(page_view(PLATFORM_SITE if PLATFORM_SITE in path else SITE, 0), NOW)
        begun = time.process_time()
        request = mock.pipeline.receive("GET", path.encode(), query.encode(), headers, dict(headers))
        answer = mock.pipeline.complete(request, mock.pipeline.judge(request), None)
        spent += time.process_time() - begun
        if answer.status != 200:
            raise SystemExit(f"{target} answered {answer.status}")
    return spent / count * 1e6


def cost_of_page_views(mock: Mock, _target: str, count: int) -> float:
    """The CPU of a page view, in microseconds."""
    begun = time.process_time()
    for _ in range(count):
        mock.space.activity.track(page_view(SITE, 0), NOW)
    return (time.process_time() - begun) / count * 1e6


def measure_tracked(rounds: int, count: int = 60) -> None:
    """Measure and print."""
    print("\nCPU of an answer after each page view, in µs; × without tracked visits, median [lowest-highest]\n")
    print(" " * 38 + "".join(f"{f'{size:,} visits':>26}" for size in SIZES))
    for state, make in (("memory", Activity), ("shared", AtOnce)):
        mocks = {size: tracking(size, make()) for size in SIZES}
        measured: dict[str, Callable[[Mock, str, int], float]] = dict.fromkeys(ANSWERS, cost_of_answers)
        for name, cost in {**measured, "a page view itself": cost_of_page_views}.items():
            costs: dict[int, list[float]] = {size: [] for size in SIZES}
            for number in range(rounds):
                for size in SIZES if number % 2 == 0 else reversed(SIZES):
                    costs[size].append(cost(mocks[size], ANSWERS.get(name, ""), count))
            cells = [f"{statistics.median(costs[0]):.0f} µs"]
            for size in SIZES[1:]:
                ratios = [mine / other for mine, other in zip(costs[size], costs[0], strict=True)]
                cells.append(f"{spread(ratios, '{:.2f}')} ×")
            print(f"{state + ': ' + name:38}" + "".join(f"{cell:>26}" for cell in cells), flush=True)


if __name__ == "__main__":
    measure_tracked(7)
