"""Values given twice or left empty: what a request that can be read in several ways may be answered with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from typing import Any

from apicontract import Parameter
from apicontract.parameters import MISSING, ParameterError
from contract_tests.checks.expectation import PRESENCE, expectation
from contract_tests.checks.guard import guarded
from contract_tests.checks.lists import judge_one
from contract_tests.checks.meaning import rules
from contract_tests.model.clause import Clause, Judgement
from contract_tests.reading.growth import only_grew
from contract_tests.reading.quota import server_now
from contract_tests.reading.records import MOMENTS, difference, without
from contract_tests.reading.ties import in_order_of
from contract_tests.reading.traffic import Traffic, View

JSON = Any
AMBIGUOUS = Clause(
    "CT311", "{detail}", "{detail}: refused as documented, or answered as if one of the values had been given"
)
_ELSEWHERE = frozenset({0, 414, 429, 431})
"""No answer, too many requests, a line that is too long: judged by other checks, or the server's own right."""


@guarded
def judge(traffic: Traffic) -> Iterator[Judgement]:
    """Judge every request whose only fault is a parameter that is given twice or left empty."""
    for view in traffic.views:
        if view.operation is None or view.operation.method != "GET" or view.method != "GET":
            continue
        if view.status in _ELSEWHERE or view.status >= 500 or view.role not in ("main", ""):
            continue
        names = ambiguous(view)
        if view.invalid is None or view.invalid[0].name not in names:
            continue
        expected = expectation(traffic, view)
        if expected.clause.code != PRESENCE.code:
            continue
        detail = expected.clause.detail
        clause = AMBIGUOUS.about(view.operation, detail=detail).standing_with(expected.clause)
        if not view.succeeded:
            yield clause.holds(
                view.status in expected.statuses,
                view,
                message=f"{detail}: answered {view.status}, neither a success nor the documented refusal",
                expected=sorted(expected.statuses),
                seen=view.status,
            )
        elif view.has_json:
            yield _answered(traffic, view, readings(view, names), clause)


def ambiguous(view: View) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Return the parameters that were given twice or empty, each with the texts that it can be taken for."""
    found: dict[str, tuple[tuple[str, ...], ...]] = {}
    for parameter in view.operation.parameters if view.operation else ():
        texts = view.given.get(parameter.name, ())
        if parameter.location == "query" and _is_ambiguous(parameter, texts):
            found[parameter.name] = tuple(dict.fromkeys((text,) if text else () for text in texts))
    return found


def _is_ambiguous(parameter: Parameter, texts: tuple[str, ...]) -> bool:
    return "array" not in parameter.types and (len(texts) > 1 or texts == ("",))


def readings(view: View, names: Mapping[str, tuple[tuple[str, ...], ...]]) -> list[View]:
    """Return the good requests that this one can be taken for."""
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
        found.append(replace(view, params=params, given=given, invalid=None))
    return found


def _answered(traffic: Traffic, view: View, meant: list[View], clause: Clause) -> Judgement:
    """Judge a success: it must fit one of the requests that were meant."""
    if not meant:
        return clause.unknown("none of the values would be accepted alone", view)
    faults = [_fault(traffic, reading) for reading in meant]
    message, other = next((fault for fault in faults if fault is not None), ("", None))
    return clause.holds(
        None in faults,
        *([other] if other is not None else []),
        view,
        message=f"{clause.detail}: the answer fits none of the values: {message}",
        expected="a refusal, or an answer to one of the values",
        seen=view.status,
        may_be_concurrent_change=other is not None,
    )


def _fault(traffic: Traffic, reading: View) -> tuple[str, View | None] | None:
    """Return what contradicts a reading of the request: the answer to the same request in clear, a rule or a list."""
    operation = reading.operation
    if operation is None:
        return None
    for other in traffic.comparable(operation.id):
        if other.resource == reading.resource and other.query == reading.query:
            left, right = without(other.json, MOMENTS), without(reading.json, MOMENTS)
            right = in_order_of(left, right)
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
