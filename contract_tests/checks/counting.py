"""Counting: each counted request changes a figure by one, no other request changes it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from apicontract import Contract, Fact, Header, Operation, Provenance
from apicontract.provenance import INFERRED, below
from contract_tests.checks.guard import guarded
from contract_tests.model.clause import Clause, Ground, Guess, Judgement
from contract_tests.reading.quota import Quota, carrier_of
from contract_tests.reading.traffic import View

REMAINING = Clause("CT602", "{source}", "{name} changes by one with every counted request")
USAGE = Clause("CT604", "{source}", "{name} changes by one with every counted request")
UNCOUNTED = Clause("CT607", "{source} {status}", "a {status} is not counted")
_ENOUGH = 4
_FIRST = 3
_OF_THE_MONTH = Provenance("inferred", reason="what a page says is not counted, it says of the month's quota")
_ANOTHER_CLIENT = "another client seems to use the key"
Pick = Callable[[Quota], int | None]


@dataclass(frozen=True, slots=True)
class Counted:
    """A figure that moves in a `direction`; `companion` is the figure that another client would move as far."""

    clause: Clause
    source: str
    pick: Pick
    direction: int
    companion: Pick


COUNTED = (
    Counted(REMAINING, "minute.remaining", lambda row: row.remaining, -1, lambda row: row.used),
    Counted(USAGE, "month.used", lambda row: row.used, 1, lambda row: row.remaining),
    Counted(USAGE, "total.used", lambda row: row.total, 1, lambda row: row.used),
)


@dataclass(frozen=True, slots=True)
class _Step:
    """How far a figure moved from one answer to the next of the same key."""

    before: Quota
    after: Quota
    move: int

    @property
    def views(self) -> tuple[View, View]:
        """Both answers."""
        return self.before.view, self.after.view

    @property
    def operation(self) -> Operation | None:
        """The operation of the second answer."""
        return self.after.view.operation

    @property
    def status(self) -> int:
        """The status of the second answer."""
        return self.after.view.status


def moves_by_one(counted: Counted, sources: dict[str, Header], operation: Operation | None = None) -> Clause:
    """Return the clause that a figure moves by one."""
    name = _name(counted, sources)
    return counted.clause.about(operation, carrier_of(sources, counted.source), source=counted.source, name=name)


def _name(counted: Counted, sources: dict[str, Header]) -> str:
    return sources[counted.source].name if counted.source in sources else counted.source


def _steps(rows: Sequence[Quota], counted: Counted) -> tuple[list[_Step], list[_Step]]:
    """Return how a figure moved from answer to answer; and, apart from these, where a new window seems to begin."""
    windowed = counted.source == "minute.remaining"
    steps: list[_Step] = []
    fresh: list[_Step] = []
    for one, other in pairwise(rows):
        a, b = counted.pick(one), counted.pick(other)
        if a is None or b is None or (windowed and 429 in (one.view.status, other.view.status)):
            continue
        if windowed and a <= 0:
            continue  # it cannot fall below zero
        told = one.reset is not None and other.reset is not None
        if windowed and told and one.reset != other.reset:
            continue
        move = (b - a) * counted.direction
        first = other.limit is not None and b >= other.limit - _FIRST
        begins = windowed and not told and (move < 0 or (move == 0 and first))
        (fresh if begins else steps).append(_Step(one, other, move))
    return steps, fresh


def _moves_alike(steps: Sequence[_Step], companion: Pick) -> bool:
    """Return whether another figure moved as far each time: then somebody else used the key as well."""
    pairs = [(companion(step.before), companion(step.after), step.move) for step in steps]
    return all(a is not None and b is not None and abs(b - a) == abs(move) for a, b, move in pairs)


@guarded
def counting(
    contract: Contract, sources: dict[str, Header], rows: Sequence[Quota], counted: Counted
) -> Iterator[Judgement]:
    """Judge that each counted request moves a figure by one; another client of the key can only move it further."""
    uncounted = contract.rate_limit.uncounted if contract.rate_limit else {401: INFERRED}
    steps, fresh = _steps(rows, counted)
    yield from _windows(contract, sources, rows, counted, [step for step in fresh if step.status not in uncounted])
    yield from _moves(sources, counted, [step for step in steps if step.status not in uncounted])
    idle = [step for step in steps if step.status in uncounted]
    if idle:
        yield _idle(contract, sources, counted, idle)


def _windows(
    contract: Contract, sources: dict[str, Header], rows: Sequence[Quota], counted: Counted, fresh: list[_Step]
) -> Iterator[Judgement]:
    """Judge that a figure does not start anew more often than its window."""
    window = contract.rate_limit.window_seconds if contract.rate_limit else 60
    seconds = rows[-1].view.exchange.started - rows[0].view.exchange.started if rows else 0.0
    if len(fresh) > 3 and len(fresh) > 2 + seconds / window:
        yield moves_by_one(counted, sources).holds(
            False,
            *fresh[0].views,
            message=f"{_name(counted, sources)} is reset {len(fresh)} times, more often than its window allows",
            expected="one further",
            seen=counted.pick(fresh[0].after),
            settled=True,
        )


def _moves(sources: dict[str, Header], counted: Counted, steps: list[_Step]) -> Iterator[Judgement]:
    """Judge the steps of counted requests."""
    name, clause = _name(counted, sources), moves_by_one(counted, sources)
    backward = next((step for step in steps if step.move < 1), None)
    if backward is not None:
        often = sum(step.move < 1 for step in steps) > _FIRST
        seen = counted.pick(backward.after)
        yield moves_by_one(counted, sources, backward.operation).holds(
            False,
            *backward.views,
            message=f"{name} went from {counted.pick(backward.before)} to {seen} with a counted request",
            expected="one further",
            seen=seen,
            settled=often,
            may_be_concurrent_change=not often,
        )
    elif len(steps) >= _ENOUGH and steps[0].move != 1 and len({step.move for step in steps}) == 1:
        shared = _moves_alike(steps, counted.companion)
        yield clause.holds(
            None if shared else False,
            *steps[0].views,
            message=f"{name} changes by {steps[0].move} with every request",
            expected=1,
            seen=steps[0].move,
            settled=True,
            reason=_ANOTHER_CLIENT if shared else "",
        )
    elif steps:
        for step in _dearer(steps):
            yield moves_by_one(counted, sources, step.operation).holds(
                False,
                *step.views,
                message=f"{name} changes by {step.move} with every {step.operation.id if step.operation else ''}",
                expected=1,
                seen=step.move,
                settled=True,
            )
        is_seen = any(step.move == 1 for step in steps)
        yield clause.holds(True if is_seen else None, *steps[0].views, reason="" if is_seen else _ANOTHER_CLIENT)


def _dearer(steps: Sequence[_Step]) -> Iterator[_Step]:
    """List operations that always cost more than one, while most cost one; each by its first step."""
    by: dict[str, list[_Step]] = defaultdict(list)
    for step in steps:
        by[step.operation.id if step.operation else ""].append(step)
    others = sum(step.move == 1 for step in steps)
    for own in by.values():
        if len(own) >= 3 and others > len(steps) // 2 and len({step.move for step in own}) == 1 and own[0].move > 1:
            yield own[0]


def _idle(contract: Contract, sources: dict[str, Header], counted: Counted, steps: list[_Step]) -> Judgement:
    """Judge the steps of requests that are not counted."""
    repeated = [step for step in steps if step.before.view.status == step.status]
    steps = repeated if len(repeated) > 1 else steps  # a server may count after it answered
    wrong = [step for step in steps if step.move != 0]
    step, always = (wrong or steps)[0], len(wrong) == len(steps)
    uncounted = contract.rate_limit.uncounted if contract.rate_limit else {}
    level = _OF_THE_MONTH if counted.source == "minute.remaining" else uncounted.get(step.status, INFERRED)
    fact: Ground = Fact(below("#", "x-rate-limit", "uncounted", step.status), level)
    if step.status not in uncounted:
        fact = Guess(f"no document says that a {step.status} is not counted")
    return UNCOUNTED.about(
        None, carrier_of(sources, counted.source), fact, source=counted.source, status=step.status
    ).holds(
        False if always else None if wrong else True,
        *step.views,
        message=f"a {step.status} changed {_name(counted, sources)} by {step.move}",
        expected=0,
        seen=step.move,
        settled=always and len(wrong) > 2,
    )
