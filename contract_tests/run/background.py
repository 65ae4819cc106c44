"""A script with long pauses, sent in between the other requests of a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from contract_tests.model.clock import Clock
from contract_tests.model.exchange import Exchange
from contract_tests.plan.step import Script, Step

Send = Callable[[Step], Exchange | None]


class BackgroundScript:
    """Sends the next step of a script as soon as it is due.

    `Step.wait` counts from the step before. No step is sent while another one of the script is being sent.
    """

    def __init__(self, clock: Clock, send: Send) -> None:
        self._clock, self._send = clock, send
        self._script: Script | None = None
        self._next: Step | None = None
        self._due = 0.0
        self._busy = False
        self.begun = False

    def begin(self, script: Script) -> None:
        """Start a script, and send the steps that need no waiting."""
        self.begun, self._script = True, script
        self._next = next(script, None)
        self._due = self._clock.now() + (self._next.wait if self._next else 0.0)
        self.catch_up()

    @property
    def due(self) -> float | None:
        """When the next step is to be sent, in epoch seconds; None where there is none, or one is being sent."""
        return None if self._next is None or self._busy else self._due

    def catch_up(self) -> None:
        """Send every step whose time has come."""
        while self.due is not None and self._due <= self._clock.now():
            self._forward()

    def _forward(self) -> None:
        step, script = self._next, self._script
        if step is None or script is None:
            return
        self._busy = True
        try:
            answer = self._send(replace(step, wait=0.0))
        finally:
            self._busy = False
        try:
            self._next = script.send(answer)
        except StopIteration:
            self._next = None
            return
        self._due = self._clock.now() + self._next.wait
