"""Values given twice or left empty: what a request that can be read in several ways may be answered with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from typing import Any

from apicontract import Parameter
from apicontract.parameters import MISSING, ParameterError
from contract_tests.checks.expectation import expectation
from contract_tests.checks.filters import MOMENTS
from contract_tests.checks.judgement import Judgement
from contract_tests.checks.lists import judge_one
from contract_tests.checks.meaning import rules
from contract_tests.reading.figures import server_now
from contract_tests.reading.growth import only_grew
from contract_tests.reading.records import difference, without
from contract_tests.reading.traffic import Traffic, View

JSON = Any
_ELSEWHERE = frozenset({0, 414, 429, 431})
"""No answer, too many requests, a line that is too long: told by their own checks, or the server's own right."""


def judge(traffic: Traffic) -> Iterator[Judgement]:
    """Every request whose only fault is that a parameter stands in it twice, or empty."""
    for view in traffic.views:
        operation = view.operation
        if operation is None or view.refusal is None or operation.method != "GET" or view.method != "GET":
            continue
        names = ambiguous(view)
        if view.refusal[0].name not in names or view.status in _ELSEWHERE or view.status >= 500:
            continue
        if view.role not in ("main", ""):
            continue
        expected = expectation(traffic, view)
        if expected.code != "CT307":
            continue
        detail = expected.detail
        statement = f"{detail}: refused as documented, or answered as if one of the values had been given"
        if not view.succeeded:
            right = view.status in expected.statuses
            message = f"{detail}: answered {view.status}, neither a success nor the documented refusal"
            yield Judgement(
                "CT311",
                operation.id,
                detail,
                statement,
                expected.provenance,
                right,
                (view.number,),
                message,
                sorted(expected.statuses),
                view.status,
            )
        elif view.has_json:
            yield _answered(traffic, view, readings(view, names), detail, statement, expected.provenance)


def ambiguous(view: View) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Parameters that were given twice or empty → the texts they can be taken for."""
    found: dict[str, tuple[tuple[str, ...], ...]] = {}
    for parameter in view.operation.parameters if view.operation else ():
        texts = view.given.get(parameter.name, ())
        if parameter.location == "query" and _is_ambiguous(parameter, texts):
            found[parameter.name] = tuple(dict.fromkeys((text,) if text else () for text in texts))
    return found


def _is_ambiguous(parameter: Parameter, texts: tuple[str, ...]) -> bool:
    if "array" in parameter.types:
        return False
    return len(texts) > 1 or texts == ("",)


def readings(view: View, names: Mapping[str, tuple[tuple[str, ...], ...]]) -> list[View]:
    """The good requests that this one can be taken for."""
    found = []
    for choice in product(*names.values()):
        given = {**view.given, **dict(zip(names, choice, strict=True))}
        params: dict[str, JSON] = {}
        try:
            for parameter in view.operation.parameters if view.operation else ():
                if parameter.location == "query":
                    value = parameter.read(given.get(parameter.name, ()))
                else:
                    value = view.params.get(parameter.name, MISSING)
                if value is not MISSING:
                    params[parameter.name] = value
        except ParameterError:
            continue
        given = {name: texts for name, texts in given.items() if texts}
        found.append(replace(view, params=params, given=given, refusal=None))
    return found


def _answered(traffic: Traffic, view: View, meant: list[View], detail: str, statement: str, level: Any) -> Judgement:
    faults = [_fault(traffic, reading) for reading in meant]
    name = view.operation.id if view.operation else ""
    if not faults:
        why = "none of the values would be accepted alone"
        return Judgement("CT311", name, detail, statement, level, None, (view.number,), reason=why)
    right = any(fault is None for fault in faults)
    message, other = next((fault for fault in faults if fault is not None), ("", None))
    numbers = (other.number, view.number) if other is not None else (view.number,)
    return Judgement(
        "CT311",
        name,
        detail,
        statement,
        level,
        right,
        numbers,
        f"{detail}: the answer fits none of the values: {message}",
        "a refusal, or an answer to one of the values",
        view.status,
        shifty=other is not None,
    )


def _fault(traffic: Traffic, reading: View) -> tuple[str, View | None] | None:
    """What contradicts this reading of the request: a rule, a list, or the answer to the same request in clear."""
    operation = reading.operation
    if operation is None:
        return None
    for other in traffic.plain(operation.id):
        if other.resource == reading.resource and other.query == reading.query:
            left, right = without(other.json, MOMENTS), without(reading.json, MOMENTS)
            later = server_now(reading) - server_now(other)
            found = difference(left, right, later=later)
            grew = only_grew(left, right, later=later) or only_grew(right, left, later=-later)
            if found and not grew:
                return f"{found[0]} is not what request {other.number} was answered", other
            return None
    for judgement in (*rules(operation, reading), *judge_one(operation, reading)):
        if judgement.ok is False:
            return judgement.message, None
    return None
