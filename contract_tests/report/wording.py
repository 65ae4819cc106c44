"""Words, order and escaping that all reports share."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from contract_tests.model.finding import CheckedClause, Finding, Outcome, Result, Severity, Verdict

JSON = Any
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
OUTCOMES: tuple[Outcome, ...] = ("pass", "fail", "inconclusive")
_ONE_LINE = 60
SYMBOLS: dict[str, str] = {"pass": "✓", "fail": "✗", "inconclusive": "?"}
VERDICTS: dict[Verdict, str] = {
    "conforms": "The server keeps the contract",
    "violates": "The server breaks the contract",
    "inconclusive": "The run could not tell",
}


@dataclass(frozen=True, slots=True)
class Tally:
    """How many findings of each severity and clauses of each outcome there are."""

    findings: dict[Severity, int]
    clauses: dict[Outcome, int]


def tally(result: Result) -> Tally:
    """Count a result once."""
    findings: dict[Severity, int] = dict.fromkeys(SEVERITIES, 0)
    for finding in result.findings:
        findings[finding.severity] += 1
    clauses: dict[Outcome, int] = dict.fromkeys(OUTCOMES, 0)
    for clause in result.clauses:
        clauses[clause.outcome] += 1
    return Tally(findings, clauses)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings with the gravest first, in the same order in every report and every run."""
    return sorted(findings, key=lambda finding: (SEVERITIES.index(finding.severity), finding.code, finding.operation))


def grouped(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Group the findings of one check on one operation, the gravest groups first."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in in_order(findings):
        groups.setdefault((finding.severity, finding.code, finding.operation), []).append(finding)
    return list(groups.values())


def by_operation(clauses: Iterable[CheckedClause]) -> dict[str, list[CheckedClause]]:
    """Group clauses by operation, in the order of the result; an empty name is the API as a whole."""
    found: dict[str, list[CheckedClause]] = {}
    for clause in clauses:
        found.setdefault(clause.operation, []).append(clause)
    return found


def clause_of(finding: Finding) -> CheckedClause:
    """Return the clause of a finding that the list of clauses lacks, so that reports of clauses show it as well."""
    return CheckedClause.of(finding.clause, area="status", outcome="fail")


def operation_name(operation: str) -> str:
    """Return how an operation is named for people."""
    return operation or "(the API as a whole)"


def message_of(finding: Finding) -> str:
    """Return the message, which says so when the finding is flaky."""
    return f"{finding.message} (flaky: not reproduced)" if finding.flaky else finding.message


def shown(value: JSON) -> str:
    """Return a value for people: text as it is, everything else as JSON, indented where one line would not hold it."""
    if isinstance(value, str):
        return value
    line = json.dumps(value, ensure_ascii=False, default=str)
    return line if len(line) <= _ONE_LINE else json.dumps(value, ensure_ascii=False, indent=2, default=str)


def plural(count: int, one: str, many: str = "") -> str:
    """Return a number with its noun: `1 request`, `2 requests`."""
    return f"{count} {one if count == 1 else many or f'{one}s'}"


def duration(seconds: float) -> str:
    """Return seconds for people."""
    if seconds < 90:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"
