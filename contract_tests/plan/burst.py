"""A rate limit, spent on purpose: up to the 429, before Retry-After has passed, after it."""

from __future__ import annotations

from apicontract import Contract
from contract_tests.model.exchange import Exchange
from contract_tests.model.purposes import AFTER_WAIT, RECOVERED, SPEND, TOO_EARLY, UNCOUNTED
from contract_tests.plan.step import Script, Step
from contract_tests.reading.numbers import decimal
from contract_tests.reading.quota import announced
from contract_tests.reading.traffic import Traffic, read

_MOST = 130


def burst(contract: Contract, role: str, traffic: Traffic) -> Script:
    """Send requests to the simplest operation until the first 429, and what follows it."""
    secured = [operation for operation in contract.operations if operation.method == "GET" and operation.security]
    if not secured:
        return
    plainest = min(
        secured, key=lambda op: (len([p for p in op.parameters if p.location == "path"]), len(op.parameters))
    )

    def ask(purpose: str, gap: float = 0.0, who: str = role) -> Step:
        return Step(
            purpose,
            "GET",
            plainest.path,
            300,
            plainest.id,
            role=who,
            phase="burst",
            wait=gap,
            together=True,
        )

    refused: Exchange | None = None
    for _ in range(_MOST):
        answer = yield ask(SPEND)
        if answer is None:
            return
        if answer.response is not None and answer.response.status == 429:
            refused = answer
            break
    if refused is None:
        return
    view = read(contract, traffic.base, refused)
    wait = decimal(announced(contract, view, "retry-after"))
    yield ask(UNCOUNTED)
    wait = 60.0 if wait is None else min(max(wait, 0.0), 75.0)
    if wait > 4:
        yield ask(TOO_EARLY, gap=wait / 2)
        wait -= wait / 2
    yield ask(AFTER_WAIT, gap=wait + 1.0)
    yield ask(RECOVERED)
