"""What of a space is small and rarely changes, as one JSON document: clock, settings, plans of keys, faults, scenarios.

Plain values only: whatever somebody else may have written into Redis is read by type, and nothing of it is run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from mockserver.dataset.accounts import Key
from mockserver.faults.fault import Fault
from mockserver.faults.rule import Armed
from mockserver.form import EARLIEST, LATEST
from mockserver.pipeline.api import Api
from mockserver.scenarios.actions import on_plan
from mockserver.scenarios.fault_state import FaultState
from mockserver.scenarios.running import Running, Snapshot
from mockserver.scenarios.scenario import Scenario, read_scenario

JSON = Any


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """The source of a scenario, and its progress if it runs."""

    name: str
    source: JSON
    snapshot: Snapshot | None = None


class Rules(msgspec.Struct, frozen=True, omit_defaults=True):
    """A fault state."""

    faults: list[Armed] = []
    running: list[Told] = []
    defined: list[Told] = []
    delay: Fault | None = None
    count: int = 0
    delayed: int = 0


class Document(msgspec.Struct, frozen=True, omit_defaults=True):
    """`turned`: the version in which the clock was last turned.

    `plans`: by id, of the keys that are not on the plans of the fixtures.
    """

    frozen: float | None = None
    offset: float = 0.0
    turned: int = 0
    rate_limit: bool = True
    refused_plans: list[str] = []
    plans: dict[str, str] = {}
    fault_state: Rules | None = None


_decoder = msgspec.json.Decoder(Document)


def encoded(document: Document) -> bytes:
    """As it is written."""
    return msgspec.json.encode(document)


def decoded(text: bytes) -> Document:
    """Return a document as it was written, inside `reading`."""
    document = _decoder.decode(text)
    if document.frozen is not None and not EARLIEST <= document.frozen <= LATEST:
        raise ValueError(f"the clock stands at {document.frozen}")
    if not abs(document.offset) <= LATEST:
        raise ValueError(f"the clock is off by {document.offset}")
    return document


class Reader:
    """Turns what documents tell into what a space has, for the APIs that are served."""

    def __init__(self, apis: Sequence[Api]) -> None:
        self._apis = apis
        self._keys = {key.id: (api, key) for api in apis for key in api.keys.values()}
        self._scenarios: dict[tuple[str, bytes], Scenario] = {}

    def keys(self, plans: dict[str, str]) -> dict[str, Key]:
        """Keys on other plans than the fixtures have them."""
        found = ((self._keys.get(name), plan) for name, plan in plans.items())
        return {known[1].id: on_plan(*known, plan, every=True) for known, plan in found if known is not None}

    def fault_state(self, rules: Rules) -> FaultState:
        """Return a fault state, inside `reading`."""
        running = {}
        for told in rules.running:
            running[told.name] = one = Running(self._scenario(told))
            if told.snapshot is not None:
                one.resume(told.snapshot)
        defined = {told.name: self._scenario(told) for told in rules.defined}
        return FaultState(list(rules.faults), running, defined, rules.delay, rules.count, delayed=rules.delayed)

    def _scenario(self, told: Told) -> Scenario:
        name = (told.name, msgspec.json.encode(told.source))
        found = self._scenarios.get(name)
        if found is None:
            found = self._scenarios[name] = read_scenario(told.source, told.name, self._apis)
        return found


def rules_of(fault_state: FaultState | None) -> Rules | None:
    """What a document tells of a fault state."""
    if fault_state is None:
        return None
    return Rules(
        fault_state.faults,
        [Told(one.scenario.name, one.scenario.source, one.snapshot) for one in fault_state.running.values()],
        [Told(one.name, one.source) for one in fault_state.defined.values()],
        fault_state.delay,
        fault_state.count,
        fault_state.delayed,
    )
