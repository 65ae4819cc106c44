"""The facts that a finding stands on: who says so, and the line of the contract."""

from __future__ import annotations

from dataclasses import dataclass

from apicontract import Provenance
from apicontract.provenance import LEVELS
from contract_tests.model.finding import Finding
from contract_tests.report.context import ReportContext


@dataclass(frozen=True, slots=True)
class CitedFact:
    """A fact with the file and line of its statement; `line` is 0 and `file` empty for what no file of ours says."""

    pointer: str
    provenance: Provenance
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.provenance}{f', {self.file}:{self.line}' if self.line else ''}"


def facts_of(finding: Finding, context: ReportContext | None) -> list[CitedFact]:
    """Return the facts of a finding, the weakest first."""
    found = []
    for fact in sorted(finding.clause.facts, key=lambda fact: -LEVELS.index(fact.provenance.level)):
        file, line = context.place_of(fact.pointer) if context is not None else ("", 0)
        found.append(CitedFact(fact.pointer, fact.provenance, file, line))
    return found
