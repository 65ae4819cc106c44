"""The counter of a key's requests: a fixed window of a minute and a calendar month.

The library `limits` does not fit: its storages use the system time, not the mock's clock, and refusing without counting
would take two calls, which is not atomic.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from apicontract.errors import QUOTA_EXCEEDED, RATE_LIMITED
from apicontract.plans import Plan
from mockserver.clock import month_start, next_month
from mockserver.limits.quota import Quota


@dataclass(slots=True)
class Counter:
    """The requests of one key, in this window, in this month, and in total. `window`: its index since the epoch."""

    month_used: int = 0
    total_used: int = 0
    window: int = -1
    minute_used: int = 0
    month_from: float = 0.0
    month_until: float = 0.0

    def turn(self, now: float, window_seconds: int) -> None:
        """Reset the counts of a window or month that has ended at an instant (epoch seconds)."""
        window = int(now // window_seconds)
        if window != self.window:
            self.window, self.minute_used = window, 0
        if not self.month_from <= now < self.month_until:
            if self.month_until:
                self.month_used = 0
            self.month_from, self.month_until = month_start(now), next_month(now)

    def spend(
        self, plan: Plan, window_seconds: int, now: float, *, counted: bool, enforce: bool, counts_refused: bool
    ) -> Quota:
        """Count one request, or refuse it, and return the quota afterwards.

        Args:
            plan: The limits of the key.
            window_seconds: The length of the window.
            now: Epoch seconds.
            counted: Whether the request is counted; its answer may be one that never counts.
            enforce: Whether it can be refused.
            counts_refused: Whether a request refused by the window counts in the month.
        """
        self.turn(now, window_seconds)
        refused = ""
        if enforce and plan.per_month is not None and self.month_used >= plan.per_month:
            refused = QUOTA_EXCEEDED
        elif enforce and self.minute_used >= plan.per_minute:
            refused = RATE_LIMITED
            if counts_refused:
                self.month_used += 1
                self.total_used += 1
        elif counted:
            self.minute_used += 1
            self.month_used += 1
            self.total_used += 1
        return self.read(plan, window_seconds, now, refused)

    def set_used(self, minute_used: int | None, month_used: int | None) -> None:
        """Set the requests used in this window and month; None leaves them. The total changes with the month."""
        if minute_used is not None:
            self.minute_used = minute_used
        if month_used is not None:
            self.total_used = max(month_used, self.total_used + month_used - self.month_used)
            self.month_used = month_used

    def read(self, plan: Plan, window_seconds: int, now: float, refused: str = "") -> Quota:
        """Return the quota. `refused`: the kind of error that refuses the request, or empty."""
        minute_reset, retry_after = float((self.window + 1) * window_seconds), 0
        if refused:
            until = self.month_until if refused == QUOTA_EXCEEDED else minute_reset
            retry_after = max(1, math.ceil(until - now))
        return Quota(  # by position: by name it takes twice as long, for every request
            plan.name,
            plan.per_minute,
            self.minute_used,
            minute_reset,
            plan.per_month,
            self.month_used,
            self.month_until,
            self.total_used,
            refused,
            retry_after,
        )
