"""The order of a plan: what each request can still reveal, most first.

A request reveals aspects of a server. A defect sits either in code that all operations share, and then the first
request of an aspect shows it, wherever it is sent; or in one operation, and then only that operation's request does.
Each aspect has a gain for both. The plan takes again and again the request with the highest gain in aspects that no
earlier request reveals: a greedy cover, so a small budget is spent on what is broken most often.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from apicontract import Contract
from contract_tests.plan.coverage_order import KINDS, Aspect, aspects_of
from contract_tests.plan.step import Step

_WHOLE = ("wide", "list")


def ordered(steps: Iterable[Step], contract: Contract) -> list[Step]:
    """Return the steps in the order of sending, with their rank and whether a complete run needs them."""
    pool = list(steps)
    aspects = [aspects_of(step, contract) for step in pool]
    holders: dict[Aspect, list[int]] = defaultdict(list)
    for index, found in enumerate(aspects):
        for aspect in found:
            holders[aspect].append(index)
    gains = [sum(found.values()) for found in aspects]
    waiting = dict.fromkeys(range(len(pool)))
    met: set[str] = set()
    chosen: list[Step] = []
    while waiting:
        index = _next(waiting, pool, gains)
        del waiting[index]
        step = pool[index]
        needed = KINDS[step.kind].needed
        chosen.append(
            replace(
                step,
                rank=len(chosen) + 1.0,
                essential=needed == "every" or (needed == "first" and step.kind not in met),
            )
        )
        met.add(step.kind)
        for aspect in aspects[index]:
            for other in holders.pop(aspect, ()):
                gains[other] -= aspects[other][aspect]
    return chosen


def _next(waiting: Mapping[int, None], pool: list[Step], gains: list[float]) -> int:
    """Return the request with the highest gain whose predecessors were sent; of equals, the one planned first."""
    behind = {mark for index in waiting for mark in ((pool[index].operation, pool[index].kind), ("", pool[index].kind))}
    free = [index for index in waiting if not behind.intersection(_before(pool[index]))]
    return max(free, key=lambda index: (round(gains[index], 6), -index), default=next(iter(waiting)))


def _before(step: Step) -> list[tuple[str, str]]:
    """Return what is sent before a step, as operation and kind.

    Lists show which resources there are, and parts of a list are compared with the operation's largest answer.
    """
    found = [(step.operation, kind) for kind in step.after]
    if step.kind != "list":
        found.append(("", "list"))
    if step.which == "foreign" or step.kind == "own resource":
        found.append(("", "scoped list"))
    if KINDS[step.kind].good and step.kind not in _WHOLE:
        found += [(step.operation, kind) for kind in _WHOLE]
    return found
