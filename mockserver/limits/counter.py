"""Counting one key's requests: a fixed minute window and a calendar month.

The `limits` library was considered: its storages read the machine's own time, so neither a frozen clock nor a month
that the clock is turned past would work, and refusing without counting needs two calls where one must be atomic.
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
    """What one key has used. A window or month that the clock has left counts from zero again."""

    month_used: int = 0
    total_used: int = 0
    window: int = -1
    minute_used: int = 0
    month_from: float = 0.0
    month_until: float = 0.0

    def turn(self, now: float, window_seconds: int) -> None:
        """Bring the counter to an instant."""
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
        """Count one request, or refuse it.

        `counted` False: it is judged, but costs nothing (an answer that never counts). `enforce` False: never refused.
        `counts_refused`: a request refused for the minute still counts in the month.
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

    def put(self, minute_used: int | None, month_used: int | None) -> None:
        """Say what was used in this minute and month; None leaves it. The total moves with the month."""
        if minute_used is not None:
            self.minute_used = minute_used
        if month_used is not None:
            self.total_used = max(month_used, self.total_used + month_used - self.month_used)
            self.month_used = month_used

    def read(self, plan: Plan, window_seconds: int, now: float, refused: str = "") -> Quota:
        """The figures as they stand."""
        minute_reset = float((self.window + 1) * window_seconds)
        until = self.month_until if refused == QUOTA_EXCEEDED else minute_reset
        return Quota(
            plan=plan.name,
            minute_limit=plan.per_minute,
            minute_used=self.minute_used,
            minute_reset=minute_reset,
            month_limit=plan.per_month,
            month_used=self.month_used,
            month_reset=self.month_until,
            total_used=self.total_used,
            refused=refused,
            retry_after=max(1, math.ceil(until - now)) if refused else 0,
        )
