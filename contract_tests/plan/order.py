"""The order of a plan: what each request can still reveal, most first.

A request reveals aspects of a server. A defect sits either in code that all operations share, and then the first
request of an aspect shows it, wherever it is sent; or in one operation, and then only that operation's request does.
Each aspect has a gain for both. The plan takes again and again the request with the highest gain in aspects that no
earlier request reveals: a greedy cover, so a small budget is spent on what is broken most often.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from heapq import heapify, heappop, heappush

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
    queue = _Queue(pool, gains)
    met: set[str] = set()
    chosen: list[Step] = []
    while len(chosen) < len(pool):
        index = queue.take()
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


class _Queue:
    """The requests that wait; `gains`, which only fall, may change between two of them."""

    def __init__(self, pool: list[Step], gains: list[float]) -> None:
        self._gains = gains
        self._marks = [((step.operation, step.kind), ("", step.kind)) for step in pool]
        self._ahead = Counter(mark for marks in self._marks for mark in marks)
        self._before = [_before(step) for step in pool]
        self._behind: dict[tuple[str, str], list[int]] = defaultdict(list)
        for index, marks in enumerate(self._before):
            for mark in marks:
                self._behind[mark].append(index)
        self._waiting: dict[int, None] = dict.fromkeys(range(len(pool)))
        self._free = [self._entry(index) for index in self._waiting if self._is_free(index)]
        heapify(self._free)

    def take(self) -> int:
        """Return the request with the highest gain whose predecessors were sent; of equals, the one planned first."""
        index = next(iter(self._waiting))  # where all of them wait for each other
        while self._free:
            entry = heappop(self._free)
            if entry[1] not in self._waiting:
                continue
            if entry == self._entry(entry[1]):
                index = entry[1]
                break
            heappush(self._free, self._entry(entry[1]))
        del self._waiting[index]
        for mark in self._marks[index]:
            self._ahead[mark] -= 1
            if not self._ahead[mark]:
                for other in self._behind[mark]:
                    if other in self._waiting and self._is_free(other):
                        heappush(self._free, self._entry(other))
        return index

    def _entry(self, index: int) -> tuple[float, int]:
        return -round(self._gains[index], 6), index

    def _is_free(self, index: int) -> bool:
        return not any(self._ahead[mark] for mark in self._before[index])


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
