"""Clauses, and the judgements about them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

from apicontract import Operation, Provenance
from apicontract.provenance import INFERRED, weakest

JSON = Any


class Numbered(Protocol):
    """An exchange in any form, with its number."""

    @property
    def number(self) -> int:
        """The number of the exchange."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One checkable statement of a contract.

    A check declares each of its clauses once, as a constant whose `detail` and `statement` may hold `{words}`. `about`
    fills them in for one operation, with the provenance of every fact of the contract that the statement stands on.
    """

    code: str
    detail: str
    statement: str
    operation: str = ""
    facts: tuple[Provenance, ...] = ()

    @property
    def id(self) -> str:
        """What the clause is recognised by in another run."""
        return f"{self.code}:{self.operation}:{self.detail}"

    @property
    def provenance(self) -> Provenance:
        """The provenance of the weakest fact; a statement that stands on none is inferred."""
        return weakest(*self.facts) if self.facts else INFERRED

    def about(self, operation: Operation | None, *facts: Provenance, **words: object) -> Clause:
        """Return the clause of one operation; of the API as a whole where the operation is None."""
        return Clause(
            self.code,
            self.detail.format(**words),
            self.statement.format(**words),
            operation.id if operation else "",
            facts,
        )

    def standing_on(self, *facts: Provenance) -> Clause:
        """Return the clause standing on other facts."""
        return replace(self, facts=facts)

    def holds(
        self,
        ok: bool | None,
        *shown_by: Numbered,
        message: str = "",
        expected: JSON = None,
        seen: JSON = None,
        reason: str = "",
        settled: bool = False,
        may_be_concurrent_change: bool = False,
    ) -> Judgement:
        """Return the judgement that the clause holds, or does not; see Judgement for the other arguments."""
        numbers = tuple(one.number for one in shown_by)
        return Judgement(self, ok, numbers, message, expected, seen, reason, settled, may_be_concurrent_change)

    def unknown(self, reason: str, *shown_by: Numbered) -> Judgement:
        """Return the judgement that these exchanges do not show whether the clause holds."""
        return self.holds(None, *shown_by, reason=reason)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The judgement of a check about one clause, and the exchanges that show it.

    `ok` is None where they do not show whether the clause holds; `reason` says why. `settled`: seen often enough, so it
    need not be reproduced. `may_be_concurrent_change`: the failure could be explained by data that changed between two
    requests, so it is reported only after it was reproduced.
    """

    clause: Clause
    ok: bool | None
    exchanges: tuple[int, ...] = ()
    message: str = ""
    expected: JSON = None
    seen: JSON = None
    reason: str = ""
    settled: bool = False
    may_be_concurrent_change: bool = False

    @property
    def id(self) -> str:
        """The id of the clause."""
        return self.clause.id
