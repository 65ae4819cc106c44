"""The result as JSON, for programs. Its members are stable."""

from __future__ import annotations

import json
import math
from typing import Any

from apicontract.safetext.invisible import json_escaped
from contract_tests.model.finding import CheckedClause, Finding, Result
from contract_tests.report.context import ReportContext
from contract_tests.report.facts import CitedFact, facts_of
from contract_tests.report.wording import in_order, message_of

JSON = Any


def json_of(result: Result, context: ReportContext | None = None) -> dict[str, JSON]:
    """Return the JSON report as plain data; with the lines of facts where the context knows the contract's file."""
    return {
        "verdict": result.verdict,
        "contract": result.contract,
        "target": result.target,
        "requests": result.requests,
        "seconds": round(result.seconds, 3),
        "findings": [_finding(finding, context) for finding in in_order(result.findings)],
        "hints": [_finding(finding, context) for finding in in_order(result.hints)],
        "clauses": [_clause(clause) for clause in result.clauses],
        "coverage": {
            operation: {area: dict(counts) for area, counts in areas.items()}
            for operation, areas in result.coverage.items()
        },
        "stop_reason": result.stop_reason,
    }


def _finding(finding: Finding, context: ReportContext | None) -> dict[str, JSON]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "provenance": finding.clause.provenance.level,
        "operation": finding.operation,
        "clause": finding.clause.id,
        "message": message_of(finding),
        "expected": finding.expected,
        "seen": finding.seen,
        "curl": list(finding.curl),
        "exchanges": list(finding.exchanges),
        "facts": [_fact(fact) for fact in facts_of(finding, context)],
        "guesses": list(finding.clause.guesses),
    }


def _fact(fact: CitedFact) -> dict[str, JSON]:
    source = fact.provenance
    return {
        "level": source.level,
        "page": source.page,
        "section": source.section,
        "reason": source.reason,
        "pointer": fact.pointer,
        "file": fact.file,
        "line": fact.line,
    }


def _clause(clause: CheckedClause) -> dict[str, JSON]:
    return {
        "id": clause.id,
        "code": clause.code,
        "operation": clause.operation,
        "statement": clause.statement,
        "area": clause.area,
        "provenance": clause.provenance.level,
        "outcome": clause.outcome,
        "reason": clause.reason,
    }


def render(result: Result, context: ReportContext | None = None) -> str:
    """Return the JSON report as text. A value that JSON cannot hold (NaN, bytes) is written as its text."""
    document = json.dumps(_plain(json_of(result, context)), ensure_ascii=False, indent=2, default=str, allow_nan=False)
    return json_escaped(document) + "\n"


def _plain(value: JSON) -> JSON:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    return value
