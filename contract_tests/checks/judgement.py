"""What a check says about one clause, once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apicontract.provenance import Provenance
from contract_tests.checks.registry import CHECKS, Area

JSON = Any


@dataclass(frozen=True)
class Judgement:
    """`ok`: True it holds, False it does not, None it could not be seen (`reason` says why).

    `exchanges` are the one or two that show it; `settled`: seen often enough already, no repetition needed.
    `shifty`: data that grows between two requests can look like this, so a single sight is no finding.
    """

    code: str
    operation: str
    detail: str
    statement: str
    provenance: Provenance
    ok: bool | None
    exchanges: tuple[int, ...] = ()
    message: str = ""
    expected: JSON = None
    seen: JSON = None
    reason: str = ""
    settled: bool = False
    shifty: bool = False

    @property
    def id(self) -> str:
        """Stable over runs."""
        return f"{self.code}:{self.operation}:{self.detail}"

    @property
    def area(self) -> Area:
        """The column of the coverage grid."""
        return CHECKS[self.code].area


def shown(value: JSON, length: int = 160) -> str:
    """A value in a message."""
    text = repr(value)
    return text if len(text) <= length else f"{text[: length - 1]}…"
