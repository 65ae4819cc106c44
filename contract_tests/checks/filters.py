"""Filters: what they let through matches, is part of everything, and nothing for a value that nobody has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apicontract import Operation, Parameter
from apicontract.provenance import Provenance, weakest
from contract_tests.checks.judgement import Judgement, shown
from contract_tests.reading.paging import limit_of, paging_of, range_of
from contract_tests.reading.records import difference, identity_of, is_count, keyed, lists_of, scalars_of, without
from contract_tests.reading.traffic import Traffic, View

JSON = Any
MOMENTS = frozenset({"timestamp", "generated_at", "generatedAt", "request_id", "requestId", "server_time"})


def filters(traffic: Traffic, operation: Operation) -> Iterator[Judgement]:
    paging = paging_of(operation).names
    for parameter in operation.parameters:
        if parameter.location != "query" or parameter.name in paging or range_of(operation) is parameter:
            continue
        if not parameter.types & {"string"}:
            continue
        level = weakest(operation.provenance, parameter.provenance)
        for view in traffic.plain(operation.id):
            value = view.params.get(parameter.name)
            if value is None or parameter.name not in view.given:
                continue
            strays = [
                keyed(item, parameter.name)
                for items in lists_of(view.json).values()
                for item in items
                if isinstance(item, dict) and keyed(item, parameter.name) not in (None, value)
            ]
            yield Judgement(
                "CT308",
                operation.id,
                parameter.name,
                f"{parameter.name} filters",
                level,
                not strays,
                (view.number,),
                f"{parameter.name}={value} answers records with {shown(strays[0]) if strays else ''}",
                value,
                strays[0] if strays else None,
            )
            yield from _against_unfiltered(traffic, operation, parameter, view)


def _against_unfiltered(
    traffic: Traffic, operation: Operation, parameter: Parameter, view: View
) -> Iterator[Judgement]:
    """What a filter lets through is at most everything; and for a value nobody has it is nothing."""
    rest = {name: value for name, value in view.query.items() if name != parameter.name}
    level = weakest(operation.provenance, parameter.provenance)
    for other in traffic.plain(operation.id):
        if other.resource != view.resource or parameter.name in other.given or other.query != rest:
            continue
        more = [
            (path, count, all_)
            for (path, count) in scalars_of(view.json)
            for (place, all_) in scalars_of(other.json)
            if path == place and path and is_count(path[-1], count) and is_count(path[-1], all_) and count > all_
        ]
        yield Judgement(
            "CT308",
            operation.id,
            f"{parameter.name} narrows",
            f"{parameter.name} lets through no more than there is",
            level,
            not more,
            (other.number, view.number),
            f"{'.'.join(more[0][0]) if more else ''} is larger with the filter",
            more[0][2] if more else None,
            more[0][1] if more else None,
            shifty=True,
        )
        yield from _among_all(operation, parameter, level, view, other)
        if "nobody has" in view.exchange.request.purpose and mass(other.json) > 0:
            same = difference(without(view.json, MOMENTS), without(other.json, MOMENTS)) is None
            yield Judgement(
                "CT308",
                operation.id,
                f"{parameter.name} has effect",
                f"{parameter.name} filters",
                level,
                not same,
                (other.number, view.number),
                f"{parameter.name} changes nothing",
                "less",
                "the same",
            )
        return


def _among_all(
    operation: Operation, parameter: Parameter, level: Provenance, view: View, whole: View
) -> Iterator[Judgement]:
    """A record that a filter lets through is one of all records, where all of them were shown."""
    limit = limit_of(whole)
    for path, everything in lists_of(whole.json).items():
        some = lists_of(view.json).get(path, [])
        key = identity_of([*some, *everything])
        if key is None or not some or (limit is not None and len(everything) >= limit):
            continue
        known = {item[key] for item in everything}
        strange = next((item[key] for item in some if item[key] not in known), None)
        yield Judgement(
            "CT308",
            operation.id,
            f"{parameter.name} among all",
            f"what {parameter.name} lets through is part of what there is without it",
            level,
            strange is None,
            (whole.number, view.number),
            f"{key} {strange!r} is listed with {parameter.name}={view.params[parameter.name]} and missing without it",
            "one of all records",
            strange,
            shifty=True,
        )


def mass(body: JSON, *, records: bool = True) -> int:
    """How much data an answer shows, by its counts; a record without any counts as one."""
    total: int = sum(value for path, value in scalars_of(body) if path and is_count(path[-1], value))
    for items in lists_of(body).values():
        for item in items:
            if isinstance(item, dict):
                total += sum(value for name, value in item.items() if is_count(name, value)) or int(records)
    return total
