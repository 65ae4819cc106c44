"""Clauses and findings for tests, written in one line each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from apicontract import Fact, Level, Provenance
from contract_tests.model.clause import Clause
from contract_tests.model.finding import Area, CheckedClause, Finding, Outcome, Severity

SEVERITIES: dict[Level, Severity] = {"documented": "error", "supplement": "warning", "inferred": "info"}


def clause(id_: str, statement: str = "", level: Level = "documented", page: str = "") -> Clause:
    """The clause of an id such as `CT301:listPages:limit`."""
    code, operation, detail = id_.split(":", 2)
    return Clause(code, detail, statement, operation, (Fact("#/info", Provenance(level, page=page)),))


def checked(
    id_: str, statement: str, area: Area, outcome: Outcome, reason: str = "", level: Level = "documented"
) -> CheckedClause:
    """The same with what became of it."""
    return CheckedClause.of(clause(id_, statement, level), area, outcome, reason)


def finding(id_: str, message: str, level: Level = "documented", page: str = "", **more: Any) -> Finding:
    """A finding about the clause of an id, as grave as its provenance makes it."""
    return Finding(clause(id_, level=level, page=page), SEVERITIES[level], message, **more)


def about(found: Finding, **changes: str) -> Finding:
    """A finding about another clause: `code`, `operation` or `detail` changed."""
    return replace(found, clause=replace(found.clause, **changes))  # type: ignore[arg-type]
