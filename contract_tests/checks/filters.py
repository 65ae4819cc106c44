"""Filters: their records match and are among all records; a value that no record has matches nothing."""

from __future__ import annotations

from collections.abc import Iterator

from apicontract import Operation, Parameter
from contract_tests.checks.guard import guarded
from contract_tests.checks.provenance import answer_facts
from contract_tests.model.clause import Clause, Judgement
from contract_tests.model.purposes import UNMATCHED
from contract_tests.reading.paging import effect_of, limit_of, paging_of, range_of
from contract_tests.reading.records import (
    MOMENTS,
    difference,
    excerpt,
    identity_of,
    is_count,
    keyed,
    mass,
    scalars_of,
    without,
)
from contract_tests.reading.traffic import Traffic, View

MATCHES = Clause("CT308", "{name}", "records match the filter {name}", rests="values")
NARROWS = Clause("CT308", "{name} narrows", "no count is higher with the filter {name} than without it", rests="values")
AMONG_ALL = Clause(
    "CT308", "{name} among all", "records that match the filter {name} are among all records", rests="values"
)
HAS_EFFECT = Clause(
    "CT308", "{name} has effect", "a value of {name} that no record has changes the answer", rests="values"
)


@guarded
def filters(traffic: Traffic, operation: Operation) -> Iterator[Judgement]:
    """Judge every text parameter that neither pages nor chooses a range."""
    paging = paging_of(operation).names
    for parameter in operation.parameters:
        if parameter.location != "query" or parameter.name in paging or range_of(operation) is parameter:
            continue
        if parameter.effect not in ("", "filter") or "string" not in parameter.types:
            continue
        for view in traffic.comparable(operation.id):
            if view.params.get(parameter.name) is not None and parameter.name in view.given:
                yield _matches(operation, parameter, view)
                yield from _against_unfiltered(traffic, operation, parameter, view)


def _about(clause: Clause, operation: Operation, parameter: Parameter) -> Clause:
    return clause.about(operation, *answer_facts(operation), effect_of(parameter), name=parameter.name)


def _matches(operation: Operation, parameter: Parameter, view: View) -> Judgement:
    value = view.params[parameter.name]
    strays = [
        keyed(item, parameter.name)
        for items in view.lists.values()
        for item in items
        if isinstance(item, dict) and keyed(item, parameter.name) not in (None, value)
    ]
    return _about(MATCHES, operation, parameter).holds(
        not strays,
        view,
        message=f"{parameter.name}={value} lists a record with {excerpt(strays[0]) if strays else ''}",
        expected=value,
        seen=strays[0] if strays else None,
    )


def _against_unfiltered(
    traffic: Traffic, operation: Operation, parameter: Parameter, view: View
) -> Iterator[Judgement]:
    """Compare a filtered answer with the first one to the same request without the filter."""
    rest = {name: value for name, value in view.query.items() if name != parameter.name}
    other = next(
        (
            other
            for other in traffic.comparable(operation.id)
            if other.resource == view.resource and parameter.name not in other.given and other.query == rest
        ),
        None,
    )
    if other is None:
        return
    more = [
        (path, count, all_)
        for (path, count) in scalars_of(view.json)
        for (place, all_) in scalars_of(other.json)
        if path == place and path and is_count(path[-1], count) and is_count(path[-1], all_) and count > all_
    ]
    path, count, all_ = more[0] if more else ((), None, None)
    yield _about(NARROWS, operation, parameter).holds(
        not more,
        other,
        view,
        message=f"{'.'.join(path)} is {count} with the filter and {all_} without it",
        expected=all_,
        seen=count,
        may_be_concurrent_change=True,
    )
    yield from _among_all(operation, parameter, view, other)
    if view.exchange.request.purpose.endswith(UNMATCHED) and mass(other.json) > 0:
        yield _about(HAS_EFFECT, operation, parameter).holds(
            difference(without(view.json, MOMENTS), without(other.json, MOMENTS)) is not None,
            other,
            view,
            message=f"{parameter.name} with {UNMATCHED} gives the same answer as without it",
            expected="another answer",
            seen="the same answer",
        )


def _among_all(operation: Operation, parameter: Parameter, view: View, whole: View) -> Iterator[Judgement]:
    """Judge that each record that a filter lets through is one of all records, where all of them were shown."""
    limit = limit_of(whole)
    for path, everything in whole.lists.items():
        some = view.lists.get(path, [])
        key = identity_of([*some, *everything])
        if key is None or not some or (limit is not None and len(everything) >= limit):
            continue
        known = {item[key] for item in everything}
        strange = next((item[key] for item in some if item[key] not in known), None)
        given = f"{parameter.name}={view.params[parameter.name]}"
        yield _about(AMONG_ALL, operation, parameter).holds(
            strange is None,
            whole,
            view,
            message=f"{key} {strange!r} is listed with {given} and missing without it",
            expected="one of all records",
            seen=strange,
            may_be_concurrent_change=True,
        )
