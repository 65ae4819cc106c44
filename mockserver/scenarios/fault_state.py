"""What is set to go wrong in one space: faults by rule, and scenarios on their way."""

from __future__ import annotations

from dataclasses import dataclass, field

from mockserver.faults.fault import Fault
from mockserver.faults.rule import Armed, FaultRule
from mockserver.scenarios.running import Running
from mockserver.scenarios.scenario import Scenario

MAX_FAULTS, MAX_SCENARIOS = 1_000, 200


@dataclass(slots=True)
class FaultState:
    """`defined`: scenarios of this space's own, beside those of the catalogue. `delay`: for everything, last of all.

    `needs_setup`: startup scenarios and faults have not been applied to this space yet.
    """

    faults: list[Armed] = field(default_factory=list)
    running: dict[str, Running] = field(default_factory=dict)
    defined: dict[str, Scenario] = field(default_factory=dict)
    delay: Fault | None = None
    count: int = 0
    needs_setup: bool = False
    delayed: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing is set at all."""
        return not (self.faults or self.running or self.defined or self.delay)

    def arm(self, rule: FaultRule) -> Armed:
        """Set one more fault."""
        self.count += 1
        armed = Armed(str(self.count), rule)
        self.faults.append(armed)
        return armed
