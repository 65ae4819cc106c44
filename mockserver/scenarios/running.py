"""A running scenario of a space."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from mockserver.faults.rule import Armed
from mockserver.form import BadInputError
from mockserver.pipeline.api import Api
from mockserver.pipeline.world import World
from mockserver.scenarios.actions import ClockChange
from mockserver.scenarios.scenario import STARTED, Scenario


class Snapshot(NamedTuple):
    """The progress of a scenario.

    `then`: the state to enter next and since when (epoch seconds). `counts`: requests seen and faults struck, by rule.
    """

    state: str
    entered: float
    then: tuple[str, float] | None
    counts: list[tuple[int, int]]


class Running:
    """A running scenario. `state`: the current one; `rules`: its fault rules."""

    __slots__ = ("_entered", "_next", "rules", "scenario", "state")

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.state = scenario.states[STARTED]
        self.rules: list[Armed] = []
        self._entered = 0.0
        self._next: tuple[str, float] | None = None

    @property
    def snapshot(self) -> Snapshot:
        """The progress, for `resume`."""
        return Snapshot(self.state.name, self._entered, self._next, [(rule.seen, rule.struck) for rule in self.rules])

    def resume(self, snapshot: Snapshot) -> None:
        """Restore the progress of another run of the same scenario."""
        self._be_in(snapshot.state)
        self._entered, self._next = snapshot.entered, snapshot.then
        for rule, (seen, struck) in zip(self.rules, snapshot.counts, strict=False):
            rule.seen, rule.struck = seen, struck

    def _be_in(self, name: str) -> None:
        self.state = self.scenario.states[name]
        self.rules = [Armed(f"{name}/{index + 1}", rule.rule) for index, rule in enumerate(self.state.rules)]

    async def start(self, world: World, apis: Sequence[Api]) -> None:
        """Enter the first state.

        Raises:
            BadInputError: An action of the state is not possible; nothing has changed.
        """
        for action in self.scenario.states[STARTED].actions:
            if isinstance(action, ClockChange):
                action.check(world.clock)
            else:
                action.check(world, apis)
        await self.enter(STARTED, world, apis, world.clock.now())

    async def enter(self, name: str, world: World, apis: Sequence[Api], now: float) -> None:
        """Enter a state and apply its actions; actions that are not possible are skipped."""
        self._be_in(name)
        self._next = None
        self._entered = now
        for action in self.state.actions:
            with suppress(BadInputError):
                if isinstance(action, ClockChange):
                    action.apply(world.clock)
                    self._entered = world.clock.now()
                else:
                    await action.apply(world, apis, lenient=True)

    async def turn(self, world: World, apis: Sequence[Api], now: float) -> None:
        """Leave every state whose time or number of requests is used up."""
        await self.settle(world, apis)
        for _ in range(len(self.scenario.states)):
            seconds = self.state.seconds
            if seconds is None or now < self._entered + seconds:
                return
            await self.enter(self.state.then, world, apis, self._entered + seconds)

    async def settle(self, world: World, apis: Sequence[Api]) -> None:
        """Enter the next state, after the request that led to it was answered."""
        if self._next is not None:
            name, at = self._next
            await self.enter(name, world, apis, at)

    def passed(self, armed: Armed, now: float) -> None:
        """Note that a rule matched a request; `settle` enters the next state."""
        rule = self.state.rules[self.rules.index(armed)]
        if rule.then and armed.seen >= rule.requests:
            self._next = (rule.then, now)
