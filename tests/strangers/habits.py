"""What the documents leave to a server: each habit is one way of keeping them that is not everybody's."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Habits:
    """How one server fills in what no document states. The defaults are what the contract's own examples do."""

    seed: int = 1  # of every id, name and figure
    skew: float = 0.0  # seconds by which the server's clock is off
    delay: float = 0.0  # seconds that every response takes
    order: str = "shown"  # of the members of an object: shown, sorted, reversed
    extra_members: bool = False
    extra_headers: bool = False
    header_case: str = "shown"  # shown, lower, upper
    media_type: str = "application/json"
    compresses: bool = False
    tags: bool = False  # sends an ETag, and answers 304
    sparse_headers: bool = False  # limit headers only where a page promises them
    rich_errors: bool = False  # further members in the body of an error
    own_words: bool = False  # messages of its own where no page shows one
    clamps: bool = False  # takes the nearest bound for a number out of bounds
    strict_query: bool = False  # refuses parameters that no page declares
    repeated: str = "last"  # a parameter given twice: first, last, refuse
    key_in_query: bool = False
    lag: bool = False  # behind a balancer: every other response lacks the latest visit
    cached: float = 0.0  # seconds for which figures are kept
    shuffled_ties: bool = False  # equal counts in another order each time
    days_newest_first: bool = False
    days_with_traffic_only: bool = False
    whole_days: bool = False  # 24h are yesterday and today
    sliding: bool = False  # the minute begins with its first request
    refusals_count: bool = False  # what no page says of the minute: that refused requests count in it
    heads: bool = True  # answers HEAD as GET
    json_bodies_only: bool = False  # refuses text/plain beacons
    any_heartbeat: bool = False  # takes whatever body a heartbeat has
    dated_retry: bool = False  # Retry-After as a date, where no page gives its unit
    unknown_is: int = 0  # the status of an unknown resource where no page gives it
    per_page: int = 20  # the default that no page gives
    own_shapes: bool = False  # bodies of its own where no page shows one
    usage_without_itself: bool = False  # the figures of /usage are those before the call
