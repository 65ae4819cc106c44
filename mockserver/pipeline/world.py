"""What a pipeline and the scenarios need of the space that they work in."""

from __future__ import annotations

from typing import Protocol

from mockserver.clock import Clock
from mockserver.dataset.accounts import Key
from mockserver.dataset.activity import Activity
from mockserver.limits.quota import Quota
from mockserver.limits.spending import Spending
from mockserver.settings import Settings


class World(Protocol):
    """The clock, settings, keys, tracked traffic and limiter of a space.

    `local`: all of it is in this process's memory. `settings`: what the server was started with, and how it answers
    now. `keys`: by id, the keys that are not as the fixtures have them.
    """

    local: bool
    settings: Settings
    clock: Clock
    activity: Activity
    keys: dict[str, Key]

    def spend_now(self, spending: Spending) -> Quota:
        """Count a request of a key, or refuse it, without waiting: only where `local`."""
        ...

    async def spend(self, spending: Spending) -> Quota:
        """Count a request of a key, or refuse it: atomically, so that N at once get exactly what is left."""
        ...

    async def peek(self, spending: Spending) -> Quota:
        """What `spend` would answer to a request that never counts; nothing is counted."""
        ...

    async def put(self, spending: Spending, *, minute_used: int | None, month_used: int | None) -> Quota:
        """Say what a key has used in this minute and this month; None leaves it."""
        ...
