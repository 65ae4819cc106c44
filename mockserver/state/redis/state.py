"""Where spaces live that several processes share."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
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
from mockserver.state.space import Begin, Space, StateError, Tests
from mockserver.state.spaces import IDLE_SECONDS, MOST, Spaces

KEPT_SECONDS = 40 * 86_400  # the server's own space outlives a month's quota, and no server for good
_TEST_SECONDS = int(IDLE_SECONDS)


class RedisState:
    """See State.

    Raises (when made):
        StateError: the URL is none of Redis.
    """

    local = False

    def __init__(self, settings: Settings, apis: Sequence[Api], redaction: Redaction, begin: Begin) -> None:
        if not re.fullmatch(r"[\w.-]{1,100}", settings.state_namespace):
            raise StateError(f"--state-namespace {settings.state_namespace!r} is not letters, digits, - _ .")
        self._settings, self._redaction, self._begin = settings, redaction, begin
        self._link = Link(settings.state)
        self.address = self._link.address
        self._reader = Reader(apis)
        self._agreement = Agreement(self._link, settings.state_namespace, settings, apis)
        self._own = Place(settings.state_namespace, b"", KEPT_SECONDS, MOST)

    def space(self, test: bytes = b"") -> Space:
        """See State."""
        place = Place(self._settings.state_namespace, test, _TEST_SECONDS, MOST) if test else self._own
        weight = TEST_BYTES if test else MAX_BYTES
        return RedisSpace(
            self._link, self._agreement, place, self._settings, self._reader, self._redaction, self._begin, weight
        )

    async def tests(self, _here: Spaces[Any], /) -> list[bytes]:
        """See State."""
        since = f"({time.time() - IDLE_SECONDS}"
        found: list[bytes] = await self._link.ask("ZRANGEBYSCORE", self._own.tests, since, "+inf")
        return found

    async def figures(self, _here: Spaces[Any], /) -> Tests:
        """See State."""
        evicted = await self._link.ask("GET", self._own.evicted)
        with reading(self.address, self._own.evicted):
            return Tests(len(await self.tests(_here)), MOST, IDLE_SECONDS, int(evicted or 0))

    async def check(self) -> None:
        """See State."""
        await self._agreement.check()

    async def close(self) -> None:
        """See State."""
        await self._link.close()
