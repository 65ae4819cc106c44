"""What is asked of the limiter for one request."""

from __future__ import annotations

from typing import NamedTuple

from apicontract.plans import Plan, RateLimit
from mockserver.dataset.accounts import Key


class Spending(NamedTuple):
    """The key that spends, and the plan and limit it spends from.

    `counted` False: the request is judged, but costs nothing (an answer that never counts). `enforce` False: it is
    never refused.
    """

    key: Key
    plan: Plan
    limit: RateLimit
    counted: bool
    enforce: bool
