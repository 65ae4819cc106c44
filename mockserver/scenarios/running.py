"""A scenario on its way through its states, in one space."""

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
    """`state`: where it is; `rules`: what holds there."""

    __slots__ = ("_entered", "_next", "rules", "scenario", "state")

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.state = scenario.states[STARTED]
        self.rules: list[Armed] = []
        self._entered = 0.0
        self._next: tuple[str, float] | None = None

    @property
    def snapshot(self) -> Snapshot:
        """How far it is."""
        return Snapshot(self.state.name, self._entered, self._next, [(rule.seen, rule.struck) for rule in self.rules])

    def resume(self, snapshot: Snapshot) -> None:
        """Be as far as another run of the same scenario."""
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
            BadInputError: something that it does cannot be done; nothing has changed.
        """
        for action in self.scenario.states[STARTED].actions:
            if isinstance(action, ClockChange):
                action.check(world.clock)
            else:
                action.check(world, apis)
        await self.enter(STARTED, world, apis, world.clock.now())

    async def enter(self, name: str, world: World, apis: Sequence[Api], now: float) -> None:
        """Be in a state, and do what it does on being entered: in the midst of traffic, as far as it goes."""
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
        """Leave the states whose time is over, or whose requests were answered."""
        await self.settle(world, apis)
        for _ in range(len(self.scenario.states)):
            seconds = self.state.seconds
            if seconds is None or now < self._entered + seconds:
                return
            await self.enter(self.state.then, world, apis, self._entered + seconds)

    async def settle(self, world: World, apis: Sequence[Api]) -> None:
        """Go on, now that the request that led there has its answer: what a state does is for those after it."""
        if self._next is not None:
            name, at = self._next
            await self.enter(name, world, apis, at)

    def passed(self, armed: Armed, now: float) -> None:
        """A request has met one of the rules."""
        rule = self.state.rules[self.rules.index(armed)]
        if rule.then and armed.seen >= rule.requests:
            self._next = (rule.then, now)
