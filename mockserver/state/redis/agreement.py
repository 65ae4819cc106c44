"""Check that all servers of a namespace serve the same contracts and fixtures."""

from __future__ import annotations

import time
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import mockserver
from apicontract.catalogue import bundled_folder
from apicontract.contract import Contract
from mockserver.clock import rfc3339
from mockserver.pipeline.api import Api
from mockserver.settings import Settings
from mockserver.state.redis.link import Link
from mockserver.state.space import RefusedStateError

HOLDS_SECONDS = 30
"""Seconds after which a claim that no server has renewed may be replaced."""
_REPEAT_SECONDS = 5.0


class Agreement:
    """This server's claim of what the namespace serves."""

    def __init__(self, link: Link, namespace: str, settings: Settings, apis: Iterable[Api]) -> None:
        contracts = [api.contract for api in apis]
        self.text = ", ".join(
            [
                *(contract.selector for contract in contracts),
                f"scale {settings.scale}",
                f"seed {settings.seed}",
                *([f"fixtures {settings.fixtures}"] if settings.fixtures else []),
                *([f"--now {rfc3339(settings.now)}"] if settings.now is not None else []),
            ]
        )
        told = [self.text, *map(_digest, _files(settings, contracts))]
        self._digest = sha256(repr(told).encode()).hexdigest()
        self._link, self._namespace, self._key = link, namespace, namespace.encode() + b":served"
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
        other: bytes = await self._link.run("agree", (self._key,), self._digest, self.text, HOLDS_SECONDS)
        if other:
            raise RefusedStateError(
                f"other servers of the namespace {self._namespace!r} at {self._link.address} serve "
                f"{other.decode('utf-8', 'replace')}; this one serves {self.text}: start it with the same options "
                "and files, or with another --state-namespace"
            )
        self._said = time.monotonic()


def _files(settings: Settings, contracts: Iterable[Contract]) -> list[Path]:
    folder = settings.fixtures or bundled_folder(Path(mockserver.__file__).parent, "fixtures")
    data = [path for contract in contracts if contract.fixtures for path in (folder / contract.fixtures).rglob("*")]
    return [*(contract.document.path for contract in contracts), *sorted(path for path in data if path.is_file())]


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
