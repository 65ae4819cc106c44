"""Clauses, the facts that they stand on, and the judgements about them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from apicontract import Fact, Operation, Provenance
from apicontract.provenance import Stated, weakest

JSON = Any
Rests = Literal["answer", "request", "values"]
"""What an expectation rests on beside the contract: the answer alone, what was sent, or also what was left out."""


@dataclass(frozen=True, slots=True)
class Guess:
    """An expectation that no document states: what a name suggests, what most servers do."""

    reason: str


Ground = Stated | Guess
"""What a statement stands on: a fact of the contract, or a guess."""


class Shown(Protocol):
    """An exchange, with what its request brings into an expectation."""

    @property
    def number(self) -> int:
        """The number of the exchange."""

    def grounds(self, rests: Rests) -> Iterable[Ground]:
        """List the facts and guesses that an expectation about the request stands on."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One checkable statement of a contract.

    A check declares each of its clauses once, as a constant whose `detail` and `statement` may hold `{words}`. `about`
    fills them in for one operation, with every fact of the contract that the statement stands on; `holds` adds those
    of the requests that show it, as far as the clause `rests` on them.
    """

    code: str
    detail: str
    statement: str
    operation: str = ""
    facts: tuple[Fact, ...] = ()
    guesses: tuple[str, ...] = ()
    rests: Rests = "answer"

    @property
    def id(self) -> str:
        """What the clause is recognised by in another run."""
        return f"{self.code}:{self.operation}:{self.detail}"

    @property
    def provenance(self) -> Provenance:
        """The provenance of the weakest fact; a statement that rests on a guess or on nothing is inferred."""
        if self.is_hint:
            return Provenance("inferred", reason="; ".join(self.guesses) or "no document states it")
        return weakest(*(fact.provenance for fact in self.facts))

    @property
    def is_hint(self) -> bool:
        """Whether the statement rests on a guess, or on no fact at all: then it cannot fail a run."""
        return bool(self.guesses) or not self.facts

    def about(self, operation: Operation | None, *grounds: Ground, **words: object) -> Clause:
        """Return the clause of one operation; of the API as a whole where the operation is None."""
        filled = replace(
            self,
            detail=self.detail.format(**words),
            statement=self.statement.format(**words),
            operation=operation.id if operation else "",
        )
        return filled.standing_only_on(*grounds)

    def standing_only_on(self, *grounds: Ground) -> Clause:
        """Return the clause standing on other facts and guesses."""
        return replace(self, facts=(), guesses=()).standing_on(*grounds)

    def standing_on(self, *grounds: Ground) -> Clause:
        """Return the clause standing on further facts and guesses."""
        facts = [Fact(each.pointer, each.provenance) for each in grounds if not isinstance(each, Guess)]
        guesses = [each.reason for each in grounds if isinstance(each, Guess)]
        return replace(
            self,
            facts=tuple(dict.fromkeys((*self.facts, *facts))),
            guesses=tuple(dict.fromkeys((*self.guesses, *guesses))),
        )

    def standing_with(self, other: Clause) -> Clause:
        """Return the clause standing on the facts and guesses of another one."""
        return replace(self, facts=other.facts, guesses=other.guesses)

    def holds(
        self,
        ok: bool | None,
        *shown_by: Shown,
        message: str = "",
        expected: JSON = None,
        seen: JSON = None,
        reason: str = "",
        settled: bool = False,
        may_be_concurrent_change: bool = False,
    ) -> Judgement:
        """Return the judgement that the clause holds, or does not; see Judgement for the other arguments."""
        numbers = tuple(one.number for one in shown_by)
        clause = self
        if ok is False and self.rests != "answer":
            clause = self.standing_on(*(ground for one in shown_by for ground in one.grounds(self.rests)))
        return Judgement(clause, ok, numbers, message, expected, seen, reason, settled, may_be_concurrent_change)

    def unknown(self, reason: str, *shown_by: Shown) -> Judgement:
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
