"""Which edition a server speaks, in words and as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from apicontract.safetext.invisible import one_line
from contract_tests.model.finding import Candidate
from contract_tests.report.terminal import table
from contract_tests.report.wording import plural

JSON = Any
_CLEAR = 0.8
_AHEAD = 0.1
_SHOWN = 12


def stands_out(candidates: Sequence[Candidate]) -> bool:
    """Return whether the first candidate fits well, and better than any other."""
    if not candidates or candidates[0].confidence < _CLEAR or not any(holds for _, holds in candidates[0].clauses):
        return False
    return len(candidates) == 1 or candidates[0].confidence - candidates[1].confidence >= _AHEAD


def telling_clauses(candidates: Sequence[Candidate]) -> list[str]:
    """Return the clauses that hold for the best fit and are broken for the next."""
    if len(candidates) < 2:
        return []
    best, other = dict(candidates[0].clauses), dict(candidates[1].clauses)
    return [clause for clause, holds in best.items() if holds and other.get(clause) is False]


def identity_of(target: str, candidates: Sequence[Candidate]) -> dict[str, JSON]:
    """Return the answer as plain data."""
    return {
        "target": target,
        "contract": candidates[0].contract if stands_out(candidates) else None,
        "candidates": [
            {
                "contract": each.contract,
                "confidence": each.confidence,
                "clauses": [{"clause": clause, "holds": holds} for clause, holds in each.clauses],
            }
            for each in candidates
        ],
        "telling": telling_clauses(candidates),
    }


def identity_lines(candidates: Sequence[Candidate]) -> Iterator[str]:
    """List the lines of the answer for a person."""
    rows = [
        (
            f"{each.confidence:.0%}",
            each.contract,
            f"{sum(holds for _, holds in each.clauses)} of {plural(len(each.clauses), 'clause')} hold",
        )
        for each in candidates
    ]
    yield from table(rows, ("fits", "contract", ""))
    telling = telling_clauses(candidates)
    if telling:
        yield f"\nholds for {candidates[0].contract} and not for {candidates[1].contract}:"
        yield from (f"  {one_line(clause, 160)}" for clause in telling[:_SHOWN])
        if len(telling) > _SHOWN:
            yield f"  and {len(telling) - _SHOWN} more"
    yield ""
    if stands_out(candidates):
        yield f"the server speaks {candidates[0].contract}"
    elif not any(each.clauses for each in candidates):
        yield "no answer could be judged: is the target right, and is a key given?"
    else:
        yield "no edition stands out"
