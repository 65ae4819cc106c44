"""The result of a run: clauses with their outcome, findings with their evidence, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from contract_tests.model.clause import Clause

JSON = Any
Outcome = Literal["pass", "fail", "inconclusive"]
Severity = Literal["error", "warning", "info"]
Verdict = Literal["conforms", "violates", "inconclusive"]
Area = Literal["status", "parameter", "header", "rule", "schema", "security", "limit", "list", "tracking"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One violated clause with its evidence.

    `exchanges` are numbers of exchanges; `curl` sends them again, with shell variables for keys; `flaky` when the
    violation was not reproduced.
    """

    clause: Clause
    severity: Severity
    message: str
    expected: JSON = None
    seen: JSON = None
    curl: tuple[str, ...] = ()
    exchanges: tuple[int, ...] = ()
    flaky: bool = False

    @property
    def code(self) -> str:
        """The code of the check, which is never renumbered."""
        return self.clause.code

    @property
    def operation(self) -> str:
        """The operationId; empty for the API as a whole."""
        return self.clause.operation


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedClause(Clause):
    """A clause with what became of it. `area` is the column of the coverage grid that it belongs to."""

    area: Area
    outcome: Outcome
    reason: str = ""

    @classmethod
    def of(cls, clause: Clause, area: Area, outcome: Outcome, reason: str = "") -> CheckedClause:
        """Return a clause with its outcome."""
        own = {field.name: getattr(clause, field.name) for field in fields(Clause)}
        return cls(**own, area=area, outcome=outcome, reason=reason)


@dataclass(frozen=True)
class Result:
    """Everything a report is written from.

    `hints` are broken expectations that no document states. `requests` counts every request that was sent; `coverage`
    maps operationId → area → outcome counts; `complete`: everything that a verdict needs was sent.
    """

    verdict: Verdict
    contract: str
    target: str
    requests: int
    seconds: float
    findings: tuple[Finding, ...]
    clauses: tuple[CheckedClause, ...]
    stop_reason: str
    coverage: Mapping[str, Mapping[str, Mapping[Outcome, int]]] = field(default_factory=dict)
    accepted: tuple[Finding, ...] = ()
    hints: tuple[Finding, ...] = ()
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Candidate:
    """A contract that a target may keep, with a `confidence` from 0 to 1, and the `clauses` that tell."""

    contract: str
    confidence: float
    clauses: tuple[tuple[str, bool], ...]
