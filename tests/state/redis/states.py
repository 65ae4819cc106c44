"""Views of one shared state, as several processes have them."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from mockserver.dataset.accounts import Key
from mockserver.engine.load import load_apis
from mockserver.journal.redaction import Redaction
from mockserver.scenarios.fault_state import FaultState
from mockserver.settings import Settings
from mockserver.state.redis.state import RedisState
from mockserver.state.space import Space
from tests.redis import RedisServer

APIS = load_apis(Settings())
KEYS = {secret: key.id for api in APIS for secret, key in api.keys.items()}
PRO: Key = next(key for api in APIS for key in api.keys.values() if key.secret == "zv_demo_pro")
KEY = replace(PRO, used_this_month=2, used_total=5)


def new_name() -> str:
    """A namespace that nobody else has."""
    return f"test-{uuid.uuid4().hex}"


def nothing() -> FaultState | None:
    """Nothing goes wrong in a new space."""
    return None


def state(redis: RedisServer, settings: Settings, name: str) -> RedisState:
    """One process's way to the state."""
    shared = replace(settings, state=redis.url, state_namespace=name)
    return RedisState(shared, APIS, Redaction(KEYS), nothing)


@asynccontextmanager
async def sharing(
    redis: RedisServer, settings: Settings, count: int, name: str = "", test: bytes = b""
) -> AsyncIterator[Sequence[Space]]:
    """The same space as so many processes see it; each knows how it is now."""
    name = name or new_name()
    states = [state(redis, settings, name) for _ in range(count)]
    try:
        spaces = [one.space(test) for one in states]
        for space in spaces:
            await space.refresh()
        yield spaces
    finally:
        for one in states:
            await one.close()
