"""The order of a plan: what each request can still reveal. The first of its kind reveals most, the tenth little.

`early` is the rank of a kind's first request, `late` that of the others; lower is sent earlier. Kinds with a late rank
from EXTRA on may be left out without making a run inconclusive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from contract_tests.plan.step import Step

EXTRA = 70.0


@dataclass(frozen=True, slots=True)
class Rank:
    """When requests of one kind are sent."""

    early: float
    late: float


RANKS: Mapping[str, Rank] = {
    "list": Rank(10, 10),
    "scoped list": Rank(14, 71),
    "wide": Rank(20, 20),
    "revoked": Rank(22.1, 22.1),
    "exhausted": Rank(22.2, 22.2),
    "unknown resource": Rank(22.3, 35.5),
    "foreign resource": Rank(22.4, 34),
    "left out range": Rank(22.45, 36),
    "left out": Rank(22.5, 36.1),
    "past maximum": Rank(22.6, 42),
    "outside enum": Rank(22.7, 44),
    "short list": Rank(22.8, 28),
    "second page": Rank(22.81, 28.1),
    "no key": Rank(23, 29.5),
    "bad key": Rank(23.1, 29.4),
    "unknown path": Rank(23.2, 23.2),
    "wrong method": Rank(23.3, 88),
    "wrong type": Rank(23.4, 70.5),
    "past minimum": Rank(23.5, 70.2),
    "long text": Rank(29, 80),
    "odd text": Rank(29.1, 81),
    "defaults range": Rank(29.2, 46),
    "defaults": Rank(23.8, 46.1),
    "cross rule": Rank(43, 43),
    "choice": Rank(24.1, 38),
    "seen value": Rank(24.2, 38),
    "nobody's value": Rank(24.3, 38),
    "middle range": Rank(24.4, 48),
    "malformed id": Rank(33.5, 82),
    "last page": Rank(31.5, 39),
    "free": Rank(41, 41),
    "noperm": Rank(33, 33),
    "other key": Rank(50, 72),
    "other bad key": Rank(51, 73),
    "another resource": Rank(32, 71.5),
    "own resource": Rank(75, 75),
    "again": Rank(52, 76),
    "missing": Rank(55, 55),
    "lowest": Rank(45, 74),
    "bound": Rank(56, 74.5),
    "other wrong type": Rank(77, 77),
    "range": Rank(78, 78),
    "past the end": Rank(79, 79),
    "repeated": Rank(57, 84),
    "empty": Rank(57.1, 85),
    "head": Rank(58, 89),
}


def ordered(steps: list[Step]) -> list[Step]:
    """The steps in the order of sending; those of a kind keep their own order."""
    seen: dict[str, int] = {}
    found: list[Step] = []
    for step in steps:
        rank = RANKS[step.kind]
        index = seen.get(step.kind, 0)
        seen[step.kind] = index + 1
        place = rank.early if index == 0 else rank.late
        found.append(replace(step, rank=place + index / 1000, essential=place < EXTRA))
    return sorted(found, key=lambda step: step.rank)
