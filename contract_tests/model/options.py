"""The options of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from apicontract import Contract, Level
from contract_tests.model.clock import Clock, MachineClock

ROLES = ("main", "scoped", "limited", "exhausted", "free", "revoked", "noperm")
PHASES = ("probe", "fuzz", "stateful", "burst")
AUTO = -1
"""The number of requests that says: as many as a complete run needs."""
PROFILES = ("readonly", "write", "burst")


class ConfigurationError(Exception):
    """The run cannot start with these options. The message says what to change."""


@dataclass(frozen=True)
class Options:
    """What a run is asked to do.

    Attributes:
        keys: the key of each role, see ROLES.
        max_requests: a number, or AUTO.
        rate: `auto`, `off` or `N/m`.
        quota_reserve: the share of the month's quota that stays unspent.
        allow_hosts: hosts other than this machine that may be written to or driven into their limit.
        transport: replaces the network in tests.
        clock: replaces the machine's time in tests.
    """

    target: str
    contract: Contract
    keys: Mapping[str, str] = field(default_factory=dict)
    max_requests: int = AUTO
    rate: str = "auto"
    phases: frozenset[str] = frozenset({"probe", "stateful"})
    profile: str = "readonly"
    min_provenance: Level = "documented"
    seed: int = 0
    quota_reserve: float = 0.5
    allow_hosts: frozenset[str] = frozenset()
    insecure: bool = False
    timeout: float = 30.0
    transport: httpx.BaseTransport | None = None
    clock: Clock = field(default_factory=MachineClock)

    @property
    def writes(self) -> bool:
        """Whether requests that change something may be sent."""
        return self.profile == "write"

    @property
    def bursts(self) -> bool:
        """Whether a rate limit may be spent on purpose."""
        return self.profile == "burst" or "burst" in self.phases
