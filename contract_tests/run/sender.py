"""Sending the requests of a run: at the right time, within the budget, with every exchange recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from contract_tests.client.budget import Budget
from contract_tests.client.pacing import GiveUpError, Pacer
from contract_tests.client.transport import Transport
from contract_tests.model.events import Tell
from contract_tests.model.exchange import Exchange, Request
from contract_tests.model.internal import internal_error
from contract_tests.model.options import Options
from contract_tests.plan.resources import materialise
from contract_tests.plan.step import Script, Step
from contract_tests.reading.traffic import Traffic, View, read
from contract_tests.run.background import BackgroundScript
from contract_tests.run.unchecked import Unchecked

_UNREACHABLE = 3
"""Failures in a row after which a run gives up; twice as many for a target that has answered before."""

_REFUSED = 2
"""Requests in a row that are refused again after the wait for them, after which a run gives up."""


class Sender:
    """Sends steps and scripts. `look` sees every exchange that belongs to the traffic."""

    def __init__(
        self, options: Options, traffic: Traffic, unchecked: Unchecked, look: Callable[[View], None], tell: Tell
    ) -> None:
        self.budget = Budget(options.max_requests)
        self.pacer = Pacer(options)
        self.exchanges: list[Exchange] = []
        self.errors: list[str] = []
        self.background = BackgroundScript(options.clock, self.send)
        self._options, self._traffic, self._unchecked = options, traffic, unchecked
        self._look, self._tell = look, tell
        self._transport = Transport(options, self.budget)
        self._failed = self._refused = 0

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()

    def send(self, step: Step) -> Exchange | None:
        """Send a step when its time has come; None where it cannot be sent, which is noted with its reason.

        Raises:
            BudgetSpentError: no request is left.
            GiveUpError: the run must stop.
        """
        try:
            request = materialise(step, self._traffic, self._options)
        except Exception as error:  # noqa: BLE001 - what a target answered must not cost the other requests
            request = internal_error(error)
            self.errors.append(request)
        if isinstance(request, str):
            self._unchecked.step(step, request)
            return None
        counted = bool(step.role) and not step.role.startswith("invalid") and step.role != "revoked"
        pace = 0.0 if step.phase == "burst" else self.pacer.wait(step.role, counted, step.together)
        self.pause(max(step.wait, pace))
        view = self._record(self._transport.send(request))
        if view.status == 429 and step.phase != "burst" and step.role != "exhausted" and self.budget.left > 0:
            seconds = self.pacer.retry_after(view)
            self.pause(seconds, f"the target asks for {seconds:.0f} s (429)")
            view = self._record(self._transport.send(request))
            self._refused = self._refused + 1 if view.status == 429 else 0
            if self._refused >= _REFUSED:
                raise GiveUpError("the target still refuses after the waits that it asked for (429)")
        return view.exchange

    def ask(self, request: Request) -> Exchange:
        """Send a request beside the plan: it is counted and recorded, and not judged. TLS needs no certificate here."""
        options = replace(self._options, target=request.url, insecure=True)
        transport = Transport(options, self.budget) if not request.role else self._transport
        try:
            exchange = transport.send(request)
        finally:
            if transport is not self._transport:
                transport.close()
        self.exchanges.append(exchange)
        self._tell("sent", f"{request.method} {request.url}", exchange)
        return exchange

    def follow(self, script: Script) -> None:
        """Send the steps of a script, each with the answer to the one before in hand."""
        answer: Exchange | None = None
        try:
            step = next(script)
            while True:
                answer = self.send(step)
                step = script.send(answer)
        except StopIteration:
            return

    def pause(self, seconds: float, why: str = "") -> None:
        """Wait, and send steps of the background script in between when they are due."""
        clock = self._options.clock
        until = clock.now() + seconds
        if seconds >= 1:
            self._tell("waiting", why or f"waiting {seconds:.0f} s")
        while self.background.due is not None and self.background.due <= until:
            clock.sleep(max(0.0, self.background.due - clock.now()))
            self.background.catch_up()
        if seconds > 0:
            clock.sleep(max(0.0, until - clock.now()))

    def finish_background(self) -> None:
        """Wait until the background script is over."""
        while self.background.due is not None:
            seconds = self.background.due - self._options.clock.now()
            self.pause(seconds, f"waiting {seconds:.0f} s for tracked sessions to end")

    def repeat(self, numbers: Iterable[int]) -> dict[int, Exchange]:
        """Send some requests again, as far as the budget goes; the new exchanges by the numbers of the first ones.

        They do not become part of the traffic.
        """
        by_number = {view.number: view for view in self._traffic.views}
        wanted = list(numbers)[: self.budget.left]
        if wanted:
            self._tell("confirming", f"repeating {len(wanted)} requests to reproduce findings")
        repeated: dict[int, Exchange] = {}
        for number in wanted:
            request = by_number[number].exchange.request
            self.pause(self.pacer.wait(request.role, bool(request.role), together=True))
            exchange = self._transport.send(request)
            self.exchanges.append(exchange)
            self._tell("sent", "repeated", exchange)
            self.pacer.seen(read(self._options.contract, self._traffic.base, exchange))
            repeated[number] = exchange
        return repeated

    def _record(self, exchange: Exchange) -> View:
        self.exchanges.append(exchange)
        view = self._traffic.add(exchange)
        self.pacer.seen(view)
        self._look(view)
        self._tell("sent", f"{exchange.request.method} {exchange.request.operation or exchange.request.url}", exchange)
        self._failed = self._failed + 1 if exchange.response is None else 0
        if self._failed >= _UNREACHABLE and (self._failed >= 2 * _UNREACHABLE or self._failed == len(self.exchanges)):
            raise GiveUpError(f"the target is unreachable: {exchange.failure}")
        return view
