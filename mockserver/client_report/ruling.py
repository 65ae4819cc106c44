"""A clause of good conduct, and what was ruled on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mockserver.client_report.knowledge import Knowledge
from mockserver.state.entry import Entry

SHOWN = 10
"""Pieces of evidence that a report shows at most; the first ones."""


class Verdict(StrEnum):
    """`not seen`: the traffic holds nothing that could prove or disprove it."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    NOT_SEEN = "not seen"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The entries that show it, by number, and what they show."""

    entries: tuple[int, ...]
    says: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """What was ruled on one clause: `evidence` for a fail where it was broken, for a pass where it was kept."""

    clause: str
    title: str
    verdict: Verdict
    evidence: tuple[Evidence, ...] = ()
    advice: str = ""


Judge = Callable[[Sequence[Entry], Knowledge], tuple[list[Evidence], list[Evidence]]]
"""The entries of one client, oldest first → where the clause was kept, where it was broken."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of good conduct. `advice`: how a client keeps it; `unseen`: what would have to happen to judge it."""

    id: str
    title: str
    advice: str
    unseen: str
    judge: Judge

    def rule(self, entries: Sequence[Entry], knowledge: Knowledge) -> Ruling:
        """Judge one client's traffic."""
        kept, broken = self.judge(entries, knowledge)
        if broken:
            return Ruling(self.id, self.title, Verdict.FAIL, tuple(broken), self.advice)
        if kept:
            return Ruling(self.id, self.title, Verdict.PASS, tuple(kept))
        return Ruling(self.id, self.title, Verdict.NOT_SEEN, (), self.unseen)
