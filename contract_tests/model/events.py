"""What a run tells its listeners."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from contract_tests.model.exchange import Exchange

Kind = Literal["planned", "sent", "finding", "waiting", "confirming", "stopped"]


@dataclass(frozen=True)
class Event:
    """`requests` sent so far of `total` planned, `findings` so far, and about how many `seconds_left`."""

    kind: Kind
    requests: int
    total: int
    findings: int = 0
    seconds_left: float = 0.0
    message: str = ""
    exchange: Exchange | None = None


Listen = Callable[[Event], None]


class Tell(Protocol):
    """Tells the listeners of a run what happens; the run itself adds how far it is."""

    def __call__(self, kind: Kind, message: str = "", exchange: Exchange | None = None) -> None:
        """Tell one thing."""
