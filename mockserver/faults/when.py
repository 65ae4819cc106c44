"""The conditions of a fault rule: which of its matching requests get the fault."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class When:
    """The conditions of a fault rule; all given ones must hold. `since` and `until`: epoch seconds of the mock's clock.

    Requests outside of the interval are not counted. Of the others the first `after` pass; then every `every`th gets
    the fault, with `probability` (random by `seed`), at most `times` times.
    """

    times: int | None = None
    every: int = 1
    after: int = 0
    probability: float | None = None
    seed: int = 0
    since: float | None = None
    until: float | None = None

    def covers(self, now: float) -> bool:
        """Whether an instant (epoch seconds) is within `since` and `until`."""
        return (self.since is None or now >= self.since) and (self.until is None or now < self.until)

    def strikes(self, number: int, struck: int) -> bool:
        """Whether the `number`th request (from 1) gets the fault, after `struck` earlier ones did."""
        place = number - self.after
        if place <= 0 or place % self.every or (self.times is not None and struck >= self.times):
            return False
        return self.probability is None or Random(f"{self.seed}/{number}").random() < self.probability

    def spent(self, struck: int) -> bool:
        """Whether `times` is used up."""
        return self.times is not None and struck >= self.times
