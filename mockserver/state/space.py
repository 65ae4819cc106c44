"""Everything that changes while the server runs, behind one small interface: spaces, and the state they live in."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, NamedTuple, Protocol

from mockserver.journal.journal import Journal
from mockserver.pipeline.world import World
from mockserver.scenarios.fault_state import FaultState
from mockserver.state.spaces import Spaces


class Space(World, Protocol):
    """A world of its own, with what is kept of its requests and what is set to go wrong with them.

    `journal` None: requests are not recorded. `fault_state`: the faults and scenarios that are set, or None.
    """

    journal: Journal | None
    fault_state: FaultState | None

    async def refresh(self) -> None:
        """Know what other processes have done to it until now."""
        ...

    def transaction(self) -> AbstractAsyncContextManager[None]:
        """No other process changes it meanwhile (counters apart), and at the end all know what was changed.

        Where the block fails, what was changed in it is forgotten, unless the space is `local`.
        """
        ...

    async def publish(self) -> None:
        """Let others know what was tracked and taken down here; it counts from then on."""
        ...

    def discard(self) -> None:
        """Forget what was tracked here and not published."""
        ...

    async def reset(self) -> None:
        """Be as at the start: clock, counters, tracked traffic, faults, scenarios, keys, journal."""
        ...


class StateError(Exception):
    """What processes share cannot be reached; one line says why."""


class RefusedStateError(StateError):
    """The shared state can be reached, but refuses: it is full, read-only or loading, or serves something else."""


class DamagedStateError(RefusedStateError):
    """What lies in the shared state was not written by this version; a reset of the space mends it."""


class Tests(NamedTuple):
    """How many spaces of tests there are; `evicted` of them had to go before they were idle for so long."""

    held: int
    most: int
    idle_seconds: float
    evicted: int


class State(Protocol):
    """Where spaces live. `local`: in this process's memory; otherwise at `address`."""

    local: bool
    address: str

    def space(self, test: bytes = b"") -> Space:
        """The space of a test, or the server's own: this process's view of it."""
        ...

    async def tests(self, here: Spaces[Any], /) -> list[bytes]:
        """The tests that have a space, in whatever process. `here`: those that this one has at hand."""
        ...

    async def figures(self, here: Spaces[Any], /) -> Tests:
        """How many there are."""
        ...

    async def check(self) -> None:
        """Whether it can be reached.

        Raises:
            StateError: it cannot.
        """
        ...

    async def close(self) -> None:
        """Hand over what is still on its way, and let go."""
        ...


Begin = Callable[[], FaultState | None]
"""What is set to go wrong in a new space."""
