"""What a key has left: the figures that headers, bodies and refusals all speak from."""

from __future__ import annotations

from typing import NamedTuple

from apicontract.errors import RATE_LIMITED


class Quota(NamedTuple):
    """The limiter's figures for one request, that request included where it counted.

    `refused` is empty, or the kind of error that refuses it. Resets are epoch seconds; `month_limit` None: no quota.
    """

    plan: str
    minute_limit: int
    minute_used: int
    minute_reset: float
    month_limit: int | None
    month_used: int
    month_reset: float
    total_used: int
    refused: str = ""
    retry_after: int = 0

    @property
    def minute_remaining(self) -> int:
        """Requests left in this window, never below zero."""
        return max(0, self.minute_limit - self.minute_used)

    @property
    def refused_by(self) -> str:
        """The rule that refused it, in words a person can look up."""
        if self.refused == RATE_LIMITED:
            return f"{self.minute_limit} requests a minute"
        return f"{self.month_limit} requests a month"
