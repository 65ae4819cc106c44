"""The quota of a key, for headers, bodies and errors."""

from __future__ import annotations

from typing import NamedTuple

from apicontract.errors import RATE_LIMITED


class Quota(NamedTuple):
    """The quota after a request. Resets are epoch seconds; `month_limit` None: no monthly quota.

    `refused`: the kind of error that refuses the request, or empty; `retry_after`: the seconds to wait then.
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
        """The requests left in this window."""
        return max(0, self.minute_limit - self.minute_used)

    @property
    def refused_by(self) -> str:
        """The limit that refused the request, in words."""
        if self.refused == RATE_LIMITED:
            return f"{self.minute_limit} requests per minute"
        return f"{self.month_limit} requests per month"
