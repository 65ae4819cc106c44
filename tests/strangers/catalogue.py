"""Servers that keep a contract, each in its own way: which contract, which habits, which framework."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.strangers import platform_v2, zenovay_2025, zenovay_2026
from tests.strangers.base import Base
from tests.strangers.fronts import FRONTS
from tests.strangers.habits import Habits

Z26, Z25, AP = "zenovay@2026-02", "zenovay@2025-01", "analytics-platform@v2"
KEYS = {Z26: zenovay_2026.KEYS, Z25: zenovay_2025.KEYS, AP: platform_v2.KEYS}
SERVERS: dict[str, Callable[[Callable[[], float], Habits], Base]] = {
    Z26: zenovay_2026.Server,
    Z25: zenovay_2025.Server,
    AP: platform_v2.Server,
}


@dataclass(frozen=True)
class Stranger:
    """A server that nobody here has tuned to and that keeps its contract."""

    name: str
    contract: str
    front: str
    habits: Habits

    def __str__(self) -> str:
        return f"{self.contract}-{self.name}"


# What any server may do, whichever contract it keeps; the documents say nothing against it.
EVERYWHERE = {
    "plain": Habits(),
    "other-ids-and-order": Habits(seed=77, order="reversed", header_case="lower"),
    "more-members": Habits(seed=5, extra_members=True, rich_errors=True, order="sorted"),
    "more-headers": Habits(seed=6, extra_headers=True, header_case="upper", compresses=True, tags=True),
    "profiled-media-type": Habits(seed=8, media_type='application/json;charset="UTF-8"; profile=v1'),
    "clock-ahead": Habits(seed=9, skew=1.0),
    "clock-behind": Habits(seed=10, skew=-1.0, sliding=True),
    "balanced": Habits(seed=11, lag=True),
    "cached": Habits(seed=12, cached=7.0),
    "shuffled-ties": Habits(seed=13, shuffled_ties=True),
    "days-as-it-likes": Habits(seed=14, days_newest_first=True, days_with_traffic_only=True, whole_days=True),
    "strict": Habits(seed=15, strict_query=True, repeated="refuse", heads=False, json_bodies_only=True),
    "lenient": Habits(seed=16, clamps=True, repeated="first", key_in_query=True, any_heartbeat=True),
    "own-words": Habits(seed=17, own_words=True, own_shapes=True, sparse_headers=True),
}
ONLY = {
    Z25: {
        "own-choices": Habits(
            seed=18, per_page=25, unknown_is=404, refusals_count=True, usage_without_itself=True, rich_errors=True
        )
    },
    AP: {"own-choices": Habits(seed=19, unknown_is=404, dated_retry=True, clamps=True)},
}
STRANGERS = [
    Stranger(name, contract, list(FRONTS)[(number + shift) % len(FRONTS)], habits)
    for shift, contract in enumerate((Z26, Z25, AP))
    for number, (name, habits) in enumerate((EVERYWHERE | ONLY.get(contract, {})).items())
]


@contextmanager
def serving(stranger: Stranger) -> Iterator[str]:
    """Serve a stranger on a socket and yield its address."""
    server = SERVERS[stranger.contract](time.time, stranger.habits)
    with FRONTS[stranger.front](server.handle) as port:
        yield f"http://127.0.0.1:{port}"
