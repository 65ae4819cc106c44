"""The judgements about the traffic of a run: broken clauses, and which of them were reproduced."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from math import inf

from contract_tests.checks.responses import judge_view
from contract_tests.checks.verdict import Judged, failures, judgements_of
from contract_tests.model.clause import Judgement
from contract_tests.model.events import Tell
from contract_tests.reading.traffic import Traffic, View
from contract_tests.run.confirmation import Ask, confirm


class Judging:
    """Judges the traffic while it grows, and once more at the end."""

    def __init__(self, traffic: Traffic, tell: Tell) -> None:
        self.judgements: list[Judgement] = []
        self.fails: dict[str, Judgement] = {}
        self._traffic, self._tell = traffic, tell
        self._doubtful: dict[str, str] = {}
        self._flaky: set[str] = set()
        self._up_to: tuple[int, int] | None = None

    def look(self, view: View) -> None:
        """Tell at once what one answer shows by itself; everything else is judged later."""
        for clause, judgement in failures(judge_view(self._traffic, view)).items():
            if clause not in self.fails:
                self.fails[clause] = judgement
                self._found(clause)

    def judge(self) -> None:
        """Judge the whole traffic, and tell what is new."""
        known = set(self.fails)
        self._judge()
        for clause in self.fails:
            if clause not in known:
                self._found(clause)

    def finish(self, seconds: float | None = None) -> None:
        """Judge the whole traffic for the last time, if anything has changed, in so many seconds.

        What was told already stays, also where there is no time to find it again.
        """
        if self._up_to != self._state:
            told = self.fails
            until = inf if seconds is None else time.monotonic() + seconds
            self._judge(lambda: time.monotonic() < until)
            if seconds is not None:
                self.fails = {**told, **self.fails}

    @property
    def _state(self) -> tuple[int, int]:
        return len(self._traffic.views), len(self._doubtful)

    def _judge(self, go_on: Callable[[], bool] = lambda: True) -> None:
        state, self._up_to = self._state, None
        self.judgements = judgements_of(self._traffic, go_on)
        broken = failures(self.judgements).items()
        self.fails = {clause: judgement for clause, judgement in broken if clause not in self._doubtful}
        self._up_to = state

    def _found(self, clause: str) -> None:
        self._tell("finding", f"{clause}: {self.fails[clause].message}")

    def confirm(self, room: int, ask: Ask) -> None:
        """Reproduce the failures, as far as there is room for it: `room` in requests."""
        found = confirm(self.fails, self._traffic, room, ask)
        self._doubtful.update(found.doubtful)
        self._flaky |= found.flaky

    def judged(self, reasons: Mapping[str, str]) -> Judged:
        """Return what was judged; `reasons`: why clauses were not checked."""
        return Judged(self.judgements, self.fails, self._doubtful, frozenset(self._flaky), reasons)
