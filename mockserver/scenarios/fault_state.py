"""The fault state of a space: fault rules and running scenarios."""

from __future__ import annotations

from dataclasses import dataclass, field

from mockserver.faults.fault import Fault
from mockserver.faults.rule import Armed, FaultRule
from mockserver.scenarios.running import Running
from mockserver.scenarios.scenario import Scenario

MAX_FAULTS, MAX_SCENARIOS = 1_000, 200


@dataclass(slots=True)
class FaultState:
    """The faults and scenarios of one space.

    `defined`: scenarios beside those of the catalogue. `delay`: for requests without any other delay. `count`: rules
    set so far. `delayed`: requests delayed so far. `needs_setup`: startup scenarios and faults have not been applied to
    this space yet.
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
        """Whether no fault or scenario is set."""
        return not (self.faults or self.running or self.defined or self.delay)

    def arm(self, rule: FaultRule) -> Armed:
        """Set a fault rule."""
        self.count += 1
        armed = Armed(str(self.count), rule)
        self.faults.append(armed)
        return armed
