"""One resource in many places: described alike wherever it is shown, and the one that was asked for."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from apicontract import Contract, Operation, Parameter
from apicontract.provenance import weakest
from contract_tests.checks.judgement import Judgement, shown
from contract_tests.checks.provenance import told_by
from contract_tests.reading.records import folded, records_of, same_name
from contract_tests.reading.traffic import Traffic, View

JSON = Any
_MOVING = re.compile(r"last|updated|seen|status|active_|timestamp|now", re.IGNORECASE)


def _resource_parameters(contract: Contract) -> dict[str, Parameter]:
    return {
        parameter.name: parameter
        for operation in contract.operations
        for parameter in operation.parameters
        if parameter.location == "path"
    }


def same_records(traffic: Traffic) -> Iterator[Judgement]:
    """A resource is described alike wherever it is shown, and an answer shows the one that was asked for."""
    facts: dict[tuple[str, str, str], dict[JSON, View]] = defaultdict(dict)
    for view in traffic.views:
        if not view.plain or view.operation is None:
            continue
        operation = view.operation
        yield from _is_the_asked_one(operation, view)
        for name, parameter in _resource_parameters(traffic.contract).items():
            known = set(traffic.ids(next(o for o in traffic.contract.operations if parameter in o.parameters), name))
            for path, record in records_of(view.json):
                identity = next(
                    (str(v) for k, v in record.items() if same_name(k, name) or (k == "id" and str(v) in known)), None
                )
                if identity is None or identity not in known or not _describes(path, record, name):
                    continue
                for key, value in record.items():
                    if isinstance(value, (str, bool)) and not _MOVING.search(key):
                        facts[name, identity, folded(key)].setdefault(_normal(value), view)
    verdicts: dict[str, Judgement] = {}
    for (name, identity, key), values in facts.items():
        views = list(values.values())
        numbers = tuple(view.number for view in views[:2])
        where = views[1].operation.id if len(views) > 1 and views[1].operation else ""
        right = len(values) == 1
        found = Judgement(
            "CT505",
            where,
            f"{name} {key}",
            "a record is the same wherever it is shown",
            weakest(*(told_by(view.operation) for view in views if view.operation)),
            right,
            numbers,
            f"{key} of {identity} is {' here and '.join(shown(value, 60) for value in list(values)[:2])} there",
            shown(next(iter(values))),
            shown(list(values)[-1]),
            shifty=True,
        )
        verdicts.setdefault(found.id, found)
    yield from verdicts.values()


def _describes(path: tuple[str, ...], record: Mapping[str, JSON], name: str) -> bool:
    """Whether an object is the resource itself, not a record about it that carries its id."""
    stem = folded(name).removesuffix("id")
    last = next((folded(step) for step in reversed(path) if step != "*"), "")
    return (bool(stem) and last.startswith(stem)) or (not last and "name" in record)


def _normal(value: JSON) -> JSON:
    """Instants that are written differently are one."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT.*", value):
        return re.sub(r"\.0+(?=Z|[+-])", "", value).replace("+00:00", "Z")
    return value


def _is_the_asked_one(operation: Operation, view: View) -> Iterator[Judgement]:
    for name, asked in view.resource:
        stem = folded(name).removesuffix("id")
        strays = []
        for path, record in records_of(view.json):
            last = next((folded(step) for step in reversed(path) if step != "*"), "")
            for key, value in record.items():
                own = key == "id" and bool(stem) and last == stem and "*" not in path
                if (
                    (own or (same_name(key, name) and key != "id"))
                    and isinstance(value, (str, int))
                    and str(value) != asked
                ):
                    strays.append((".".join((*path, key)), value))
        yield Judgement(
            "CT505",
            operation.id,
            f"{name} asked",
            "an answer shows the resource that was asked for",
            told_by(operation),
            not strays,
            (view.number,),
            f"{strays[0][0] if strays else ''} is {strays[0][1] if strays else ''}, asked was {asked}",
            asked,
            strays[0][1] if strays else None,
        )
