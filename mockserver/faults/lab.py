"""What is set to go wrong in one space: faults by rule, and scenarios on their way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mockserver.faults.disturbing import fits
from mockserver.faults.fault import Fault
from mockserver.faults.reading import FaultRule

if TYPE_CHECKING:
    from mockserver.pipeline.api import Endpoint
    from mockserver.pipeline.request import Request
    from mockserver.pipeline.server import Pipeline
    from mockserver.scenarios.running import Running
    from mockserver.scenarios.scenario import Scenario

MAX_FAULTS, MAX_SCENARIOS = 1_000, 200


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


@dataclass(slots=True)
class Lab:
    """`defined`: scenarios of this space's own, beside those of the catalogue. `delay`: for everything, last of all.

    `fresh`: what the server was started with is still to be done in this space.
    """

    faults: list[Armed] = field(default_factory=list)
    running: dict[str, Running] = field(default_factory=dict)
    defined: dict[str, Scenario] = field(default_factory=dict)
    delay: Fault | None = None
    count: int = 0
    fresh: bool = False
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

    async def settle(self, pipeline: Pipeline) -> None:
        """A request was answered: scenarios that it has moved go on."""
        for running in self.running.values():
            await running.settle(pipeline)

    async def choose(
        self, request: Request, endpoint: Endpoint, own: Fault, seconds: float, pipeline: Pipeline
    ) -> tuple[Fault, float]:
        """What strikes a request, beside what it asked for itself, and the seconds its answer waits.

        Narrow rules come before those for everything, faults before scenarios, the older before the younger. A rule
        whose say is taken already is not asked, and does not count the request.
        """
        now = pipeline.space.clock.now()
        known = pipeline.identify(request).key
        key = known.id if known is not None else ""
        for each in self.running.values():
            await each.turn(pipeline, now)
        candidates: list[tuple[bool, Armed, Running | None]] = [
            (armed.rule.target.narrow, armed, None) for armed in self.faults
        ]
        for each in self.running.values():
            candidates += [(armed.rule.target.narrow, armed, each) for armed in each.rules]
        fault, moved = own, set[str]()
        for narrow in (True, False):
            for is_narrow, armed, running in candidates:
                rule = armed.rule
                if (
                    is_narrow is not narrow
                    or (running is not None and running.scenario.name in moved)
                    or not rule.when.covers(now)
                    or not rule.target.matches(request, endpoint.operation.id, key)
                    or not _adds(rule.fault, fault, running is not None)
                    or not fits(rule.fault, endpoint)
                ):
                    continue
                if armed.strike():
                    if fault.delay is None and rule.fault.delay is not None:
                        seconds = rule.fault.delay.sample(rule.fault.seed, armed.struck)
                    fault = fault.over(rule.fault)
                if running is not None:
                    moved.add(running.scenario.name)
                    running.passed(armed, now)
        if self.delay is not None and self.delay.delay is not None and fault.delay is None:
            self.delayed += 1
            seconds = self.delay.delay.sample(self.delay.seed, self.delayed)
            fault = fault.over(self.delay)
        return fault, seconds


def _adds(other: Fault, fault: Fault, in_scenario: bool) -> bool:
    """Whether a rule has a say that is not taken. In a scenario one without a fault lets requests pass, and counts."""
    if other.word:
        return not fault.word
    if other.delay is not None:
        return fault.delay is None
    if other.dribble is not None:
        return fault.dribble is None
    return in_scenario and not fault.word
