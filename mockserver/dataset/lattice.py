"""The distribution of values over a long sequence: the value of each item, and counts in any run, without stored items.

A sequence of `total` items in time order gets its values from a lattice: item i is at position
(step * i + offset) mod total; as `step` has no divisor in common with `total`, every position is taken exactly once.
Cutting the positions into cells as wide as each value's count therefore gives every value exactly its count over the
whole sequence, and, with a step near an irrational fraction of the total, nearly its share in every run. Nothing is
stored per item, and a run is counted in O(log total).
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from math import gcd

# One irrational per dimension, so that the dimensions of a sequence are not correlated.
GOLDEN = 0.6180339887498949
IRRATIONALS = (
    GOLDEN,
    0.4142135623730951,
    0.7320508075688772,
    0.2360679774997898,
    0.6457513110645906,
    0.3166247903553998,
    0.6055512754639891,
    0.1231056256176606,
)


def floor_sum(n: int, m: int, a: int, b: int) -> int:
    """Return the sum of floor((a * i + b) / m) for i in 0..n-1, by Euclid's algorithm; a, b >= 0, m > 0."""
    total = 0
    while True:
        if a >= m:
            total += (n - 1) * n // 2 * (a // m)
            a %= m
        if b >= m:
            total += n * (b // m)
            b %= m
        top = a * n + b
        if top < m:
            return total
        n, b = divmod(top, m)
        m, a = a, m


def coprime_step(total: int, irrational: float) -> int:
    """Return the number nearest to irrational * total that is coprime to total."""
    target = max(1, round(total * irrational))
    for distance in range(total + 1):
        for step in (target + distance, target - distance):
            if step > 0 and gcd(step, total) == 1:
                return step
    return 1


def apportion(weights: Sequence[int], total: int) -> tuple[int, ...]:
    """Return whole numbers in proportion to the weights that add up to total, by largest remainders.

    Raises:
        ValueError: All weights are zero.
    """
    weight_sum = sum(weights)
    if weight_sum == total:
        return tuple(weights)
    if not weight_sum:
        raise ValueError("all weights are zero")
    counts = [weight * total // weight_sum for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(weights[i] * total % weight_sum), i))
    for i in by_remainder[: total - sum(counts)]:
        counts[i] += 1
    return tuple(counts)


class Lattice:
    """The distribution of one dimension over a sequence: `counts[c]` items have value number c."""

    __slots__ = ("_prefix", "bounds", "offset", "step", "total")

    def __init__(self, counts: Iterable[int], *, irrational: float, offset: int) -> None:
        self.bounds = tuple(accumulate(counts))
        self.total = self.bounds[-1] if self.bounds else 0
        self.step = coprime_step(self.total, irrational) if self.total else 1
        self.offset = offset % self.total if self.total else 0
        self._prefix = lru_cache(maxsize=256)(self._count_prefix)

    def position(self, item: int) -> int:
        """Return the position of an item."""
        return (self.step * item + self.offset) % self.total

    def value(self, item: int) -> int:
        """Return the number of an item's value."""
        return bisect_right(self.bounds, (self.step * item + self.offset) % self.total)

    def below(self, end: int, bound: int) -> int:
        """Count the items 0..end-1 with a position below the bound."""
        if not end or not bound:
            return 0
        if bound >= self.total:
            return end
        if end == self.total:
            return bound
        total, step, offset = self.total, self.step, self.offset
        # A position is below the bound exactly where the two floors differ.
        return floor_sum(end, total, step, offset) - floor_sum(end, total, step, offset - bound + total) + end

    def prefix(self, end: int) -> tuple[int, ...]:
        """Count the items 0..end-1 by value. Cached, because the ends of dates repeat."""
        return self._prefix(end)

    def _count_prefix(self, end: int) -> tuple[int, ...]:
        if end == 0:
            return (0,) * len(self.bounds)
        below = [self.below(end, bound) for bound in self.bounds]
        return (below[0], *(high - low for low, high in pairwise(below)))
