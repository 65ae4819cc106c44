"""When a fault strikes: always, at some of the requests it could strike at, or between two instants."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class When:
    """Every condition that is given must hold. `since` and `until` are instants of the mock's clock.

    Requests outside of the two instants are not counted; of the others the first `after` pass, then every `every`th is
    struck, with `probability` (drawn by `seed`), at most `times` times.
    """

    times: int | None = None
    every: int = 1
    after: int = 0
    probability: float | None = None
    seed: int = 0
    since: float | None = None
    until: float | None = None

    def covers(self, now: float) -> bool:
        """Whether an instant lies between the two."""
        return (self.since is None or now >= self.since) and (self.until is None or now < self.until)

    def strikes(self, number: int, struck: int) -> bool:
        """Whether the `number`th request (from 1) is struck, when `struck` before it were."""
        place = number - self.after
        if place <= 0 or place % self.every or (self.times is not None and struck >= self.times):
            return False
        return self.probability is None or Random(f"{self.seed}/{number}").random() < self.probability

    def spent(self, struck: int) -> bool:
        """Whether it can never strike again, whatever the clock does."""
        return self.times is not None and struck >= self.times
