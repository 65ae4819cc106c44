"""How many requests may still be sent. Every request is counted, whatever it is for."""

from __future__ import annotations

from dataclasses import dataclass


class BudgetSpentError(Exception):
    """No further request may be sent."""


@dataclass(slots=True)
class Budget:
    """The number of requests that may be sent in `total`, and of those that were `spent`."""

    total: int
    spent: int = 0

    @property
    def left(self) -> int:
        """Requests that may still be sent."""
        return self.total - self.spent

    def take(self) -> int:
        """Count one request and return its number.

        Raises:
            BudgetSpentError: there is none left.
        """
        if self.left <= 0:
            raise BudgetSpentError(f"all {self.total} requests are spent")
        self.spent += 1
        return self.spent
