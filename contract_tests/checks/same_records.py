"""One resource in many places: described alike wherever it is shown, and the one that was asked for."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from apicontract import Contract, Operation, Parameter
from contract_tests.checks.guard import guarded
from contract_tests.checks.provenance import answer_facts
from contract_tests.model.clause import Clause, Ground, Guess, Judgement
from contract_tests.reading.records import excerpt, folded, same_name
from contract_tests.reading.traffic import Traffic, View

JSON = Any
ALIKE = Clause("CT505", "{name} {member}", "a record is the same wherever it is shown")
ASKED = Clause("CT505", "{name} asked", "an answer shows the resource that was asked for")
_MOVING = re.compile(r"last|updated|seen|status|active_|timestamp|now", re.IGNORECASE)


_UNNAMED = Guess("that a parameter names the resource is taken from its name")


def _resource_of(contract: Contract, name: str) -> Ground:
    """Return what says that a path parameter names a resource: `x-resource`, else only its name."""
    parameter = _resource_parameters(contract).get(name)
    return parameter if parameter is not None and parameter.resource is not None else _UNNAMED


def _resource_parameters(contract: Contract) -> dict[str, Parameter]:
    return {
        parameter.name: parameter
        for operation in contract.operations
        for parameter in operation.parameters
        if parameter.location == "path"
    }


@guarded
def same_records(traffic: Traffic) -> Iterator[Judgement]:
    """Judge that a resource is described alike wherever it is shown, and that an answer shows the one asked for."""
    seen: dict[tuple[str, str, str], dict[JSON, View]] = defaultdict(dict)
    for view in traffic.views:
        if not view.comparable or view.operation is None:
            continue
        yield from _is_the_asked_one(traffic.contract, view.operation, view)
        for name, parameter in _resource_parameters(traffic.contract).items():
            known = set(traffic.ids(next(o for o in traffic.contract.operations if parameter in o.parameters), name))
            for path, record in view.records:
                identity = next(
                    (str(v) for k, v in record.items() if same_name(k, name) or (k == "id" and str(v) in known)), None
                )
                if identity is None or identity not in known or not _describes(path, record, name):
                    continue
                for key, value in record.items():
                    if isinstance(value, (str, bool)) and not _MOVING.search(key):
                        seen[name, identity, folded(key)].setdefault(_normal(value), view)
    yield from _alike(traffic.contract, seen)


def _alike(contract: Contract, seen: Mapping[tuple[str, str, str], Mapping[JSON, View]]) -> Iterator[Judgement]:
    """Judge each member of each resource, one resource for each clause."""
    judged: set[str] = set()
    for (name, identity, member), by_value in seen.items():
        values, views = list(by_value), list(by_value.values())
        facts = [fact for view in views if view.operation for fact in answer_facts(view.operation)]
        clause = ALIKE.about(
            views[1].operation if len(views) > 1 else None,
            *facts,
            _resource_of(contract, name),
            name=name,
            member=member,
        )
        if clause.id in judged:
            continue
        judged.add(clause.id)
        yield clause.holds(
            len(values) == 1,
            *views[:2],
            message=f"{member} of {identity} is {excerpt(values[0], 60)} in one answer "
            f"and {excerpt(values[-1], 60)} in another",
            expected=excerpt(values[0]),
            seen=excerpt(values[-1]),
            may_be_concurrent_change=True,
        )


def _describes(path: tuple[str, ...], record: Mapping[str, JSON], name: str) -> bool:
    """Return whether an object is the resource itself, not a record about it that carries its id."""
    stem = folded(name).removesuffix("id")
    last = _last_member(path)
    return (bool(stem) and last.startswith(stem)) or (not last and "name" in record)


def _last_member(path: tuple[str, ...]) -> str:
    return next((folded(step) for step in reversed(path) if step != "*"), "")


def _normal(value: JSON) -> JSON:
    """Return an instant in one of its spellings, any other value as it is."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT.*", value):
        return re.sub(r"\.0+(?=Z|[+-])", "", value).replace("+00:00", "Z")
    return value


def _is_the_asked_one(contract: Contract, operation: Operation, view: View) -> Iterator[Judgement]:
    for name, asked in view.resource:
        strays = [
            (".".join((*path, key)), value)
            for path, record in view.records
            for key, value in record.items()
            if _names_resource(path, key, name) and isinstance(value, (str, int)) and str(value) != asked
        ]
        place, value = strays[0] if strays else ("", None)
        yield ASKED.about(operation, *answer_facts(operation), _resource_of(contract, name), name=name).holds(
            not strays,
            view,
            message=f"{place} is {'' if value is None else value}, requested was {asked}",
            expected=asked,
            seen=value,
        )


def _names_resource(path: tuple[str, ...], key: str, name: str) -> bool:
    """Return whether a member holds the id of the resource that a path parameter names."""
    if key != "id":
        return same_name(key, name)
    stem = folded(name).removesuffix("id")
    return bool(stem) and _last_member(path) == stem and "*" not in path
