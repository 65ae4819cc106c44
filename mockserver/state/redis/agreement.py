"""Check that all servers of a namespace serve the same contracts and fixtures."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import mockserver
from apicontract.catalogue import bundled_folder
from apicontract.contract import Contract
from mockserver.clock import rfc3339
from mockserver.pipeline.api import Api
from mockserver.settings import Settings
from mockserver.state.redis.link import Link
from mockserver.state.space import RefusedStateError, StateError

HOLDS_SECONDS = 30
"""Seconds after which a claim that no server has renewed may be replaced."""
_REPEAT_SECONDS = 5.0


class Agreement:
    """This server's claim of what the namespace serves."""

    def __init__(self, link: Link, key: bytes, settings: Settings, apis: Iterable[Api]) -> None:
        contracts = [api.contract for api in apis]
        self.text = ", ".join([*(contract.selector for contract in contracts), *_options(settings)])
        told = [self.text, *map(_digest, _files(settings, contracts))]
        digest = sha256(repr(told).encode()).hexdigest()
        self._claim = "\n".join((digest, secrets.token_hex(8), self.text))
        self._link, self._namespace, self._key = link, settings.state_namespace, key
        self._said = 0.0

    async def keep(self) -> None:
        """Renew the claim if it is due.

        Raises:
            StateError: The state is unavailable.
            RefusedStateError: Other servers of the namespace serve something else.
        """
        if time.monotonic() - self._said >= _REPEAT_SECONDS:
            await self.check()

    async def check(self) -> None:
        """Renew the claim. This writes, and so fails if Redis is full or read-only.

        Raises:
            StateError: The state is unavailable.
            RefusedStateError: Other servers of the namespace serve something else.
        """
        other: bytes = await self._link.run("agree", (self._key,), self._claim, HOLDS_SECONDS)
        if other:
            text = other.decode("utf-8", "replace")
            theirs = "contracts or fixtures with another content" if text == self.text else text
            raise RefusedStateError(
                f"other servers of the namespace {self._namespace!r} at {self._link.address} serve {theirs}; this one "
                f"serves {self.text}: start it with the same options and files, or with another --state-namespace"
            )
        self._said = time.monotonic()

    async def renew(self) -> None:
        """Renew the claim again and again."""
        while True:
            with suppress(StateError):  # every request says so, and the health route
                await self.check()
            await asyncio.sleep(HOLDS_SECONDS / 3)

    async def withdraw(self) -> None:
        """Withdraw the claim of a server that stops, so that another may be started with other options at once.

        Raises:
            StateError: The state is unavailable.
        """
        if not self._link.is_down:
            await self._link.ask("ZREM", self._key, self._claim)


def _options(settings: Settings) -> list[str]:
    """Return the options that all servers of a namespace need to share, without those that have their default."""
    told = {
        "fixtures": settings.fixtures,
        "scale": settings.scale,
        "seed": settings.seed,
        "now": None if settings.now is None else rfc3339(settings.now),
        "journal-max": settings.journal_max,
        "refused plans": "+".join(sorted(settings.refused_plans)) or None,
        "scenario": "+".join(settings.scenarios) or None,
        "fault": "+".join(settings.faults) or None,
    }
    default = Settings()
    usual = {"scale": default.scale, "seed": default.seed, "journal-max": default.journal_max}
    found = [f"{name} {value}" for name, value in told.items() if value is not None and value != usual.get(name)]
    return found if settings.rate_limit else [*found, "no rate limit"]


def _files(settings: Settings, contracts: Iterable[Contract]) -> list[Path]:
    folder = settings.fixtures or bundled_folder(Path(mockserver.__file__).parent, "fixtures")
    data = [path for contract in contracts if contract.fixtures for path in (folder / contract.fixtures).rglob("*")]
    return [*(contract.document.path for contract in contracts), *sorted(path for path in data if path.is_file())]


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
