"""The interface of a space that the pipeline and the scenarios need."""

from __future__ import annotations

from typing import Protocol

from mockserver.clock import Clock
from mockserver.dataset.accounts import Key
from mockserver.dataset.activity import Activity
from mockserver.limits.quota import Quota
from mockserver.limits.spending import Spending
from mockserver.settings import Settings


class World(Protocol):
    """The clock, settings, keys, tracked traffic and rate limiter of a space.

    `local` is True if all state is in this process's memory. `settings` are the current ones. `keys` holds, by id, the
    keys that were changed and so differ from the fixtures.
    """

    local: bool
    settings: Settings
    clock: Clock
    activity: Activity
    keys: dict[str, Key]

    def spend_now(self, spending: Spending) -> Quota:
        """Count or refuse a request of a key synchronously; only if `local`."""
        ...

    async def spend(self, spending: Spending) -> Quota:
        """Count or refuse a request of a key atomically, so that concurrent requests get exactly what is left."""
        ...

    async def read_quota(self, spending: Spending) -> Quota:
        """Return the quota of a key without counting a request."""
        ...

    async def set_used(self, spending: Spending, *, minute_used: int | None, month_used: int | None) -> Quota:
        """Set the requests that a key has used in this minute and this month; None leaves a counter unchanged."""
        ...
