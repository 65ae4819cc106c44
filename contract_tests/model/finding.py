"""What a run says: clauses with their outcome, findings with their evidence, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from apicontract import Level

JSON = Any
Outcome = Literal["pass", "fail", "inconclusive"]
Severity = Literal["error", "warning", "info"]
Verdict = Literal["conforms", "violates", "inconclusive"]


@dataclass(frozen=True)
class Finding:
    """One violated clause with its evidence.

    `code` is stable and never renumbered (`CT-…`); `exchanges` are numbers of exchanges; `curl` shows it again, with
    `$CONTRACT_TESTS_API_KEY` for the key; `flaky` when it was not seen a second time.
    """

    code: str
    severity: Severity
    provenance: Level
    operation: str
    clause: str
    message: str
    expected: JSON = None
    seen: JSON = None
    curl: tuple[str, ...] = ()
    exchanges: tuple[int, ...] = ()
    source: str = ""
    flaky: bool = False


@dataclass(frozen=True)
class Clause:
    """One checkable statement of a contract, and what became of it.

    `id` is stable over runs (code, operation and detail); `area` is the column of the coverage grid it belongs to.
    """

    id: str
    code: str
    operation: str
    statement: str
    area: Literal["status", "parameter", "header", "rule", "schema", "security", "limit", "list", "tracking"]
    provenance: Level
    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True)
class Result:
    """Everything a report is written from.

    `requests` counts every request that was sent; `coverage` maps operationId → area → outcome counts; `complete`:
    everything that a verdict needs was sent.
    """

    verdict: Verdict
    contract: str
    target: str
    requests: int
    seconds: float
    findings: tuple[Finding, ...]
    clauses: tuple[Clause, ...]
    stop_reason: str
    coverage: Mapping[str, Mapping[str, Mapping[Outcome, int]]] = field(default_factory=dict)
    accepted: tuple[Finding, ...] = ()
    complete: bool = True
