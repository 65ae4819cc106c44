"""How many requests are held back: steps that a run does not need leave room for what was asked for by name."""

from __future__ import annotations

from collections.abc import Iterable

from contract_tests.checks.verdict import severity_of
from contract_tests.model.clause import Judgement
from contract_tests.model.options import Options
from contract_tests.plan.build import RESERVE, TRACKING
from contract_tests.plan.tracking import minutes_of_tracking

WALK = 14
"""Requests that it takes to find the end of a long list."""
_USUAL_LIMIT = 60
_AFTER_BURST = 8


class Allowance:
    """Computes how many requests of a budget are held back."""

    def __init__(self, options: Options) -> None:
        self._options = options

    @property
    def reserve(self) -> int:
        """Requests to reproduce findings with, once there is one."""
        return min(RESERVE, self._options.max_requests // 10)

    def for_confirmation(self, fails: Iterable[Judgement], *, certain: bool = False) -> int:
        """Return the requests held back to reproduce what is more than a note; `certain`: not explained by growth."""
        least = self._options.min_provenance
        wanted = any(
            severity_of(judgement.clause.provenance.level, least) != "info"
            and not (certain and judgement.may_be_concurrent_change)
            for judgement in fails
        )
        return self.reserve if wanted else 0

    def for_burst(self, limit: int | None) -> int:
        """Return the requests that spending a limit takes; `limit`: what the target announces, if it is known."""
        return (limit or _USUAL_LIMIT) + _AFTER_BURST if self._options.bursts else 0

    def for_tracking(self, *, begun: bool) -> int:
        """Return the requests that the tracking sequence still takes before it has begun."""
        tracks = self._options.writes and minutes_of_tracking(self._options.contract) > 0
        return TRACKING if tracks and not begun else 0

    def for_walks(self, lists: int, owed: int, left: int) -> int:
        """Return the requests that the ends of long lists take, if there is room beside the `owed` ones of the plan."""
        cost = lists * WALK + RESERVE
        wanted = lists and owed and "stateful" in self._options.phases and left - owed >= cost
        return cost if wanted else 0
