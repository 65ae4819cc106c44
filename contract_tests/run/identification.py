"""Which edition a server speaks: the clauses that tell contracts apart."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from apicontract import Contract
from contract_tests.checks.verdict import judgements_of
from contract_tests.client.budget import BudgetSpentError
from contract_tests.client.safety import examine
from contract_tests.model.exchange import Exchange
from contract_tests.model.options import Options
from contract_tests.plan.resources import materialise
from contract_tests.run.session import Session


@dataclass(frozen=True)
class Candidate:
    """An edition a target may speak. `confidence` 0..1; `clauses`: those that tell, with their outcome."""

    contract: str
    confidence: float
    clauses: tuple[tuple[str, bool], ...]


_TELLING = ("CT101", "CT106", "CT107", "CT108", "CT201", "CT501")


def identify(
    target: str, contracts: Sequence[Contract], key: str | None = None, *, most: int = 8, options: Options | None = None
) -> list[Candidate]:
    """Which of several contracts a target keeps, the likeliest first. `most`: requests for each, shared where equal.

    What holds in every contract tells nothing; the confidence is the share of the other clauses that hold.
    """
    answers: dict[str, Exchange] = {}
    outcomes = {
        contract.selector: _outcomes(
            replace(options, target=target, contract=contract, max_requests=most)
            if options
            else Options(target=target, contract=contract, keys={"main": key} if key else {}, max_requests=most),
            answers,
        )
        for contract in contracts
    }
    first, *others = outcomes.values()
    common = {clause for clause, holds in first.items() if holds and all(other.get(clause) for other in others)}
    found = []
    for selector, clauses in outcomes.items():
        telling = {clause: holds for clause, holds in clauses.items() if not others or clause not in common}
        share = sum(telling.values()) / len(telling) if telling else 0.0
        found.append(Candidate(selector, round(share, 3), tuple(sorted(telling.items()))))
    return sorted(found, key=lambda candidate: -candidate.confidence)


def _outcomes(options: Options, answers: dict[str, Exchange]) -> dict[str, bool]:
    """Which clauses of a contract the target's first answers keep."""
    examine(options)
    session = Session(options, lambda _event: None)
    steps = [step for step in session.plan.steps if step.role in ("main", "")][: options.max_requests]
    with contextlib.suppress(BudgetSpentError):
        for step in steps:
            request = materialise(step, session.traffic, options)
            if isinstance(request, str):
                continue
            mark = json.dumps([request.method, request.url, request.headers])
            if mark not in answers:
                answers[mark] = session.transport.send(request)
            session.traffic.add(replace(answers[mark], request=request, number=len(session.traffic.views) + 1))
    session.close()
    clauses: dict[str, bool] = {}
    for judgement in judgements_of(session.traffic):
        if judgement.ok is not None and judgement.code in _TELLING:
            clauses[judgement.id] = clauses.get(judgement.id, True) and judgement.ok
    return clauses
