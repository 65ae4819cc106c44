"""The limiter's input for one request."""

from __future__ import annotations

from typing import NamedTuple

from apicontract.plans import Plan, RateLimit
from mockserver.dataset.accounts import Key


class Spending(NamedTuple):
    """A request to count: its key, plan and rate limit.

    `counted`: whether it is counted; its answer may be one that never counts. `enforce`: whether it can be refused.
    """

    key: Key
    plan: Plan
    limit: RateLimit
    counted: bool
    enforce: bool
