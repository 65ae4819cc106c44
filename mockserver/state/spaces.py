"""Spaces of single tests on a shared server: made when first used, forgotten when nobody comes back."""

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
    """At most `most` at once; where one more is needed, the one that was not used for the longest time goes.

    `evicted` counts those that had to go before they were idle for `idle` seconds (of the machine's time: a test may
    turn its own clock as it likes).
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
        """The space of a test, made if there is none; None where the name is none. `is_secret`: it may not be shown."""
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
