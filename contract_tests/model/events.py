"""What a run tells those who listen, while it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from contract_tests.model.exchange import Exchange

Kind = Literal["planned", "sent", "finding", "waiting", "confirming", "stopped"]


@dataclass(frozen=True)
class Event:
    """`requests` sent so far of `total` planned; `findings` so far; `seconds_left`: about; `message`: for a person."""

    kind: Kind
    requests: int
    total: int
    findings: int = 0
    seconds_left: float = 0.0
    message: str = ""
    exchange: Exchange | None = None


Listen = Callable[[Event], None]
