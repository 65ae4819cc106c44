"""Spending a limit on purpose: exactly to its end, half its wait, all its wait."""

from __future__ import annotations

from apicontract import Contract
from contract_tests.model.exchange import Exchange
from contract_tests.plan.step import Script, Step
from contract_tests.reading.figures import figure
from contract_tests.reading.traffic import Traffic, read

_MOST = 130


def burst(contract: Contract, role: str, traffic: Traffic) -> Script:
    """Requests of the plainest operation until the first 429, and what follows it."""
    secured = [operation for operation in contract.operations if operation.method == "GET" and operation.security]
    if not secured:
        return
    plainest = min(
        secured, key=lambda op: (len([p for p in op.parameters if p.location == "path"]), len(op.parameters))
    )

    def ask(purpose: str, gap: float = 0.0, who: str = role) -> Step:
        return Step(
            f"burst: {purpose}",
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
        answer = yield ask("spend")
        if answer is None:
            return
        if answer.response is not None and answer.response.status == 429:
            refused = answer
            break
    if refused is None:
        return
    view = read(contract, traffic.base, refused)
    try:
        wait = float(figure(contract, view, "retry-after") or "60")
    except ValueError:
        wait = 60.0
    yield ask("a refused one does not count")
    wait = min(max(wait, 0.0), 75.0)
    if wait > 4:
        yield ask("too early", gap=wait / 2)
        wait -= wait / 2
    yield ask("after the wait", gap=wait + 1.0)
    yield ask("after recovery")
