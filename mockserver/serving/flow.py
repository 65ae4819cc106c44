"""When a connection is read, and how it is closed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sized

from uvicorn.protocols.http.flow_control import FlowControl


class Flow(FlowControl):
    """Reads on only where a request that comes in can be begun, and its answer written."""

    def __init__(self, transport: asyncio.Transport, waiting: Sized) -> None:
        super().__init__(transport)
        self._waiting = waiting

    def resume_reading(self) -> None:
        """Read on, unless requests wait for those before them, or answers for the client to read them."""
        if not self._waiting and not self.write_paused:
            super().resume_reading()


class Lingering:
    """A transport under an answer that is sent before its request is complete: closed so that it may still be read."""

    def __init__(self, transport: asyncio.Transport, hang_up: Callable[[], None]) -> None:
        self.write, self.is_closing = transport.write, transport.is_closing
        self.close = hang_up
