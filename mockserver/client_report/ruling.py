"""A clause of the client report, and the ruling on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mockserver.client_report.knowledge import Knowledge
from mockserver.journal.entry import Entry

SHOWN = 10
"""Maximum number of pieces of evidence in a report."""


class Verdict(StrEnum):
    """The verdict on a clause. `not seen`: the traffic has no evidence for or against it."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    NOT_SEEN = "not seen"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Evidence for a ruling: the numbers of its journal entries, and what they show."""

    entries: tuple[int, ...]
    says: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """The ruling on one clause. `evidence`: the violations if it failed, else the requests that kept it."""

    clause: str
    title: str
    verdict: Verdict
    evidence: tuple[Evidence, ...] = ()
    advice: str = ""


Judge = Callable[[Sequence[Entry], Knowledge], tuple[list[Evidence], list[Evidence]]]
"""Takes the entries of one client, oldest first. Returns the evidence for and against the clause."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of the client report. `advice`: how to keep it. `unseen`: why it was not checked.

    `judges_chosen`: whether it also judges requests that chose an error by `Prefer`, or that the mock itself refused.
    What follows such a request, often tried by hand, is no reaction to an error of the API.
    """

    id: str
    title: str
    advice: str
    unseen: str
    judge: Judge
    judges_chosen: bool = False

    def rule(self, entries: Sequence[Entry], knowledge: Knowledge) -> Ruling:
        """Judge the entries of one client, oldest first."""
        if not self.judges_chosen:
            entries = [entry for entry in entries if not _is_chosen(entry)]
        kept, broken = self.judge(entries, knowledge)
        if broken:
            return Ruling(self.id, self.title, Verdict.FAIL, tuple(broken), self.advice)
        if kept:
            return Ruling(self.id, self.title, Verdict.PASS, tuple(kept))
        return Ruling(self.id, self.title, Verdict.NOT_SEEN, (), self.unseen)


def _is_chosen(entry: Entry) -> bool:
    return entry.status >= 400 and (bool(entry.preference) or entry.is_from_mock)
