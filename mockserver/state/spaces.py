"""Spaces of tests on a shared server: created on first use, removed when idle."""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")
MOST, IDLE_SECONDS = 1_000, 3_600.0
_NAME = re.compile(rb"[!-~](?:[ -~]{0,198}[!-~])?")
NAME_RULE = "1 to 200 printable ASCII characters, and no key or token"


class Spaces(Generic[T]):
    """An LRU cache of at most `most` spaces, removed after `idle` seconds without use.

    `evicted` counts spaces removed because `most` was reached. Idle time is that of the machine, as a test may change
    its own clock.
    """

    def __init__(
        self,
        make: Callable[[bytes], T],
        most: int = MOST,
        idle: float = IDLE_SECONDS,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make, self.most, self.idle, self._timer = make, most, idle, timer
        self._found: dict[bytes, T] = {}
        self._used: OrderedDict[bytes, float] = OrderedDict()
        self.evicted = 0

    def find(self, name: bytes, is_secret: Callable[[], bool] = lambda: False) -> T | None:
        """Return the space of a test, created if missing, or None if the name is invalid or `is_secret`."""
        now = self._timer()
        found = self._found.get(name)
        if found is not None and now - self._used[name] < self.idle:
            self._used[name] = now
            self._used.move_to_end(name)
            return found
        if not _NAME.fullmatch(name) or is_secret():
            return None
        self._forget(name)
        self._make_room(now)
        found = self._found[name] = self._make(name)
        self._used[name] = now
        return found

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[bytes]:
        return iter(tuple(self._found))

    def _make_room(self, now: float) -> None:
        while self._used:
            name, used = next(iter(self._used.items()))
            idle = now - used >= self.idle
            if not idle and len(self._used) < self.most:
                return
            self.evicted += not idle
            self._forget(name)

    def _forget(self, name: bytes) -> None:
        self._found.pop(name, None)
        self._used.pop(name, None)
