"""Which contract a server keeps: the clauses that tell contracts apart."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from dataclasses import replace

from apicontract import Contract
from contract_tests.checks.verdict import judgements_of
from contract_tests.client.budget import Budget, BudgetSpentError
from contract_tests.client.safety import examine
from contract_tests.client.transport import Transport
from contract_tests.model.exchange import Exchange
from contract_tests.model.finding import Candidate
from contract_tests.model.options import Options
from contract_tests.plan.build import build
from contract_tests.plan.resources import base_of, materialise
from contract_tests.reading.traffic import Traffic

_TELLING = ("CT101", "CT106", "CT107", "CT108", "CT201", "CT501")


def identify(
    target: str, contracts: Sequence[Contract], key: str | None = None, *, most: int = 8, options: Options | None = None
) -> list[Candidate]:
    """Return which of several contracts a target keeps, the likeliest first.

    `most` requests are sent for each; what two contracts ask alike is sent once. A clause that every contract has and
    the target keeps tells nothing: the confidence is the share of the other clauses that hold.
    """
    answers: dict[str, Exchange] = {}
    base = options or Options(target=target, contract=contracts[0], keys={"main": key} if key else {})
    outcomes = {
        contract.selector: _outcomes(replace(base, target=target, contract=contract, max_requests=most), answers)
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
    """Return which clauses of a contract the target's first answers keep."""
    examine(options)
    traffic = Traffic(options.contract, base_of(options), options.seed)
    transport = Transport(options, Budget(options.max_requests))
    steps = [step for step in build(options).steps if step.role in ("main", "")][: options.max_requests]
    with contextlib.closing(transport), contextlib.suppress(BudgetSpentError):
        for step in steps:
            request = materialise(step, traffic, options)
            if isinstance(request, str):
                continue
            mark = json.dumps([request.method, request.url, request.headers])
            if mark not in answers:
                answers[mark] = transport.send(request)
            traffic.add(replace(answers[mark], request=request, number=len(traffic.views) + 1))
    clauses: dict[str, bool] = {}
    for judgement in judgements_of(traffic):
        if judgement.ok is not None and judgement.clause.code in _TELLING:
            clauses[judgement.id] = clauses.get(judgement.id, True) and judgement.ok
    return clauses
