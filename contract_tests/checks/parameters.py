"""Parameters between answers: defaults, accepted values, strangers, filters, ranges that do nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Any

from apicontract import Contract, Operation, Parameter
from apicontract.provenance import INFERRED, weakest
from contract_tests.checks.expectation import expectation, is_guessed
from contract_tests.checks.filters import MOMENTS, filters, mass
from contract_tests.checks.judgement import Judgement, shown
from contract_tests.checks.provenance import told_by
from contract_tests.reading.figures import server_now
from contract_tests.reading.growth import only_grew
from contract_tests.reading.paging import enum_of, is_volatile, limit_of, paging_of, range_of
from contract_tests.reading.records import (
    difference,
    identity_of,
    is_count,
    lists_of,
    scalars_of,
    without,
)
from contract_tests.reading.traffic import Traffic, View

JSON = Any


def judge(traffic: Traffic) -> Iterator[Judgement]:
    """Every statement about parameters that one status alone cannot show."""
    for operation in traffic.contract.operations:
        if operation.method != "GET":
            continue
        yield from _accepted(traffic, operation)
        if not is_volatile(operation):
            yield from _same_request(traffic, operation)
            yield from filters(traffic, operation)
            yield from _idle_range(traffic, operation)


def _accepted(traffic: Traffic, operation: Operation) -> Iterator[Judgement]:
    """Values of enums and bounds are accepted, provided that the operation answers at all."""
    for view in _tried(traffic, operation):
        values = edges_of(view) if view.succeeded else suspects_of(traffic, view)
        for parameter, detail, _ in values:
            guessed = is_guessed(parameter, "enum" if "(" not in detail else detail.rpartition("(")[2].rstrip(")"))
            level = INFERRED if guessed else weakest(operation.provenance, parameter.provenance)
            yield Judgement(
                "CT302",
                operation.id,
                detail,
                f"{detail} is accepted",
                level,
                True if view.succeeded else False if len(values) == 1 else None,
                (view.number,),
                f"{detail} is refused with {view.status}",
                "a success",
                view.status,
                reason="" if view.succeeded else "refused together with another value, and not tried alone",
            )


def _tried(traffic: Traffic, operation: Operation) -> list[View]:
    """Requests that must succeed, where the operation answers at all; what was tried alone shows it best."""
    views = [view for view in traffic.of(operation.id) if view.role in ("main", "") and view.refusal is None]
    if not any(view.succeeded for view in views):
        return []
    answered = [view for view in views if view.exchange.response is not None and view.status != 429]
    return sorted(
        (view for view in answered if expectation(traffic, view).code == "CT101"), key=lambda view: len(view.given)
    )


def suspects_of(traffic: Traffic, view: View) -> list[tuple[Parameter, str, str]]:
    """The values in a refused request that no other request shows to be accepted, with the clause of each."""
    accepted = {
        (name, texts)
        for other in traffic.of(view.operation.id if view.operation else "")
        if other.succeeded and other.role in ("main", "")
        for name, texts in other.given.items()
    }
    return [
        (parameter, detail, text)
        for parameter, detail, text in edges_of(view)
        if (parameter.name, view.given[parameter.name]) not in accepted
    ]


def edges_of(view: View) -> list[tuple[Parameter, str, str]]:
    """The values of enums and the ends of bounds in a request's query, with the clause of each."""
    found = []
    for parameter in view.operation.parameters if view.operation else ():
        texts = view.given.get(parameter.name)
        detail = edge_of(parameter, texts[0]) if texts and parameter.location == "query" else None
        if texts and detail is not None:
            found.append((parameter, detail, texts[0]))
    return found


def refused_together(traffic: Traffic) -> list[View]:
    """Requests that must succeed and were refused, and of whose values more than one can be the reason."""
    return [
        view
        for operation in traffic.contract.operations
        if operation.method == "GET"
        for view in _tried(traffic, operation)
        if not view.succeeded and len(suspects_of(traffic, view)) > 1
    ]


def edge_of(parameter: Parameter, text: str) -> str | None:
    """The clause that a value stands for: a value of an enum, or an end of a range."""
    if text in [str(value) for value in enum_of(parameter)]:
        return f"{parameter.name}={text}"
    node = parameter.schema.resolved
    if isinstance(node, dict):
        for bound in ("minimum", "maximum"):
            if bound in node and text == str(node[bound]):
                return f"{parameter.name}={text} ({bound})"
    return None


def _same_request(traffic: Traffic, operation: Operation) -> Iterator[Judgement]:
    """Requests that mean the same: defaults written out, strangers added, or the very same once more."""
    groups: dict[JSON, list[View]] = defaultdict(list)
    for view in traffic.plain(operation.id):
        groups[view.resource, tuple(sorted(view.query.items(), key=lambda pair: pair[0]))].append(view)
    for views in groups.values():
        for one, other in pairwise(views):
            yield from _compare(operation, one, other)


def _compare(operation: Operation, one: View, other: View) -> Iterator[Judgement]:
    left, right = without(one.json, MOMENTS), without(other.json, MOMENTS)
    later = server_now(other) - server_now(one)
    found = difference(left, right, later=later)
    names = sorted(set(one.query) & (set(one.given) ^ set(other.given)))
    strangers = sorted(set(one.strangers) ^ set(other.strangers))
    grown = found is not None and (only_grew(left, right, later=later) or only_grew(right, left, later=-later))
    # a random difference can look like growth; growth seen in a repetition as well is left alone
    message = f"{found[0]} is {shown(found[1], 60)}, then {shown(found[2], 60)}" if found else ""
    numbers = (one.number, other.number)
    clauses = []
    for name in names:
        parameter = next(each for each in operation.parameters if each.name == name)
        level = INFERRED if is_guessed(parameter, "default") else weakest(operation.provenance, parameter.provenance)
        clauses.append(("CT301", name, f"without {name} its default {shown(parameter.default)} holds", level))
    if strangers:
        clauses.append(("CT306", "unknown parameter", "an unknown parameter changes nothing", INFERRED))
    if not clauses:
        clauses.append(("CT503", "repeated", "the same request twice gives the same data", told_by(operation)))
    if found and len(clauses) > 1:
        clauses = clauses[:1]
    for code, detail, statement, level in clauses:
        ok = None if grown else found is None
        yield Judgement(
            code,
            operation.id,
            detail,
            statement,
            level,
            ok,
            numbers,
            f"two requests that mean the same differ: {message}",
            shown(found[1]) if found else None,
            shown(found[2]) if found else None,
            shifty=True,
            reason="the data grew in between" if grown else "",
        )


def _idle_range(traffic: Traffic, operation: Operation) -> Iterator[Judgement]:
    """A range that changes nothing here, though elsewhere it is seen that the data of the ranges differs."""
    parameter, paging = range_of(operation), paging_of(operation)
    if parameter is None:
        return
    level = weakest(operation.provenance, parameter.provenance)
    for one, other in combinations(traffic.plain(operation.id), 2):
        a, b = one.params.get(parameter.name), other.params.get(parameter.name)
        limits = dict.fromkeys((parameter.name, paging.limit.name if paging.limit else ""))
        if a == b or one.resource != other.resource or {**one.query, **limits} != {**other.query, **limits}:
            continue
        left, right = _figures(one.json), _figures(other.json)
        if limit_of(one) != limit_of(other) or _is_full(one) or _is_full(other):
            left, right = _beginnings(left, right), _beginnings(right, left)
        same = difference(left, right) is None
        if mass(left) == 0 or (same and not _differ_elsewhere(traffic, operation, one, a, b)):
            continue
        yield Judgement(
            "CT310",
            operation.id,
            parameter.name,
            f"{parameter.name} chooses the data",
            level,
            not same,
            (one.number, other.number),
            f"{a} and {b} give the same data, though other operations show that they differ",
            "different data",
            "the same data",
        )


def _is_full(view: View) -> bool:
    limit = limit_of(view)
    return limit is not None and any(len(items) >= limit for items in lists_of(view.json).values())


def _beginnings(figures: JSON, others: JSON) -> JSON:
    """The figures with every breakdown as long as the shorter one of both: how far both were shown.

    A list of single things, such as events, begins with the same ones in every range: it is left out.
    """
    lists = figures["lists"]
    return {
        **figures,
        "lists": {
            path: items[: len(others["lists"].get(path, items))]
            for path, items in lists.items()
            if _counts_groups(items)
        },
    }


def _counts_groups(items: list[JSON]) -> bool:
    key = identity_of(items)
    if key is None or key.lower().endswith("id") or key.lower() in ("date", "day"):
        return False
    return any(is_count(name, value) for item in items for name, value in item.items() if name != key)


def _figures(body: JSON) -> JSON:
    """The counts of an answer and its lists of records, without what echoes the request."""
    return {
        "counts": {".".join(path): value for path, value in scalars_of(body) if path and is_count(path[-1], value)},
        "lists": {".".join(path): items for path, items in lists_of(body).items()},
    }


def _differ_elsewhere(traffic: Traffic, operation: Operation, view: View, a: JSON, b: JSON) -> bool:
    for sibling in traffic.contract.operations:
        parameter = range_of(sibling)
        if sibling.id == operation.id or parameter is None:
            continue
        by: dict[JSON, int] = {}
        for other in traffic.plain(sibling.id):
            if other.resource == view.resource and limit_of(other) is None:
                by[other.params.get(parameter.name)] = mass(other.json, records=False)
        if a in by and b in by and abs(by[a] - by[b]) > 0.2 * max(by[a], by[b]) and min(by[a], by[b]) > 20:
            return True
    return False


def universe(contract: Contract) -> Iterator[Judgement]:
    """Every clause of this family that the contract holds."""
    for operation in contract.operations:
        for parameter in operation.parameters if operation.method == "GET" else ():
            if parameter.location == "query":
                level = weakest(operation.provenance, parameter.provenance)
                for code, detail, statement in _clauses_of(operation, parameter):
                    yield Judgement(code, operation.id, detail, statement, level, None)


def _clauses_of(operation: Operation, parameter: Parameter) -> Iterator[tuple[str, str, str]]:
    """Code, detail and statement of what a parameter's schema says."""
    name = parameter.name
    node = parameter.schema.resolved if isinstance(parameter.schema.resolved, dict) else {}
    if "default" in node and not is_volatile(operation):
        yield "CT301", name, f"without {name} its default {node['default']!r} holds"
    values = enum_of(parameter)
    for value in values:
        yield "CT302", f"{name}={value}", f"{name}={value} is accepted"
    if values:
        yield "CT305", f"{name} outside its values", f"{name} outside its values: answered 400"
    for bound, words in (("minimum", "below its minimum"), ("maximum", "above its maximum")):
        if bound in node:
            yield "CT302", f"{name}={node[bound]} ({bound})", f"{name}={node[bound]} is accepted"
            yield "CT303", f"{name} {words}", f"{name} {words}: answered 400"
    if parameter.types & {"integer", "number"}:
        yield "CT304", f"{name} of a wrong type", f"{name} of a wrong type: answered 400"
