"""Why clauses were not checked: the steps that were not sent, and what they would have shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from apicontract import Contract
from contract_tests.checks.expectation import FOREIGN_RESOURCE
from contract_tests.model.clause import Clause
from contract_tests.plan.step import Step

BUDGET = "the budget was spent"
_BURST = ("CT608", "CT609")
_WRITE = ("CT701", "CT702", "CT703", "CT704", "CT705", "CT706", "CT707")
_OTHER_KEYS = ("revoked", "exhausted", "free", "noperm")
"""Roles whose steps show clauses that only exist once they were answered."""


class Unchecked:
    """Collects the reasons why clauses were not checked."""

    def __init__(self, contract: Contract, *, bursts: bool, writes: bool) -> None:
        self._contract = contract
        self._clauses: dict[str, str] = {}
        self._operations = {
            operation.id: f"the document is wrong at {operation.broken.pointer}: {operation.broken.reason}"
            for operation in contract.broken
            if operation.broken is not None
        }
        self._checks: dict[str, str] = {}
        if not bursts:
            self._checks |= dict.fromkeys(_BURST, "needs the burst profile (--profile burst)")
        if not writes:
            self._checks |= dict.fromkeys(_WRITE, "needs the write profile (--profile write)")

    def step(self, step: Step, reason: str) -> None:
        """Remember why a step was not sent."""
        if step.role in _OTHER_KEYS or not step.operation:
            return
        if step.which == "foreign":
            self._clauses[self._foreign(step).id] = reason
        else:
            self._operations.setdefault(step.operation, reason)

    def _foreign(self, step: Step) -> Clause:
        operation = self._contract.operation(step.operation)
        name = next((each.name for each in operation.parameters if each.location == "path"), "")
        return FOREIGN_RESOURCE.about(operation, name=name)

    def steps(self, steps: Iterable[Step], reason: str) -> None:
        """Remember why several steps were not sent."""
        for step in steps:
            self.step(step, reason)

    @property
    def reasons(self) -> Mapping[str, str]:
        """The reasons by what they are about: the id of a clause, the code of a check, or an operationId."""
        return {**self._operations, **self._checks, **self._clauses}
