"""The storage of spaces in Redis."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from mockserver.journal.journal import MAX_BYTES, TEST_BYTES
from mockserver.journal.redaction import Redaction
from mockserver.pipeline.api import Api
from mockserver.settings import Settings
from mockserver.state.redis.agreement import Agreement
from mockserver.state.redis.document import Reader
from mockserver.state.redis.link import Link, reading
from mockserver.state.redis.place import Place
from mockserver.state.redis.space import RedisSpace
from mockserver.state.space import InitialFaults, Space, SpaceCounts, StateError
from mockserver.state.spaces import IDLE_SECONDS, MOST, Spaces

KEPT_SECONDS = 40 * 86_400  # longer than a month's quota, but not forever
_TEST_SECONDS = int(IDLE_SECONDS)


class RedisState:
    """State in Redis. `State` documents the methods.

    Raises:
        StateError: The URL is not a Redis URL, or the namespace is invalid.
    """

    local = False

    def __init__(
        self, settings: Settings, apis: Sequence[Api], redaction: Redaction, initial_faults: InitialFaults
    ) -> None:
        if not re.fullmatch(r"[\w.-]{1,100}", settings.state_namespace):
            raise StateError(f"--state-namespace must be letters, digits, - _ or ., found {settings.state_namespace!r}")
        self._settings, self._redaction, self._initial_faults = settings, redaction, initial_faults
        self._link = Link(settings.state)
        self.address = self._link.address
        self._reader = Reader(apis)
        self._own = Place(settings.state_namespace, b"", KEPT_SECONDS, MOST)
        self._agreement = Agreement(self._link, self._own.served, settings, apis)
        self._renewing: asyncio.Task[None] | None = None

    def space(self, test: bytes = b"") -> Space:
        """Return this process's view of a space."""
        place = Place(self._settings.state_namespace, test, _TEST_SECONDS, MOST) if test else self._own
        weight = TEST_BYTES if test else MAX_BYTES
        return RedisSpace(
            self._link,
            self._agreement,
            place,
            self._settings,
            self._reader,
            self._redaction,
            self._initial_faults,
            weight,
        )

    async def tests(self, _here: Spaces[Any], /) -> list[bytes]:
        """Return the names of tests that have a space in any process."""
        since = f"({time.time() - IDLE_SECONDS}"
        found: list[bytes] = await self._link.ask("ZRANGEBYSCORE", self._own.tests, since, "+inf")
        return found

    async def count_tests(self, _here: Spaces[Any], /) -> SpaceCounts:
        """Return the number of test spaces and their bounds."""
        evicted = await self._link.ask("GET", self._own.evicted)
        with reading(self.address, self._own.evicted):
            return SpaceCounts(len(await self.tests(_here)), MOST, IDLE_SECONDS, int(evicted or 0))

    async def check(self) -> None:
        """Check that Redis is available and other servers serve the same.

        Raises:
            StateError: Redis is unavailable, or other servers serve something else.
        """
        await self._agreement.check()

    async def start(self) -> None:
        """Claim what is served until `close`, also while no request comes."""
        self._renewing = asyncio.get_running_loop().create_task(self._agreement.renew())

    async def close(self) -> None:
        """Withdraw the claim of what is served, and close the connections."""
        if self._renewing is not None:
            self._renewing.cancel()
            with suppress(StateError):
                await self._agreement.withdraw()
        await self._link.close()
