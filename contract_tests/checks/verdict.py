"""From judgements to a result: one outcome for each clause, findings with their evidence, and the verdict."""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from apicontract import Contract, Level
from apicontract.provenance import LEVELS
from contract_tests.checks import ambiguous, limits, lists, meaning, parameters, responses, security, tracking
from contract_tests.checks.judgement import Judgement
from contract_tests.model.exchange import Exchange, Request
from contract_tests.model.finding import Clause, Finding, Outcome, Result, Severity, Verdict
from contract_tests.model.keys import names_a_key
from contract_tests.reading.traffic import Traffic

_FAMILIES = (responses, security, parameters, ambiguous, lists, meaning, limits, tracking)
_SEVERITIES: Mapping[Level, Severity] = {"documented": "error", "supplement": "warning", "inferred": "info"}


def judgements_of(traffic: Traffic) -> list[Judgement]:
    """What every check says about the traffic."""
    return [judgement for family in _FAMILIES for judgement in family.judge(traffic)]


def universe_of(contract: Contract) -> list[Judgement]:
    """Every clause that is known before anything was sent."""
    families = (responses, security, parameters, meaning, limits, tracking)
    return [judgement for family in families for judgement in family.universe(contract)]


def failures(judgements: Iterable[Judgement]) -> dict[str, Judgement]:
    """One failing judgement of each clause: the best founded one, then the one whose exchanges lie closest together."""
    found: dict[str, Judgement] = {}
    for judgement in judgements:
        if judgement.ok is False:
            known = found.get(judgement.id)
            if known is None or _weight(judgement) < _weight(known):
                found[judgement.id] = judgement
    return dict(sorted(found.items(), key=lambda pair: LEVELS.index(pair[1].provenance.level)))


def _weight(judgement: Judgement) -> tuple[int, int]:
    distance = max(judgement.exchanges) - min(judgement.exchanges) if judgement.exchanges and judgement.shifty else 0
    return LEVELS.index(judgement.provenance.level), distance


def curl_of(request: Request) -> str:
    """The command that sends a request again; keys stand as shell variables."""
    parts = ["curl", "-sS", "-i"]
    if request.method == "HEAD":
        parts.append("--head")
    elif request.method != "GET":
        parts += ["-X", request.method]
    for name, value in request.headers:
        parts += ["-H", _quoted(f"{name}: {value}")]
    if request.body:
        body = request.body.decode("utf-8", "replace")
        parts += ["--data-binary", shlex.quote(body if len(body) < 2000 else body[:200] + "…")]
    parts.append(_quoted(request.url))
    return " ".join(parts)


def _quoted(text: str) -> str:
    """Double quotes around a key's variable, so that the shell fills it in; single quotes otherwise."""
    if not names_a_key(text):
        return shlex.quote(text)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`") + '"'


def severity_of(level: Level, least: Level) -> Severity:
    """What fails the run is an error; below that, supplement warns and what is inferred informs."""
    return "error" if LEVELS.index(level) <= LEVELS.index(least) else _SEVERITIES[level]


def findings_of(
    fails: Mapping[str, Judgement], exchanges: Mapping[int, Exchange], flaky: frozenset[str], least: Level
) -> tuple[Finding, ...]:
    """Failing clauses with their evidence, the gravest first."""
    found = []
    for clause, judgement in fails.items():
        numbers = tuple(dict.fromkeys(number for number in judgement.exchanges if number in exchanges))[:2]
        found.append(
            Finding(
                code=judgement.code,
                severity=severity_of(judgement.provenance.level, least),
                provenance=judgement.provenance.level,
                operation=judgement.operation,
                clause=clause,
                message=judgement.message or judgement.statement,
                expected=judgement.expected,
                seen=judgement.seen,
                curl=tuple(curl_of(exchanges[number].request) for number in numbers),
                exchanges=numbers,
                source=str(judgement.provenance),
                flaky=clause in flaky,
            )
        )
    return tuple(found)


def clauses_of(
    contract: Contract,
    judgements: Iterable[Judgement],
    fails: Mapping[str, Judgement],
    doubtful: Mapping[str, str],
    reasons: Mapping[str, str],
) -> tuple[Clause, ...]:
    """Every clause with what became of it. `doubtful`: failed once and not again; `reasons`: why a clause of an
    operation was not looked at (operation id, or empty for all)."""
    groups: dict[str, list[Judgement]] = defaultdict(list)
    for judgement in [*universe_of(contract), *judgements]:
        groups[judgement.id].append(judgement)
    found = []
    for clause, group in groups.items():
        outcome, reason = _outcome(clause, group, fails, doubtful)
        first = group[0]
        if outcome == "inconclusive" and not reason:
            reason = (
                reasons.get(clause)
                or reasons.get(first.code)
                or reasons.get(first.operation)
                or reasons.get("", "no answer could show it")
            )
        found.append(
            Clause(
                clause,
                first.code,
                first.operation,
                first.statement,
                first.area,
                first.provenance.level,
                outcome,
                reason,
            )
        )
    return tuple(found)


def _outcome(
    clause: str, group: Sequence[Judgement], fails: Mapping[str, Judgement], doubtful: Mapping[str, str]
) -> tuple[Outcome, str]:
    if clause in fails:
        return "fail", fails[clause].message
    if clause in doubtful:
        return "inconclusive", doubtful[clause]
    if any(judgement.ok for judgement in group):
        return "pass", ""
    return "inconclusive", next((judgement.reason for judgement in group if judgement.reason), "")


def coverage_of(clauses: Iterable[Clause]) -> dict[str, dict[str, dict[Outcome, int]]]:
    """Operation → area → how many clauses have which outcome."""
    grid: dict[str, dict[str, dict[Outcome, int]]] = {}
    for clause in clauses:
        counts = grid.setdefault(clause.operation, {}).setdefault(
            clause.area, {"pass": 0, "fail": 0, "inconclusive": 0}
        )
        counts[clause.outcome] += 1
    return grid


def verdict_of(findings: Iterable[Finding], complete: bool) -> Verdict:
    """`violates` when a finding is founded well enough; else `inconclusive` when the run could not be finished."""
    if any(finding.severity == "error" for finding in findings):
        return "violates"
    return "conforms" if complete else "inconclusive"


def result_of(
    traffic: Traffic,
    judgements: Sequence[Judgement],
    *,
    target: str,
    least: Level,
    requests: int,
    seconds: float,
    stop_reason: str,
    complete: bool,
    fails: Mapping[str, Judgement],
    doubtful: Mapping[str, str],
    flaky: frozenset[str],
    reasons: Mapping[str, str],
) -> Result:
    """Everything a report is written from. A server that never answered has broken nothing that could be seen."""
    exchanges = {view.number: view.exchange for view in traffic.views}
    if not any(exchange.response is not None for exchange in exchanges.values()):
        why = next((each.failure for each in exchanges.values() if each.failure), "") or reasons.get("", "")
        judgements, fails, doubtful, complete = (), {}, {}, False
        reasons = {"": why or "nothing was sent"}
    findings = findings_of(fails, exchanges, flaky, least)
    clauses = clauses_of(traffic.contract, judgements, fails, doubtful, reasons)
    return Result(
        verdict=verdict_of(findings, complete),
        contract=traffic.contract.selector,
        target=target,
        requests=requests,
        seconds=seconds,
        findings=findings,
        clauses=clauses,
        stop_reason=stop_reason,
        complete=complete,
        coverage=coverage_of(clauses),
    )
