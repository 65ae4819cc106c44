"""One run: its phases in order, and why it ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from contract_tests.checks.verdict import Judged, result_of
from contract_tests.client.budget import BudgetSpentError
from contract_tests.client.pacing import GiveUpError
from contract_tests.model.events import Event, Kind, Listen
from contract_tests.model.exchange import Exchange
from contract_tests.model.finding import Result
from contract_tests.model.internal import internal_error
from contract_tests.model.options import Options
from contract_tests.plan.build import RESERVE, build
from contract_tests.plan.ends import without_end
from contract_tests.plan.resources import base_of
from contract_tests.plan.step import Step
from contract_tests.reading.traffic import Traffic, View
from contract_tests.run.allowance import Allowance
from contract_tests.run.diagnosis import DiagnosedError, Diagnosis
from contract_tests.run.isolation import isolating_steps
from contract_tests.run.judging import Judging
from contract_tests.run.scripts import burst_role, spend_limit, start_tracking, walk_to_ends
from contract_tests.run.sender import Sender
from contract_tests.run.unchecked import BUDGET, Unchecked

INTERRUPTED = "interrupted"
"""The stop reason of a run that Ctrl-C ended."""
_AFTER_INTERRUPT = 0.4
"""Seconds for the last judgement of an interrupted run."""


class Session:
    """One run, from its plan to its result."""

    def __init__(self, options: Options, listen: Listen) -> None:
        self.plan = build(options)
        self.options = options = replace(options, max_requests=self.plan.budget)
        self.traffic = Traffic(options.contract, base_of(options), options.seed)
        self.judging = Judging(self.traffic, self._tell)
        self.unchecked = Unchecked(options.contract, bursts=options.bursts, writes=options.writes)
        self.sender = Sender(options, self.traffic, self.unchecked, self.judging.look, self._tell)
        self.stop_reason, self.complete = "completed", True
        self.diagnosis = ""
        self._listen, self._allowance = listen, Allowance(options)
        self._started = options.clock.now()
        self._left = len(self.plan.steps)

    def close(self) -> None:
        """Close every connection."""
        self.sender.close()

    def _tell(self, kind: Kind, message: str = "", exchange: Exchange | None = None) -> None:
        budget, seconds = self.sender.budget, self._left * self.sender.pacer.interval()
        total = min(budget.total, budget.spent + self._left)
        self._listen(Event(kind, budget.spent, total, len(self.judging.fails), seconds, message, exchange))

    def play(self) -> None:
        """Send everything there is to send, until it is done or the run must stop."""
        self._tell("planned", f"{len(self.plan.steps)} requests, about {self.plan.minutes:.1f} minutes")
        try:
            for stage in self._stages():
                try:
                    stage()
                except (BudgetSpentError, GiveUpError):
                    raise
                except Exception as error:  # noqa: BLE001 - a defect of this tool must not cost what it found
                    self.sender.errors.append(internal_error(error))
        except KeyboardInterrupt:
            self._stop(INTERRUPTED)
        except BudgetSpentError as error:
            self._stop(f"budget spent: {error}")
        except DiagnosedError as error:
            self.diagnosis = str(error)
            self._stop(self.diagnosis)
        except GiveUpError as error:
            self._stop(str(error))
        if self.sender.errors and self.complete:
            self._stop(self.sender.errors[0])
        self._finish()
        self._tell("stopped", self.stop_reason)

    def _stages(self) -> Sequence[Callable[[], None]]:
        """Return what a run does, in order; an error of one does not keep it from the next."""
        return (
            self._probes,
            lambda: start_tracking(self.options, self.traffic, self.sender),
            lambda: spend_limit(self.options, self.traffic, self.sender),
            self._fuzz,
            self.judging.judge,
            self._isolate,
            lambda: self.judging.confirm(self.sender.budget.left, self.sender.repeat),
            self.sender.finish_background,
            lambda: self._fuzz(bodies=True) if self.options.writes else None,  # last, because it changes the data
        )

    def _finish(self) -> None:
        """Judge for the last time. After Ctrl-C there is little time for it, and one more does not end it."""
        while True:
            try:
                return self.judging.finish(_AFTER_INTERRUPT if self.stop_reason == INTERRUPTED else None)
            except KeyboardInterrupt:
                self._stop(INTERRUPTED)

    def _stop(self, reason: str) -> None:
        """Remember why the run is not complete."""
        self.stop_reason, self.complete = reason, False

    def _probes(self) -> None:
        """Send the plan, as far as the budget goes; what a complete run does not need leaves room for the scripts."""
        for skipped in self.plan.skipped:
            self.unchecked.step(skipped.step, skipped.reason)
        sent = Diagnosis(self.options, self.traffic, self.sender).make(self.plan.steps)
        steps, passed_over = [step for step in self.plan.steps if step not in sent], 0
        owed = sum(step.essential for step in (*steps, *self.plan.beyond))
        for index, step in enumerate(steps):
            self._left = len(steps) - index - 1
            left, fails = self.sender.budget.left, self.judging.fails.values()
            if left == self._allowance.reserve:
                self.judging.judge()  # also what only several answers show is to be reproduced
                fails = self.judging.fails.values()
            if left <= self._allowance.for_confirmation(fails, certain=True):
                self._omit(steps[index:])
                self._say_what_is_left(len(steps) - index + len(self.plan.beyond))
                return
            if not step.essential and left <= self._allowance.for_confirmation(fails) + self._promised(owed):
                self.unchecked.step(step, BUDGET)
                passed_over += 1
                continue
            self.sender.send(step)
            start_tracking(self.options, self.traffic, self.sender)
            owed -= step.essential
            if step.essential and not owed:
                walk_to_ends(self.options, self.traffic, self.sender)
        self._omit(self.plan.beyond)
        self._say_what_is_left(len(self.plan.beyond) + passed_over)

    def _promised(self, owed: int) -> int:
        """Return the requests held back for scripts, beside the `owed` ones that a complete run needs."""
        allowance, sender = self._allowance, self.sender
        return (
            allowance.for_burst(sender.pacer.limit_of(burst_role(self.options)))
            + allowance.for_tracking(begun=sender.background.begun)
            + allowance.for_walks(len(without_end(self.traffic)), owed, sender.budget.left)
        )

    def _omit(self, steps: Sequence[Step]) -> None:
        """Leave out steps for which there is no budget; a run without one that it needs is not complete."""
        self.unchecked.steps(steps, BUDGET)
        missing = sum(step.essential for step in steps)
        if missing and self.complete:
            total = self.sender.budget.total
            self._stop(f"budget spent: {total} requests, {missing} of the plan were not sent")

    def _say_what_is_left(self, count: int) -> None:
        """Say how many requests a larger budget has room for, where the run is complete without them."""
        if count and self.complete:
            total = self.sender.budget.total
            self.stop_reason = f"completed; {count} further requests need more than {total} (--max-requests)"

    def _isolate(self) -> None:
        """Try alone what was refused together, so that a finding names the right parameter."""
        steps = isolating_steps(self.traffic)[: self.sender.budget.left // 2]
        for step in steps:
            self.sender.send(step)
        if steps:
            self.judging.judge()

    def _fuzz(self, *, bodies: bool = False) -> None:
        """Send generated requests with what is left of the budget; half of it, where bodies are still to come."""
        budget = self.sender.budget
        if "fuzz" not in self.options.phases or budget.left <= RESERVE:
            return
        from contract_tests.run.fuzzing import fuzz  # Schemathesis is imported by runs that need it

        room = budget.left - RESERVE
        if self.options.writes and not bodies:
            room //= 2
        least = budget.left - room
        fuzz(self.options, self.traffic, self._fuzzed, lambda: budget.left > least, room, bodies=bodies)

    def _fuzzed(self, step: Step) -> View | None:
        exchange = self.sender.send(step)
        return self.traffic.views[-1] if exchange is not None else None

    def result(self) -> Result:
        """Return what the run says. Where the target is not what was to be tested, nothing is judged."""
        traffic, judged = self.traffic, self.judging.judged(self.unchecked.reasons)
        if self.diagnosis:
            traffic = Traffic(self.options.contract, self.traffic.base, self.options.seed)
            judged = Judged((), {}, reasons={"": self.diagnosis})
        return result_of(
            traffic,
            judged,
            target=self.options.target,
            least=self.options.min_provenance,
            requests=self.sender.budget.spent,
            seconds=self.options.clock.now() - self._started,
            stop_reason=self.stop_reason,
            complete=self.complete and bool(self.sender.exchanges),
        )
