"""The rarely changing part of a space as one JSON document: clock, settings, plans of keys, faults, scenarios.

Documents hold plain values, validated by type when read: data in Redis is never executed.
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


class ScenarioDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """The source of a scenario, and its progress if it runs."""

    name: str
    source: JSON
    snapshot: Snapshot | None = None


class FaultStateDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """A fault state."""

    faults: list[Armed] = []
    running: list[ScenarioDocument] = []
    defined: list[ScenarioDocument] = []
    delay: Fault | None = None
    count: int = 0
    delayed: int = 0


class Document(msgspec.Struct, frozen=True, omit_defaults=True):
    """The document of a space.

    `turned` is the version of the last change of the clock. `plans` holds, by key id, plans that differ from the
    fixtures.
    """

    frozen: float | None = None
    offset: float = 0.0
    turned: int = 0
    rate_limit: bool = True
    refused_plans: list[str] = []
    plans: dict[str, str] = {}
    fault_state: FaultStateDocument | None = None


_decoder = msgspec.json.Decoder(Document)


def encode(document: Document) -> bytes:
    """Return a document as JSON."""
    return msgspec.json.encode(document)


def decode(text: bytes) -> Document:
    """Parse a document. Call it inside `reading`."""
    document = _decoder.decode(text)
    if document.frozen is not None and not EARLIEST <= document.frozen <= LATEST:
        raise ValueError(f"the clock must be frozen between {EARLIEST} and {LATEST}, found {document.frozen}")
    if not abs(document.offset) <= LATEST:
        raise ValueError(f"the clock's offset must be at most {LATEST}, found {document.offset}")
    return document


class Reader:
    """Converts documents to the keys and fault states of the served APIs."""

    def __init__(self, apis: Sequence[Api]) -> None:
        self._apis = apis
        self._keys = {key.id: (api, key) for api in apis for key in api.keys.values()}
        self._scenarios: dict[tuple[str, bytes], Scenario] = {}

    def keys(self, plans: dict[str, str]) -> dict[str, Key]:
        """Return the keys with plans that differ from the fixtures."""
        found = ((self._keys.get(name), plan) for name, plan in plans.items())
        return {known[1].id: on_plan(*known, plan, every=True) for known, plan in found if known is not None}

    def fault_state(self, rules: FaultStateDocument) -> FaultState:
        """Return a fault state. Call it inside `reading`."""
        running = {}
        for told in rules.running:
            running[told.name] = one = Running(self._scenario(told))
            if told.snapshot is not None:
                one.resume(told.snapshot)
        defined = {told.name: self._scenario(told) for told in rules.defined}
        return FaultState(list(rules.faults), running, defined, rules.delay, rules.count, delayed=rules.delayed)

    def _scenario(self, told: ScenarioDocument) -> Scenario:
        name = (told.name, msgspec.json.encode(told.source))
        found = self._scenarios.get(name)
        if found is None:
            found = self._scenarios[name] = read_scenario(told.source, told.name, self._apis)
        return found


def encode_fault_state(fault_state: FaultState | None) -> FaultStateDocument | None:
    """Return a fault state as part of a document."""
    if fault_state is None:
        return None
    return FaultStateDocument(
        fault_state.faults,
        [
            ScenarioDocument(one.scenario.name, one.scenario.source, one.snapshot)
            for one in fault_state.running.values()
        ],
        [ScenarioDocument(one.name, one.source) for one in fault_state.defined.values()],
        fault_state.delay,
        fault_state.count,
        fault_state.delayed,
    )
