"""The initial state of every space, from `--scenario` and `--fault`: at start, after a reset and in a new test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from apicontract.document import PlainLoader
from mockserver.faults.reading import read_rule, text_members
from mockserver.form import BadInputError, Form
from mockserver.pipeline.api import Api
from mockserver.pipeline.pipeline import Pipeline
from mockserver.scenarios.actions import ClockChange, LimitsChange, read_clock, read_limits
from mockserver.scenarios.catalogue import ready_scenario
from mockserver.scenarios.fault_state import FaultState
from mockserver.scenarios.running import Running
from mockserver.scenarios.scenario import Scenario, read_scenario
from mockserver.state.space import Space

JSON = Any
FILE_MEMBERS = ("description", "clock", "limits", "faults", "scenarios", "start")


class SetupError(Exception):
    """A scenario file or an option is invalid; the message is one line."""


@dataclass(slots=True)
class Setup:
    """The initial state of a space. `faults` are parsed for each space, because their times count from its creation."""

    clock: list[ClockChange] = field(default_factory=list)
    limits: list[LimitsChange] = field(default_factory=list)
    faults: list[JSON] = field(default_factory=list)
    defined: dict[str, Scenario] = field(default_factory=dict)
    start: list[Scenario] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to apply."""
        return not (self.clock or self.limits or self.faults or self.defined or self.start)

    async def apply(self, pipeline: Pipeline[Space]) -> None:
        """Apply the initial state to a space."""
        for clock in self.clock:
            clock.apply(pipeline.space.clock)
        for limits in self.limits:
            await limits.apply(pipeline.space, pipeline.apis)
        fault_state = FaultState(defined=dict(self.defined))
        for fault in self.faults:
            fault_state.arm(read_rule(fault, pipeline.apis, pipeline.space.clock.now()))
        pipeline.space.fault_state = fault_state
        for scenario in self.start:
            fault_state.running[scenario.name] = Running(scenario)
            await fault_state.running[scenario.name].start(pipeline.space, pipeline.apis)
        if fault_state.is_empty:
            pipeline.space.fault_state = None


def check_setup(setup: Setup, pipeline: Pipeline[Space]) -> None:
    """Apply the initial state to a temporary in-memory space, to find errors at start. Such a space never waits.

    Raises:
        SetupError: The initial state cannot be applied.
    """
    try:
        setup.apply(pipeline).send(None)
    except StopIteration:
        return
    except BadInputError as error:
        raise SetupError(f"--scenario: {error.parameter}: {error}") from None


def read_setup(scenarios: Sequence[str], faults: Sequence[str], apis: Sequence[Api]) -> Setup:
    """Read the options: scenario files or names of ready scenarios, and one-line faults.

    Raises:
        SetupError: An option is invalid; the message names file or option, member and valid values.
    """
    setup = Setup()
    for text in scenarios:
        try:
            if not Path(text).is_file():
                setup.start.append(ready_scenario(text, apis))
            else:
                _read_file(Path(text), setup, apis)
        except BadInputError as error:
            where = f"{error.parameter}: " if error.parameter else ""
            raise SetupError(f"--scenario {text}: {where}{error}") from None
    for text in faults:
        try:
            members = text_members(text)
            read_rule(members, apis, 0.0)
        except BadInputError as error:
            raise SetupError(f"--fault {text!r}: {error}") from None
        setup.faults.append(members)
    return setup


def _read_file(path: Path, setup: Setup, apis: Sequence[Api]) -> None:
    try:
        value = yaml.load(path.read_text("utf-8"), PlainLoader)  # noqa: S506 - a safe loader of the project's own
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError("", f"cannot be read: {error}", ["a YAML file"]) from None
    except yaml.YAMLError as error:
        raise BadInputError("", f"is not YAML: {' '.join(str(error).split())}", ["a YAML file"]) from None
    if isinstance(value, dict) and ("steps" in value or "rules" in value):
        setup.start.append(read_scenario(value, "" if value.get("name") else path.stem, apis))
        return
    form = Form(value, FILE_MEMBERS)
    if "clock" in form:
        setup.clock.append(_inside("clock", read_clock, form.raw("clock")))
    for key, limits in _mapping(form, "limits").items():
        setup.limits.append(_inside(f"limits.{key}", read_limits, limits, str(key), tuple(apis)))
    for index, fault in enumerate(form.items("faults")):
        _inside(f"faults[{index}]", read_rule, fault, apis, 0.0)
        setup.faults.append(fault)
    for name, scenario in _mapping(form, "scenarios").items():
        setup.defined[str(name)] = _inside(f"scenarios.{name}", read_scenario, scenario, str(name), apis)
    for name in form.items("start"):
        found = setup.defined.get(str(name))
        setup.start.append(found if found is not None else _inside("start", ready_scenario, str(name), apis))


def _mapping(form: Form, name: str) -> dict[Any, JSON]:
    value = form.raw(name)
    if value is not None and not isinstance(value, dict):
        raise BadInputError(name, f"{name} must be an object, not {str(value)[:80]!r}", ["an object"])
    return value or {}


def _inside(place: str, read: Any, *arguments: Any) -> Any:
    try:
        return read(*arguments)
    except BadInputError as error:
        raise error.inside(place) from None
