"""One run: its budget, its transport, its traffic."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from apicontract import Contract
from contract_tests.checks.judgement import Judgement
from contract_tests.checks.responses import judge_view
from contract_tests.checks.verdict import failures, judgements_of, result_of
from contract_tests.client.budget import Budget, BudgetSpentError
from contract_tests.client.pacing import GiveUpError, Pacer
from contract_tests.client.transport import Transport
from contract_tests.model.events import Event, Listen
from contract_tests.model.exchange import Exchange
from contract_tests.model.finding import Result
from contract_tests.model.options import Options
from contract_tests.plan.build import RESERVE, build
from contract_tests.plan.burst import burst
from contract_tests.plan.ends import find_end, without_end
from contract_tests.plan.resources import base_of, materialise
from contract_tests.plan.step import Script, Step
from contract_tests.plan.tracking import minutes_of_tracking, tracking
from contract_tests.reading.traffic import Traffic, View, read
from contract_tests.run.background import Meanwhile
from contract_tests.run.confirmation import confirm
from contract_tests.run.isolation import apart

_UNREACHABLE = 3
_END_COST = 14
_USUAL_LIMIT, _AFTER_BURST, _TRACKING_COST = 60, 8, 28


class Session:
    """One run: its budget, its transport, its traffic."""

    def __init__(self, options: Options, listen: Listen) -> None:
        self.options, self.listen = options, listen
        self.budget = Budget(options.max_requests)
        self.transport = Transport(options, self.budget)
        self.pacer = Pacer(options)
        self.traffic = Traffic(options.contract, base_of(options), options.seed)
        self.exchanges: list[Exchange] = []
        self.plan = build(options)
        self.started = options.clock.now()
        self.stop_reason = "completed"
        self.complete = True
        self.reasons: dict[str, str] = {}
        self.fails: dict[str, Judgement] = {}
        self.doubtful: dict[str, str] = {}
        self.flaky: set[str] = set()
        self.judgements: list[Judgement] = []
        self.meanwhile = Meanwhile(options.clock, self._send)
        self._broken = 0
        self._judged = (-1, 0)
        self._left = len(self.plan.steps)

    def close(self) -> None:
        """Close every connection."""
        self.transport.close()

    def tell(self, kind: str, message: str = "", exchange: Exchange | None = None) -> None:
        """Let the listeners know."""
        seconds = self._left * self.pacer.interval()
        total = min(self.budget.total, self.budget.spent + self._left)
        self.listen(Event(kind, self.budget.spent, total, len(self.fails), seconds, message, exchange))  # type: ignore[arg-type]

    def play(self) -> None:
        """Everything there is to send; the reason why it ended."""
        self.tell("planned", f"{len(self.plan.steps)} requests, about {self.plan.minutes:.1f} minutes")
        try:
            self._probes()
            self._scripts()
            self._fuzz()
            self._judge()
            self._take_apart()
            self._confirm()
            self._pause_for_tracking()
            if self.options.writes:
                self._fuzz(bodies=True)  # what it sends is seen in the figures: nothing else is asked after it
        except KeyboardInterrupt:
            self._stop("interrupted")
        except BudgetSpentError as error:
            self._stop(f"budget spent: {error}")
        except GiveUpError as error:
            self._stop(str(error))
        self._finish()
        self.tell("stopped", self.stop_reason)

    def _finish(self) -> None:
        """Judge for the last time. After Ctrl-C it is begun again: the reports need a whole judgement."""
        while True:
            try:
                return self._judge(final=True)
            except KeyboardInterrupt:
                self._stop("interrupted")
                self._judged = (-1, 0)

    def _stop(self, reason: str) -> None:
        self.stop_reason, self.complete = reason, False

    def _probes(self) -> None:
        for skipped in self.plan.skipped:
            self._excuse(skipped.step, skipped.reason)
        steps, passed = list(self.plan.steps), 0
        owed = sum(step.essential for step in (*steps, *self.plan.beyond))
        for index, step in enumerate(steps):
            self._left = len(steps) - index - 1
            if self.budget.left == self._reserve():
                self._judge()  # what fails between answers is to be seen again as well
            if self.budget.left <= self._kept(shifty=False):
                self._omit(steps[index:])
                self._leave_out(len(steps) - index + len(self.plan.beyond))
                return
            if not step.essential and self.budget.left <= self._kept() + self._promised(owed):
                self._excuse(step, "the budget was spent")
                passed += 1
                continue
            self._send(step)
            self._track()
            owed -= step.essential
            if step.essential and not owed:
                self._walks()
        self._omit(self.plan.beyond)
        self._leave_out(len(self.plan.beyond) + passed)

    def _omit(self, steps: Sequence[Step]) -> None:
        """Leave steps out for which there is no budget; without one that a complete run needs it is none."""
        left = sum(step.essential for step in steps)
        for step in steps:
            self._excuse(step, "the budget was spent")
        if left and self.complete:
            self._stop(f"budget spent: {self.budget.total} requests, {left} of the plan were not sent")

    def _leave_out(self, count: int) -> None:
        """Say so when a verdict is reached without requests for which a larger budget has room."""
        if count and self.complete:
            self.stop_reason = (
                f"completed; {count} further requests need more than {self.budget.total} (--max-requests)"
            )

    def _kept(self, *, shifty: bool = True) -> int:
        """Requests that are kept to see a finding twice, once there is one; `shifty`: also one that may be none."""
        return self._reserve() if any(shifty or not judgement.shifty for judgement in self.fails.values()) else 0

    def _reserve(self) -> int:
        return min(RESERVE, self.budget.total // 10)

    def _promised(self, owed: int) -> int:
        """Requests for what was asked for by name, and for ends of lists if there is room for them beside the `owed`
        ones that a complete run needs: what is only good to have must leave them room."""
        role = "limited" if "limited" in self.options.keys else "main"
        burst = (self.pacer.limit_of(role) or _USUAL_LIMIT) + _AFTER_BURST if self.options.bursts else 0
        track = self.options.writes and not self.meanwhile.begun and minutes_of_tracking(self.options.contract)
        ends = len(without_end(self.traffic)) * _END_COST if "stateful" in self.options.phases and owed else 0
        walks = ends + RESERVE if ends and self.budget.left - owed >= ends + RESERVE else 0
        return burst + (_TRACKING_COST if track else 0) + walks

    def _excuse(self, step: Step, reason: str) -> None:
        """Remember why the clauses of a step were not looked at."""
        if step.operation and step.which == "foreign":
            self.reasons[
                f"CT206:{step.operation}:{_first_path_parameter(self.options.contract, step.operation)} of another"
            ] = reason
        elif step.role in ("revoked", "exhausted", "free", "noperm"):
            self.reasons[{"revoked": "CT208", "exhausted": "CT610", "free": "CT611", "noperm": "CT206"}[step.role]] = (
                reason
            )
        elif step.operation:
            self.reasons.setdefault(step.operation, reason)

    def _send(self, step: Step) -> Exchange | None:
        request = materialise(step, self.traffic, self.options)
        if isinstance(request, str):
            self._excuse(step, request)
            return None
        counted = bool(step.role) and not step.role.startswith("invalid") and step.role != "revoked"
        pace = 0.0 if step.phase == "burst" else self.pacer.wait(step.role, counted, step.together)
        self._pause(max(step.wait, pace))
        view = self._record(self.transport.send(request))
        if view.status == 429 and step.phase != "burst" and step.role != "exhausted":
            view = self._again(view)
        return view.exchange

    def _again(self, view: View) -> View:
        """After a 429 that nobody asked for: wait as told, and ask once more."""
        if self.budget.left <= 0:
            return view
        seconds = self.pacer.retry_after(view)
        self._pause(seconds, f"the target asks for {seconds:.0f} s (429)")
        return self._record(self.transport.send(view.exchange.request))

    def _pause(self, seconds: float, why: str = "") -> None:
        """Wait; what else has to be sent at its time is sent meanwhile."""
        clock = self.options.clock
        until = clock.now() + seconds
        if seconds >= 1:
            self.tell("waiting", why or f"waiting {seconds:.0f} s")
        while self.meanwhile.due is not None and self.meanwhile.due <= until:
            clock.sleep(max(0.0, self.meanwhile.due - clock.now()))
            self.meanwhile.catch_up()
        if seconds > 0:
            clock.sleep(max(0.0, until - clock.now()))

    def _track(self) -> None:
        """Begin the tracking sequence as soon as a tracking code is known: its pauses last while the run goes on."""
        options = self.options
        if options.writes and not self.meanwhile.begun and minutes_of_tracking(options.contract):
            code = self._tracking_code()
            if code:
                self.meanwhile.begin(tracking(options.contract, code, options.seed))

    def _pause_for_tracking(self) -> None:
        while self.meanwhile.due is not None:
            seconds = self.meanwhile.due - self.options.clock.now()
            self._pause(seconds, f"waiting {seconds:.0f} s for tracked sessions to end")

    def _record(self, exchange: Exchange) -> View:
        self.exchanges.append(exchange)
        view = self.traffic.add(exchange)
        self.pacer.seen(view)
        self._look(view)
        self.tell("sent", f"{exchange.request.method} {exchange.request.operation or exchange.request.url}", exchange)
        self._broken = self._broken + 1 if exchange.response is None else 0
        if self._broken >= _UNREACHABLE and (self._broken >= 2 * _UNREACHABLE or self._broken == len(self.exchanges)):
            raise GiveUpError(f"the target is unreachable: {exchange.failure}")
        return view

    def _look(self, view: View) -> None:
        """What one answer shows by itself, told at once; everything else is judged at the end."""
        for clause, judgement in failures(judge_view(self.traffic, view)).items():
            if clause not in self.fails:
                self.fails[clause] = judgement
                self.tell("finding", f"{clause}: {judgement.message}")

    def _walks(self) -> None:
        """To the ends of long lists, once everything is asked that a complete run needs."""
        for operation in without_end(self.traffic) if "stateful" in self.options.phases else []:
            if self.budget.left >= RESERVE + _END_COST:
                self._follow(find_end(operation, self.traffic))

    def _take_apart(self) -> None:
        """Try alone what was refused together, so that a finding names the right parameter."""
        steps = apart(self.traffic)[: self.budget.left // 2]
        for step in steps:
            self._send(step)
        if steps:
            self._judge()

    def _scripts(self) -> None:
        """Sequences in which one answer decides the next request."""
        options = self.options
        self._track()
        if options.bursts:
            role = "limited" if "limited" in options.keys else "main"
            if role in options.keys:
                self._pause(self._window() if role == "main" else 0.0, "waiting for a fresh window")
                self._follow(burst(options.contract, role, self.traffic))
        else:
            for code_ in ("CT608", "CT609"):
                self.reasons[code_] = "needs the burst profile (--profile burst)"
        if not options.writes:
            for code_ in ("CT701", "CT702", "CT703", "CT704", "CT705", "CT706", "CT707"):
                self.reasons[code_] = "needs the write profile (--profile write)"

    def _window(self) -> float:
        limit = self.options.contract.rate_limit
        return float(limit.window_seconds if limit else 60) + 1

    def _tracking_code(self) -> str | None:
        operation = self.options.contract.tracking("event")
        parameter = next((p for p in operation.parameters if p.location == "path"), None) if operation else None
        found = self.traffic.ids(operation, parameter.name) if operation and parameter else []
        return found[0] if found else None

    def _follow(self, script: Script) -> None:
        answer: Exchange | None = None
        try:
            step = next(script)
            while True:
                answer = self._send(step)
                step = script.send(answer)
        except StopIteration:
            return

    def _fuzz(self, *, bodies: bool = False) -> None:
        if "fuzz" in self.options.phases and self.budget.left > RESERVE:
            from contract_tests.run.fuzzing import fuzz

            room = self.budget.left - RESERVE
            if self.options.writes and not bodies:
                room //= 2
            least = self.budget.left - room
            fuzz(self.options, self.traffic, self._fuzzed, lambda: self.budget.left > least, room, bodies=bodies)

    def _fuzzed(self, step: Step) -> View | None:
        exchange = self._send(step)
        return self.traffic.views[-1] if exchange is not None else None

    def _judge(self, *, final: bool = False) -> None:
        if final and self._judged == (len(self.traffic.views), len(self.doubtful)):
            return
        self._judged = len(self.traffic.views), len(self.doubtful)
        self.judgements = judgements_of(self.traffic)
        known = set(self.fails)
        self.fails = {
            clause: judgement for clause, judgement in failures(self.judgements).items() if clause not in self.doubtful
        }
        if not final:
            for clause in self.fails.keys() - known:
                self.tell("finding", f"{clause}: {self.fails[clause].message}")

    def _confirm(self) -> None:
        """See every finding twice."""
        found = confirm(self.fails, self.traffic, self.budget.left, self._once_more)
        self.doubtful.update(found.doubtful)
        self.flaky |= found.flaky

    def _once_more(self, numbers: Iterable[int]) -> dict[int, Exchange]:
        """Some requests again, as far as the budget goes, by the number of the first time."""
        by_number = {view.number: view for view in self.traffic.views}
        wanted = list(numbers)[: self.budget.left]
        if wanted:
            self.tell("confirming", f"{len(wanted)} requests once more")
        replays: dict[int, Exchange] = {}
        for number in wanted:
            request = by_number[number].exchange.request
            self._pause(self.pacer.wait(request.role, bool(request.role), together=True))
            exchange = self.transport.send(request)
            self.exchanges.append(exchange)
            self.tell("sent", "once more", exchange)
            self.pacer.seen(read(self.options.contract, self.traffic.base, exchange))
            replays[number] = exchange
        return replays

    def result(self) -> Result:
        """What the run says."""
        return result_of(
            self.traffic,
            self.judgements,
            target=self.options.target,
            least=self.options.min_provenance,
            requests=self.budget.spent,
            seconds=self.options.clock.now() - self.started,
            stop_reason=self.stop_reason,
            complete=self.complete and bool(self.exchanges),
            fails=self.fails,
            doubtful=self.doubtful,
            flaky=frozenset(self.flaky),
            reasons=self.reasons,
        )


def _first_path_parameter(contract: Contract, operation_id: str) -> str:
    return next((p.name for p in contract.operation(operation_id).parameters if p.location == "path"), "")
