"""The interface to everything that changes while the server runs: spaces, and the state that holds them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, NamedTuple, Protocol

from mockserver.journal.journal import Journal
from mockserver.limits.quota import Quota
from mockserver.limits.spending import Spending
from mockserver.pipeline.world import World
from mockserver.scenarios.fault_state import FaultState
from mockserver.state.spaces import Spaces


class Space(World, Protocol):
    """A world with a journal and a fault state.

    `journal` is None if requests are not recorded, `fault_state` is None without faults and scenarios.
    """

    journal: Journal | None
    fault_state: FaultState | None

    async def refresh(self) -> None:
        """Read the changes made by other processes."""
        ...

    async def exchange(self, spendings: Sequence[Spending | None], since: float) -> list[Quota | None] | None:
        """Count requests, the oldest of which waits `since` (performance counter), and publish what is new at once.

        Returns None, and counts nothing, if the space was changed after the requests were judged; it reads the changes.
        """
        ...

    def transaction(self) -> AbstractAsyncContextManager[None]:
        """Return a context with exclusive access across processes, except for rate-limit counters.

        Changes are published on exit. On an error they are discarded, unless the space is `local`.
        """
        ...

    async def publish(self) -> None:
        """Send tracked events and journal entries to the shared state; from then on they count."""
        ...

    def discard(self) -> None:
        """Discard tracked events that were not published."""
        ...

    async def reset(self) -> None:
        """Reset clock, settings, counters, tracked events, faults, scenarios, keys and journal."""
        ...


class StateError(Exception):
    """The shared state is unavailable; the message is one line."""


class RefusedStateError(StateError):
    """The shared state rejects a command: it is full, read-only, loading, or serves other contracts."""


class DamagedStateError(RefusedStateError):
    """The shared data was not written by this version; a reset of the space repairs it."""


class SpaceCounts(NamedTuple):
    """The number of test spaces, and their bounds. `evicted` counts spaces removed because `most` was reached."""

    held: int
    most: int
    idle_seconds: float
    evicted: int


class State(Protocol):
    """The storage of spaces: in this process's memory if `local`, otherwise at `address`."""

    local: bool
    address: str

    def space(self, test: bytes = b"") -> Space:
        """Return this process's view of the space of a test, or of the server's own space."""
        ...

    async def tests(self, here: Spaces[Any], /) -> list[bytes]:
        """Return the names of tests that have a space in any process. `here` are those of this process."""
        ...

    async def count_tests(self, here: Spaces[Any], /) -> SpaceCounts:
        """Return the number of test spaces and their bounds."""
        ...

    async def check(self) -> None:
        """Check that the state is available.

        Raises:
            StateError: The state is unavailable.
        """
        ...

    async def start(self) -> None:
        """Begin to serve: from now on other servers know of this one."""
        ...

    async def close(self) -> None:
        """Stop serving and close the connections."""
        ...


InitialFaults = Callable[[], FaultState | None]
"""A function that returns the fault state of a new space."""
