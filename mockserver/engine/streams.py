"""Streaming answers (server-sent events), limited in number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Stream:
    """A streaming answer. `replaced` is True if it ends to make room for a newer one."""

    def __init__(self, end: Callable[[], object]) -> None:
        self.end = end
        self.replaced = False


class Streams:
    """The open streams, at most a quarter of a server's connections. Beyond that the oldest ends.

    The server cannot see which browser tabs are in use; the newest most likely is.
    """

    def __init__(self, connections: int) -> None:
        self.most = max(1, connections // 4)
        self._open: dict[Stream, None] = {}

    @contextmanager
    def hold(self, end: Callable[[], object]) -> Iterator[Stream]:
        """Register a stream for the time of the block. `end` is called to end it early."""
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
