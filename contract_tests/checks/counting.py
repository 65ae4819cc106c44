"""Counting: each counted request moves a figure by one, others leave it alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from apicontract import Contract, Header
from apicontract.provenance import INFERRED, weakest
from contract_tests.checks.judgement import Judgement
from contract_tests.reading.figures import Figures, level_of

_ENOUGH = 4
_FIRST = 3
_ANOTHER_CLIENT = "another client seems to use the key"
Step = tuple[Figures, Figures, int]


def _moves(
    rows: Sequence[Figures], pick: Callable[[Figures], int | None], direction: int, *, windowed: bool
) -> tuple[list[Step], list[Step]]:
    """How a figure moved from one answer to the next; and, apart from these, where a new window seems to begin."""
    steps: list[Step] = []
    fresh: list[Step] = []
    for one, other in pairwise(rows):
        a, b = pick(one), pick(other)
        if a is None or b is None or (windowed and 429 in (one.view.status, other.view.status)):
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
    uncounted = contract.rate_limit.uncounted if contract.rate_limit else {401: INFERRED}
    steps, fresh = _moves(rows, pick, direction, windowed=source == "minute.remaining")
    fresh = [step for step in fresh if step[1].view.status not in uncounted]
    level = level_of(sources, source)
    name = sources[source].name if source in sources else source
    statement = f"{name} moves by one with every counted request"
    window = contract.rate_limit.window_seconds if contract.rate_limit else 60

    def said(ok: bool | None, step: Step, message: str = "", where: str = "", **more: Any) -> Judgement:
        one, other, _ = step
        numbers = (one.view.number, other.view.number)
        return Judgement(code, where, source, statement, level, ok, numbers, message, **more)

    if len(fresh) > 3 and len(fresh) > 2 + (rows[-1].view.exchange.started - rows[0].view.exchange.started) / window:
        message = f"{name} starts anew {len(fresh)} times, more often than its window"
        yield said(False, fresh[0], message, expected="one further", seen=pick(fresh[0][1]), settled=True)
    counted = [step for step in steps if step[1].view.status not in uncounted]
    idle = [step for step in steps if step[1].view.status in uncounted]
    backward = [step for step in counted if step[2] < 1]
    if backward:
        one, other, _ = backward[0]
        message = f"{name} went from {pick(one)} to {pick(other)} with a counted request"
        often = len(backward) > _FIRST
        where = other.view.operation.id if other.view.operation else ""
        seen = pick(other)
        yield said(
            False, backward[0], message, where, expected="one further", seen=seen, settled=often, shifty=not often
        )
    elif len(counted) >= _ENOUGH and all(step[2] == counted[0][2] for step in counted) and counted[0][2] != 1:
        move = counted[0][2]
        shared = _moves_alike(counted, companion)
        why = _ANOTHER_CLIENT if shared else ""
        message = f"{name} moves by {move} with every request"
        yield said(None if shared else False, counted[0], message, expected=1, seen=move, settled=True, reason=why)
    elif counted:
        for where, step in _dearer(counted):
            message = f"{name} moves by {step[2]} with every {where}"
            yield said(False, step, message, where, expected=1, seen=step[2], settled=True)
        ones = sum(step[2] == 1 for step in counted)
        yield said(True if ones else None, counted[0], reason="" if ones else _ANOTHER_CLIENT)
    if idle:
        repeated = [step for step in idle if step[0].view.status == step[1].view.status]
        idle = repeated if len(repeated) > 1 else idle  # what is counted after it was answered shows the next time
        wrong = [step for step in idle if step[2] != 0]
        one, other, move = (wrong or idle)[0]
        yield Judgement(
            "CT607",
            "",
            f"{source} {other.view.status}",
            f"a {other.view.status} is not counted",
            weakest(level, INFERRED if source == "minute.remaining" else uncounted[other.view.status]),
            not wrong or (None if len(wrong) < len(idle) else False),
            (one.view.number, other.view.number),
            f"a {other.view.status} moved {name} by {move}",
            0,
            move,
            settled=len(wrong) > 2 and len(wrong) == len(idle),
        )


def _dearer(counted: Sequence[Step]) -> Iterator[tuple[str, Step]]:
    """Operations that always cost more than one, while the others cost one; and a sight of it."""
    by: dict[str, list[Step]] = defaultdict(list)
    for step in counted:
        operation = step[1].view.operation
        by[operation.id if operation else ""].append(step)
    others = sum(step[2] == 1 for step in counted)
    for name, steps in by.items():
        if len(steps) >= 3 and others > len(counted) // 2 and len({step[2] for step in steps}) == 1 and steps[0][2] > 1:
            yield name, steps[0]
