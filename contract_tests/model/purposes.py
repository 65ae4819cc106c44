"""Purposes of requests that checks recognise, because the request alone does not show them."""

from __future__ import annotations

FUZZ = "fuzz: "
"""What the purpose of a generated request begins with."""

UNMATCHED = "a value that no record has"
"""What the purpose of a filter that must match nothing ends with."""

SPEND = "burst: spend the limit"
UNCOUNTED = "burst: once more after the 429"
TOO_EARLY = "burst: before Retry-After has passed"
AFTER_WAIT = "burst: after Retry-After"
RECOVERED = "burst: once more after the wait"

TRACKING = "tracking: "
"""What the purpose of a request of the tracking sequence begins with."""
BAD_INPUT = f"{TRACKING}bad input: "
PAGE_VIEW = f"{TRACKING}page view"
SAME_VISITOR = f"{TRACKING}page view of the same visitor"
OTHER_VISITOR = f"{TRACKING}page view of another visitor"
HEARTBEAT = f"{TRACKING}heartbeat"
FIGURES = f"{TRACKING}today's figures"
LIVE = f"{TRACKING}live count "
"""What the purpose of a look at the live count begins with."""
LIVE_AT_FIRST = f"{LIVE}at first"
LIVE_AFTER_BAD_INPUT = f"{LIVE}after bad input"
LIVE_AFTER_PAGE_VIEW = f"{LIVE}after a page view"
LIVE_AFTER_SAME_VISITOR = f"{LIVE}after a second page view of the visitor"
LIVE_AFTER_OTHER_VISITOR = f"{LIVE}after a page view of another visitor"
LIVE_BEFORE_END = f"{LIVE}before a session ends"
LIVE_AFTER_END = f"{LIVE}after a session ended"
