"""Page views, heartbeats and silence, and the live count."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from contract_tests.checks import tracking
from contract_tests.model.exchange import Exchange
from contract_tests.model.purposes import (
    BAD_INPUT,
    FIGURES,
    HEARTBEAT,
    LIVE_AFTER_BAD_INPUT,
    LIVE_AFTER_END,
    LIVE_AFTER_OTHER_VISITOR,
    LIVE_AFTER_PAGE_VIEW,
    LIVE_AFTER_SAME_VISITOR,
    LIVE_AT_FIRST,
    LIVE_BEFORE_END,
    OTHER_VISITOR,
    PAGE_VIEW,
    SAME_VISITOR,
)
from tests.contract_tests.checks.recorded import SHOP, Expected, asked, case, listed, outcomes


def live(count: int, purpose: str, at: float | None = None) -> Exchange:
    return asked("/v1/live/c1", 200, {"visitors": count}, role="", purpose=purpose, at=at)


def view(purpose: str, status: int = 200, at: float | None = None, path: str = "/v1/e/c1") -> Exchange:
    return asked(path, status, {}, method="POST", role="", purpose=purpose, at=at)


def ends(before: int, after: int, *, beat: bool = True, looked_at: float = 230.0) -> list[Exchange]:
    """Two sessions from 0 s and 1 s on; one of them sends a heartbeat at 231 s, the other falls silent."""
    heartbeat = [view(HEARTBEAT, at=231.0, path="/v1/heartbeat")] if beat else []
    return [
        view(SAME_VISITOR, at=0.0),
        view(OTHER_VISITOR, at=1.0),
        live(2, LIVE_AFTER_OTHER_VISITOR, at=2.0),
        live(before, LIVE_BEFORE_END, at=looked_at),
        *heartbeat,
        live(after, LIVE_AFTER_END, at=310.0),
    ]


def figures(views: int) -> Exchange:
    return asked("/v1/shops/s1/stats", 200, {"page_views": views}, purpose=FIGURES)


TABLE = [
    case("a page view counts", [live(3, LIVE_AT_FIRST), live(4, LIVE_AFTER_PAGE_VIEW)], {"CT701:addView:live": True}),
    case(
        "a page view does not count",
        [live(3, LIVE_AT_FIRST), live(3, LIVE_AFTER_PAGE_VIEW)],
        {
            "CT701:addView:live": False,
        },
    ),
    case(
        "a session counts once",
        [live(4, LIVE_AFTER_PAGE_VIEW), live(4, LIVE_AFTER_SAME_VISITOR)],
        {
            "CT704:addView:same session": True,
        },
    ),
    case(
        "a session counts twice",
        [live(4, LIVE_AFTER_PAGE_VIEW), live(5, LIVE_AFTER_SAME_VISITOR)],
        {
            "CT704:addView:same session": False,
        },
    ),
    case(
        "bad input is refused and changes nothing",
        [
            live(3, LIVE_AT_FIRST),
            view(f"{BAD_INPUT}a list", 400),
            live(3, LIVE_AFTER_BAD_INPUT),
        ],
        {"CT703:addView:a list": True, "CT702:addView:bad input": True},
    ),
    case(
        "bad input is refused and counts",
        [
            live(3, LIVE_AT_FIRST),
            view(f"{BAD_INPUT}a list", 400),
            live(4, LIVE_AFTER_BAD_INPUT),
        ],
        {"CT702:addView:bad input": False},
    ),
    case(
        "bad input that is accepted may count",
        [
            live(3, LIVE_AT_FIRST),
            view(f"{BAD_INPUT}wrong content type"),
            live(4, LIVE_AFTER_BAD_INPUT),
        ],
        {"CT703:addView:wrong content type": False, "CT702:addView:bad input": None},
    ),
    case(
        "a page view that is refused counts for nothing",
        [live(3, LIVE_AT_FIRST), view(PAGE_VIEW, 415), live(3, LIVE_AFTER_PAGE_VIEW)],
        {"CT701:addView:live": None},
    ),
    case(
        "the silent session ends, the other is kept",
        ends(2, 1),
        {
            "CT705:keepVisit:kept": True,
            "CT706:countLive:end": True,
            "CT706:countLive:not before": True,
        },
    ),
    case("no session ends", ends(2, 2), {"CT705:keepVisit:kept": True, "CT706:countLive:end": False}),
    case("the heartbeat keeps nothing", ends(2, 0), {"CT705:keepVisit:kept": False, "CT706:countLive:end": True}),
    case(
        "the session of accepted bad input ends as well",
        [view(f"{BAD_INPUT}too large", at=-1.0), *ends(3, 1)],
        {"CT703:addView:too large": False, "CT705:keepVisit:kept": None, "CT706:countLive:end": True},
    ),
    case("a session ends too early", ends(1, 0), {"CT706:countLive:not before": False, "CT706:countLive:end": True}),
    case("looked too late to say that it ended too early", ends(1, 1, looked_at=304.0), {"CT706:countLive:end": True}),
    case("figures include the view", [listed(), figures(7), figures(8)], {"CT707:getStats:figures": True}),
    case("figures lack the view", [listed(), figures(7), figures(7)], {"CT707:getStats:figures": False}),
]


@pytest.mark.parametrize(("exchanges", "expected"), TABLE)
def test_the_live_count_follows_what_was_tracked(exchanges: Sequence[Exchange], expected: Expected) -> None:
    assert outcomes(tracking.judge, exchanges, expected) == expected


def test_without_a_heartbeat_both_sessions_end() -> None:
    clause = "CT706:countLive:end"
    assert outcomes(tracking.judge, ends(2, 2, beat=False), {}) == {clause: False}
    assert outcomes(tracking.judge, ends(2, 0, beat=False), {clause: True}) == {clause: True}


def test_what_a_contract_states_about_tracking_is_known_before() -> None:
    clauses = {clause.id: clause.statement for clause in tracking.universe(SHOP)}
    assert set(clauses) == {
        "CT701:addView:live",
        "CT702:addView:bad input",
        "CT704:addView:same session",
        "CT705:keepVisit:kept",
        "CT706:countLive:end",
        "CT706:countLive:not before",
    }
    assert clauses["CT706:countLive:end"] == "a session ends 300 s after its last event or heartbeat"
