"""Answers that go on for as long as somebody listens, and how many of them there may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Stream:
    """One such answer. `replaced`: it ends because a newer one took its place."""

    def __init__(self, end: Callable[[], object]) -> None:
        self.end = end
        self.replaced = False


class Streams:
    """A quarter of a server's connections at most; where all are taken, the oldest gives way.

    Nobody can tell a tab that was left open from one that is looked at, but the newest is looked at most likely.
    """

    def __init__(self, connections: int) -> None:
        self.most = max(1, connections // 4)
        self._open: dict[Stream, None] = {}

    @contextmanager
    def hold(self, end: Callable[[], object]) -> Iterator[Stream]:
        """Take a place for a stream, which `end` asks to end."""
        if len(self._open) >= self.most:
            oldest = next(iter(self._open))
            del self._open[oldest]
            oldest.replaced = True
            oldest.end()
        stream = Stream(end)
        self._open[stream] = None
        try:
            yield stream
        finally:
            self._open.pop(stream, None)
