"""A fault rule, and one that is set in a space."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.faults.fault import Fault
from mockserver.faults.target import Target
from mockserver.faults.when import When


@dataclass(frozen=True, slots=True)
class FaultRule:
    """What strikes whom, and when."""

    target: Target
    when: When
    fault: Fault


@dataclass(slots=True)
class Armed:
    """A rule that is set. `seen`: the requests it was asked about, `struck`: those it struck."""

    id: str
    rule: FaultRule
    seen: int = 0
    struck: int = 0

    def strike(self) -> bool:
        """Ask it about one more request."""
        self.seen += 1
        strikes = self.rule.when.strikes(self.seen, self.struck)
        self.struck += strikes
        return strikes
