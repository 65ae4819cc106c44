"""From judgements to a result: one outcome for each clause, findings with their evidence, and the verdict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from apicontract import Contract, Level
from apicontract.provenance import LEVELS
from contract_tests.checks import ambiguous, limits, lists, meaning, parameters, responses, security, tracking
from contract_tests.checks.guard import BROKEN
from contract_tests.checks.registry import CHECKS
from contract_tests.model.clause import Clause, Judgement
from contract_tests.model.curl import curl_of
from contract_tests.model.exchange import Exchange
from contract_tests.model.finding import CheckedClause, Finding, Outcome, Result, Severity, Verdict
from contract_tests.reading.traffic import Traffic

_FAMILIES = (responses, security, parameters, ambiguous, lists, meaning, limits, tracking)
_SEVERITIES: Mapping[Level, Severity] = {"documented": "error", "supplement": "warning", "inferred": "info"}


def judgements_of(traffic: Traffic, go_on: Callable[[], bool] = lambda: True) -> list[Judgement]:
    """Return what every check says about the traffic, as long as `go_on` says so."""
    found: list[Judgement] = []
    for family in _FAMILIES:
        for judgement in family.judge(traffic):
            found.append(judgement)
            if not go_on():
                return found
    return found


def universe_of(contract: Contract) -> list[Clause]:
    """Return every clause that is known before anything was sent."""
    families = (responses, security, parameters, meaning, limits, tracking)
    return [clause for family in families for clause in family.universe(contract)]


def failures(judgements: Iterable[Judgement], *, hints: bool = False) -> dict[str, Judgement]:
    """Return one failing judgement of each clause that rests on facts alone, the clause with the best provenance first.

    Of several, the one with the best provenance is taken, then the one whose exchanges lie closest together. `hints`:
    those that rest on a guess instead.
    """
    found: dict[str, Judgement] = {}
    for judgement in judgements:
        if judgement.ok is False and judgement.clause.is_hint == hints:
            known = found.get(judgement.id)
            if known is None or _rank(judgement) < _rank(known):
                found[judgement.id] = judgement
    return dict(sorted(found.items(), key=lambda pair: _level(pair[1])))


def _level(judgement: Judgement) -> int:
    return LEVELS.index(judgement.clause.provenance.level)


def _rank(judgement: Judgement) -> tuple[int, int]:
    numbers = judgement.exchanges if judgement.may_be_concurrent_change else ()
    return _level(judgement), max(numbers, default=0) - min(numbers, default=0)


def severity_of(level: Level, least: Level) -> Severity:
    """Return an error for what fails the run; below that, supplement warns and what is inferred informs."""
    return "error" if LEVELS.index(level) <= LEVELS.index(least) else _SEVERITIES[level]


def findings_of(
    fails: Mapping[str, Judgement], exchanges: Mapping[int, Exchange], flaky: frozenset[str], least: Level
) -> tuple[Finding, ...]:
    """Return the failing clauses with their evidence, the gravest first."""
    found = []
    for judgement in fails.values():
        numbers = tuple(dict.fromkeys(number for number in judgement.exchanges if number in exchanges))[:2]
        found.append(
            Finding(
                clause=judgement.clause,
                severity="info" if judgement.clause.is_hint else severity_of(judgement.clause.provenance.level, least),
                message=judgement.message or judgement.clause.statement,
                expected=judgement.expected,
                seen=judgement.seen,
                curl=tuple(curl_of(exchanges[number].request) for number in numbers),
                exchanges=numbers,
                flaky=judgement.id in flaky,
            )
        )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Judged:
    """The judgements of a run. `fails`: the failure of each broken clause, by the clause's id.

    `doubtful` says of other clauses that failed why their failure is not believed; `flaky` names those that failed once
    and not again. `reasons` says why clauses were not checked: by the id of a clause, the code of its check, its
    operation, or for all others under an empty text.
    """

    judgements: Sequence[Judgement]
    fails: Mapping[str, Judgement]
    doubtful: Mapping[str, str] = field(default_factory=dict)
    flaky: frozenset[str] = frozenset()
    reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def hints(self) -> dict[str, Judgement]:
        """The failures that rest on a guess, of clauses that no fact shows to be broken."""
        found = failures(self.judgements, hints=True)
        return {clause: judgement for clause, judgement in found.items() if clause not in self.fails}


def clauses_of(contract: Contract, judged: Judged) -> tuple[CheckedClause, ...]:
    """Return every clause with what became of it."""
    clauses: dict[str, Clause] = {}
    groups: dict[str, list[Judgement]] = defaultdict(list)
    for clause in universe_of(contract):
        clauses.setdefault(clause.id, clause)
    for judgement in judged.judgements:
        clauses.setdefault(judgement.id, judgement.clause)
        groups[judgement.id].append(judgement)
    found = []
    hints = judged.hints
    for clause in clauses.values():
        outcome, reason = _outcome(clause, groups[clause.id], judged)
        if clause.id in judged.fails:
            clause = judged.fails[clause.id].clause
        elif clause.id in hints:
            outcome, reason = "inconclusive", f"only a hint: {hints[clause.id].message}"
        found.append(CheckedClause.of(clause, CHECKS[clause.code].area, outcome, reason))
    return tuple(found)


def _outcome(clause: Clause, group: Sequence[Judgement], judged: Judged) -> tuple[Outcome, str]:
    if clause.id in judged.fails:
        return "fail", judged.fails[clause.id].message
    if clause.id in judged.doubtful:
        return "inconclusive", judged.doubtful[clause.id]
    if any(judgement.ok for judgement in group):
        return "pass", ""
    named = (judged.reasons.get(mark) for mark in (clause.id, clause.code, clause.operation, ""))
    reasons = (*(judgement.reason for judgement in group), *named)
    return "inconclusive", next((reason for reason in reasons if reason), "no request of the run could check it")


def coverage_of(clauses: Iterable[CheckedClause]) -> dict[str, dict[str, dict[Outcome, int]]]:
    """Return how many clauses have which outcome, by operation and area."""
    grid: dict[str, dict[str, dict[Outcome, int]]] = {}
    for clause in clauses:
        counts = grid.setdefault(clause.operation, {}).setdefault(
            clause.area, {"pass": 0, "fail": 0, "inconclusive": 0}
        )
        counts[clause.outcome] += 1
    return grid


def verdict_of(findings: Iterable[Finding], complete: bool) -> Verdict:
    """Return `violates` for an error; else `inconclusive` when the run could not be finished."""
    if any(finding.severity == "error" for finding in findings):
        return "violates"
    return "conforms" if complete else "inconclusive"


def result_of(
    traffic: Traffic,
    judged: Judged,
    *,
    target: str,
    least: Level,
    requests: int,
    seconds: float,
    stop_reason: str,
    complete: bool,
) -> Result:
    """Return everything a report is written from. A server that never answered has broken nothing that was seen."""
    exchanges = {view.number: view.exchange for view in traffic.views}
    if not any(exchange.response is not None for exchange in exchanges.values()):
        why = next((each.failure for each in exchanges.values() if each.failure), "") or judged.reasons.get("", "")
        judged, complete = Judged((), {}, reasons={"": why or "nothing was sent"}), False
    errors = [judgement.reason for judgement in judged.judgements if judgement.clause.code == BROKEN.code]
    if errors:
        complete, stop_reason = False, f"{stop_reason}; {errors[0]}"
    findings = findings_of(judged.fails, exchanges, judged.flaky, least)
    hints = findings_of(judged.hints, exchanges, judged.flaky, least)
    clauses = clauses_of(traffic.contract, judged)
    return Result(
        verdict=verdict_of(findings, complete),
        contract=traffic.contract.selector,
        target=target,
        requests=requests,
        seconds=seconds,
        findings=findings,
        hints=hints,
        clauses=clauses,
        stop_reason=stop_reason,
        complete=complete,
        coverage=coverage_of(clauses),
    )
