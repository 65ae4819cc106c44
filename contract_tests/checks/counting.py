"""Counting: each counted request moves a figure by one, others leave it alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from contract_tests.checks.figures import Figures, level_of
from contract_tests.checks.judgement import Judgement, weakest
from mockserver.contract import Contract, Header
from mockserver.contract.provenance import INFERRED, Provenance

_ENOUGH = 4
_FIRST = 3
Step = tuple[Figures, Figures, int]


def _moves(
    rows: Sequence[Figures], pick: Callable[[Figures], int | None], direction: int, *, windowed: bool
) -> tuple[list[Step], list[Step]]:
    """How a figure moved from one answer to the next; and, apart from these, where a new window seems to begin."""
    steps: list[Step] = []
    fresh: list[Step] = []
    for one, other in pairwise(rows):
        a, b = pick(one), pick(other)
        if a is None or b is None or one.view.status == 429 or other.view.status == 429:
            continue
        if windowed and a <= 0:
            continue  # lower than zero it cannot go; whether the request should have been refused is asked elsewhere
        told = one.reset is not None and other.reset is not None
        if windowed and told and one.reset != other.reset:
            continue
        move = (b - a) * direction
        first = other.limit is not None and b >= other.limit - _FIRST
        begins = windowed and not told and (move < 0 or (move == 0 and first))
        (fresh if begins else steps).append((one, other, move))
    return steps, fresh


def _moves_alike(steps: Sequence[Step], companion: Callable[[Figures], int | None]) -> bool:
    """Whether another figure moved as far each time: then somebody else used the key as well."""
    pairs = [(companion(one), companion(other), move) for one, other, move in steps]
    return all(a is not None and b is not None and abs(b - a) == abs(move) for a, b, move in pairs)


def counting(
    contract: Contract,
    sources: dict[str, Header],
    rows: Sequence[Figures],
    code: str,
    source: str,
    pick: Callable[[Figures], int | None],
    direction: int,
    companion: Callable[[Figures], int | None],
) -> Iterator[Judgement]:
    """Each counted request moves a figure by one; another client of the same key can only move it further."""
    uncounted = contract.rate_limit.uncounted if contract.rate_limit else frozenset({401})
    steps, fresh = _moves(rows, pick, direction, windowed=source == "minute.remaining")
    fresh = [step for step in fresh if step[1].view.status not in uncounted]
    level = level_of(sources, source)
    name = sources[source].name if source in sources else source
    statement = f"{name} moves by one with every counted request"
    window = contract.rate_limit.window_seconds if contract.rate_limit else 60
    if len(fresh) > 3 and len(fresh) > 2 + (rows[-1].view.exchange.started - rows[0].view.exchange.started) / window:
        one, other, _ = fresh[0]
        yield Judgement(
            code,
            "",
            source,
            statement,
            level,
            False,
            (one.view.number, other.view.number),
            f"{name} starts anew {len(fresh)} times, more often than its window",
            "one further",
            pick(other),
            settled=True,
        )
    counted = [step for step in steps if step[1].view.status not in uncounted]
    idle = [step for step in steps if step[1].view.status in uncounted]
    backward = [step for step in counted if step[2] < 1]
    if backward:
        one, other, move = backward[0]
        where = other.view.operation.id if other.view.operation else ""
        yield Judgement(
            code,
            where,
            source,
            statement,
            level,
            False,
            (one.view.number, other.view.number),
            f"{name} went from {pick(one)} to {pick(other)} with a counted request",
            "one further",
            pick(other),
            settled=len(backward) > _FIRST,
            shifty=len(backward) <= _FIRST,
        )
    elif len(counted) >= _ENOUGH and all(step[2] == counted[0][2] for step in counted) and counted[0][2] != 1:
        one, other, move = counted[0]
        shared = _moves_alike(counted, companion)
        yield Judgement(
            code,
            "",
            source,
            statement,
            level,
            None if shared else False,
            (one.view.number, other.view.number),
            f"{name} moves by {move} with every request",
            1,
            move,
            settled=True,
            reason="another client seems to use the key" if shared else "",
        )
    elif counted:
        yield from _per_operation(code, source, statement, level, name, counted)
        ones = sum(step[2] == 1 for step in counted)
        yield Judgement(
            code,
            "",
            source,
            statement,
            level,
            True if ones else None,
            (counted[0][1].view.number,),
            reason="" if ones else "another client seems to use the key",
        )
    if idle:
        wrong = [step for step in idle if step[2] != 0]
        one, other, move = (wrong or idle)[0]
        where = ""
        yield Judgement(
            "CT607",
            where,
            f"{source} {other.view.status}",
            f"a {other.view.status} is not counted",
            weakest(level, _uncounted_level(contract)),
            not wrong or (None if len(wrong) < len(idle) else False),
            (one.view.number, other.view.number),
            f"a {other.view.status} moved {name} by {move}",
            0,
            move,
            settled=len(wrong) > 2 and len(wrong) == len(idle),
        )


def _uncounted_level(contract: Contract) -> Provenance:
    return contract.rate_limit.provenance if contract.rate_limit else INFERRED


def _per_operation(
    code: str,
    source: str,
    statement: str,
    level: Provenance,
    name: str,
    counted: Sequence[tuple[Figures, Figures, int]],
) -> Iterator[Judgement]:
    """An operation that always costs more than one, while the others cost one."""
    by: dict[str, list[tuple[Figures, Figures, int]]] = defaultdict(list)
    for step in counted:
        operation = step[1].view.operation
        by[operation.id if operation else ""].append(step)
    others = sum(step[2] == 1 for step in counted)
    for operation_id, steps in by.items():
        if len(steps) >= 3 and others > len(counted) // 2 and len({step[2] for step in steps}) == 1 and steps[0][2] > 1:
            one, other, move = steps[0]
            yield Judgement(
                code,
                operation_id,
                source,
                statement,
                level,
                False,
                (one.view.number, other.view.number),
                f"{name} moves by {move} with every {operation_id}",
                1,
                move,
                settled=True,
            )
