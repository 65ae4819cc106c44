"""Fault rules."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.faults.fault import Fault
from mockserver.faults.target import Target
from mockserver.faults.when import When


@dataclass(frozen=True, slots=True)
class FaultRule:
    """A fault, the requests it applies to, and its conditions."""

    target: Target
    when: When
    fault: Fault


@dataclass(slots=True)
class Armed:
    """A rule that is set in a space. `seen`: matching requests so far; `struck`: those that got the fault."""

    id: str
    rule: FaultRule
    seen: int = 0
    struck: int = 0

    def strike(self) -> bool:
        """Count one more matching request, and return whether it gets the fault."""
        self.seen += 1
        strikes = self.rule.when.strikes(self.seen, self.struck)
        self.struck += strikes
        return strikes
