"""Parameters between answers: defaults, accepted values, unknown parameters, filters, ranges without effect."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Any

from apicontract import Contract, Operation, Parameter
from contract_tests.checks.expectation import BOUND, ENUM, SUCCESS, TYPE, expectation, refusal_grounds
from contract_tests.checks.filters import filters
from contract_tests.checks.guard import guarded
from contract_tests.checks.provenance import answer_facts
from contract_tests.model.clause import Clause, Guess, Judgement
from contract_tests.reading.growth import only_grew
from contract_tests.reading.paging import effect_of, enum_of, is_volatile, limit_of, paging_of, range_of
from contract_tests.reading.quota import server_now
from contract_tests.reading.records import (
    MOMENTS,
    difference,
    excerpt,
    find_lists,
    identity_of,
    is_count,
    mass,
    scalars_of,
    without,
)
from contract_tests.reading.ties import in_order_of
from contract_tests.reading.traffic import Traffic, View

JSON = Any
DEFAULT = Clause("CT301", "{name}", "without {name}, its default {default} applies", rests="request")
ACCEPTED = Clause("CT302", "{value}", "{value} is accepted", rests="request")
UNKNOWN_PARAMETER = Clause("CT306", "unknown parameter", "an unknown parameter changes nothing", rests="request")
RANGE_HAS_EFFECT = Clause("CT310", "{name}", "{name} changes the data", rests="values")
_STEADY = Guess("no document says that data stays the same between two requests")
REPEATED = Clause("CT503", "repeated", "the same request twice gives the same data", rests="request")


@guarded
def judge(traffic: Traffic) -> Iterator[Judgement]:
    """Judge what the contract says about parameters, as far as one status alone cannot show it."""
    for operation in traffic.contract.operations:
        if operation.method != "GET":
            continue
        yield from _accepted(traffic, operation)
        if not is_volatile(operation):
            yield from _same_request(traffic, operation)
            yield from filters(traffic, operation)
            yield from _idle_range(traffic, operation)


@guarded
def _accepted(traffic: Traffic, operation: Operation) -> Iterator[Judgement]:
    """Judge that values of enums and bounds are accepted, provided that the operation answers at all."""
    for view in _tried(traffic, operation):
        values = edges_of(view) if view.succeeded else suspects_of(traffic, view)
        for parameter, value, _ in values:
            yield ACCEPTED.about(operation, operation, parameter, value=value).holds(
                True if view.succeeded else False if len(values) == 1 else None,
                view,
                message=f"{value} was refused with {view.status}",
                expected="a success",
                seen=view.status,
                reason="" if view.succeeded else "refused together with another value, and not tried alone",
            )


def _tried(traffic: Traffic, operation: Operation) -> list[View]:
    """Return the requests that must succeed, simplest first; none where the operation never answers with a success."""
    views = [view for view in traffic.of(operation.id) if view.role in ("main", "") and view.invalid is None]
    if not any(view.succeeded for view in views):
        return []
    answered = [view for view in views if view.exchange.response is not None and view.status != 429]
    return sorted(
        (view for view in answered if expectation(traffic, view).clause.code == SUCCESS.code),
        key=lambda view: len(view.given),
    )


def suspects_of(traffic: Traffic, view: View) -> list[tuple[Parameter, str, str]]:
    """Return the values of a refused request that no other request shows to be accepted; see `edges_of`."""
    accepted = {
        (name, texts)
        for other in traffic.of(view.operation.id if view.operation else "")
        if other.succeeded and other.role in ("main", "")
        for name, texts in other.given.items()
    }
    return [
        (parameter, value, text)
        for parameter, value, text in edges_of(view)
        if (parameter.name, view.given[parameter.name]) not in accepted
    ]


def edges_of(view: View) -> list[tuple[Parameter, str, str]]:
    """Return the values of enums and the ends of bounds in a request's query: parameter, name of the value, text."""
    found = []
    for parameter in view.operation.parameters if view.operation else ():
        texts = view.given.get(parameter.name)
        value = edge_of(parameter, texts[0]) if texts and parameter.location == "query" else None
        if texts and value is not None:
            found.append((parameter, value, texts[0]))
    return found


def refused_together(traffic: Traffic) -> list[View]:
    """Return the requests that must succeed and were refused, where more than one value can be the reason."""
    return [
        view
        for operation in traffic.contract.operations
        if operation.method == "GET"
        for view in _tried(traffic, operation)
        if not view.succeeded and len(suspects_of(traffic, view)) > 1
    ]


def edge_of(parameter: Parameter, text: str) -> str | None:
    """Return the name of a value of an enum, or of an end of a range; None for any other value."""
    if text in [str(value) for value in enum_of(parameter)]:
        return f"{parameter.name}={text}"
    node = parameter.schema.resolved
    if isinstance(node, dict):
        for bound in ("minimum", "maximum"):
            if bound in node and text == str(node[bound]):
                return f"{parameter.name}={text} ({bound})"
    return None


@guarded
def _same_request(traffic: Traffic, operation: Operation) -> Iterator[Judgement]:
    """Compare requests that mean the same: defaults written out, unknown parameters added, or sent twice."""
    groups: dict[JSON, list[View]] = defaultdict(list)
    for view in traffic.comparable(operation.id):
        groups[view.resource, repr(sorted(view.query.items()))].append(view)  # values may be lists
    for views in groups.values():
        for one, other in pairwise(views):
            yield from _compare(operation, one, other)


def _compare(operation: Operation, one: View, other: View) -> Iterator[Judgement]:
    left, right = without(one.json, MOMENTS), without(other.json, MOMENTS)
    right = in_order_of(left, right)
    later = server_now(other) - server_now(one)
    found = difference(left, right, later=later)
    grown = found is not None and (only_grew(left, right, later=later) or only_grew(right, left, later=-later))
    # growth explains the difference, though a random one can look alike
    message = f"{found[0]} is {excerpt(found[1], 60)}, then {excerpt(found[2], 60)}" if found else ""
    clauses = _differences_between(operation, one, other)
    for clause in clauses[:1] if found else clauses:
        yield clause.holds(
            None if grown else found is None,
            one,
            other,
            message=f"two equivalent requests have different answers: {message}",
            expected=excerpt(found[1]) if found else None,
            seen=excerpt(found[2]) if found else None,
            reason="the data changed between the two requests" if grown else "",
            may_be_concurrent_change=True,
        )


def _differences_between(operation: Operation, one: View, other: View) -> list[Clause]:
    """Return the clauses that say of two requests that they mean the same."""
    clauses = []
    for name in sorted(set(one.query) & (set(one.given) ^ set(other.given))):
        parameter = next(each for each in operation.parameters if each.name == name)
        facts = operation, parameter, parameter.keyword("default")
        clauses.append(DEFAULT.about(operation, *facts, name=name, default=excerpt(parameter.default)))
    if set(one.unknown_parameters) ^ set(other.unknown_parameters):
        clauses.append(UNKNOWN_PARAMETER.about(operation, operation))
    return clauses or [REPEATED.about(operation, *answer_facts(operation), _STEADY)]


@guarded
def _idle_range(traffic: Traffic, operation: Operation) -> Iterator[Judgement]:
    """Judge a range that changes nothing here, though other operations show that the data of the ranges differs."""
    parameter, paging = range_of(operation), paging_of(operation)
    if parameter is None:
        return
    clause = RANGE_HAS_EFFECT.about(operation, *answer_facts(operation), effect_of(parameter), name=parameter.name)
    for one, other in combinations(traffic.comparable(operation.id), 2):
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
        yield clause.holds(
            not same,
            one,
            other,
            message=f"{a} and {b} give the same data, though other operations show that they differ",
            expected="different data",
            seen="the same data",
        )


def _is_full(view: View) -> bool:
    limit = limit_of(view)
    return limit is not None and any(len(items) >= limit for items in view.lists.values())


def _beginnings(figures: JSON, others: JSON) -> JSON:
    """Return the figures with every breakdown as long as the shorter one of both: how far both were shown.

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
    """Return the counts of an answer and its lists of records, without what repeats the request."""
    return {
        "counts": {".".join(path): value for path, value in scalars_of(body) if path and is_count(path[-1], value)},
        "lists": {".".join(path): items for path, items in find_lists(body).items()},
    }


def _differ_elsewhere(traffic: Traffic, operation: Operation, view: View, a: JSON, b: JSON) -> bool:
    """Return whether another operation shows clearly different amounts of data for two ranges."""
    for sibling in traffic.contract.operations:
        parameter = range_of(sibling)
        if sibling.id == operation.id or parameter is None:
            continue
        by: dict[JSON, int] = {}
        for other in traffic.comparable(sibling.id):
            if other.resource == view.resource and limit_of(other) is None:
                by[other.params.get(parameter.name)] = mass(other.json, records=False)
        if a in by and b in by and abs(by[a] - by[b]) > 0.2 * max(by[a], by[b]) and min(by[a], by[b]) > 20:
            return True
    return False


def universe(contract: Contract) -> Iterator[Clause]:
    """List every clause of this family that the contract holds."""
    for operation in contract.operations:
        for parameter in operation.parameters if operation.method == "GET" else ():
            if parameter.location == "query":
                yield from _clauses_of(contract, operation, parameter)


def _clauses_of(contract: Contract, operation: Operation, parameter: Parameter) -> Iterator[Clause]:
    """List the clauses that a parameter's schema states."""
    name, facts = parameter.name, (operation, parameter)
    node = parameter.schema.resolved if isinstance(parameter.schema.resolved, dict) else {}
    if "default" in node and not is_volatile(operation):
        yield DEFAULT.about(operation, *facts, name=name, default=repr(node["default"]))
    values = enum_of(parameter)
    for value in values:
        yield ACCEPTED.about(operation, *facts, value=f"{name}={value}")
    if values:
        yield ENUM.about(operation, *facts, name=name, wrong="outside its values")
    for bound, wrong in (("minimum", "below its minimum"), ("maximum", "above its maximum")):
        if bound in node:
            yield ACCEPTED.about(operation, *facts, value=f"{name}={node[bound]} ({bound})")
            refused = refusal_grounds(contract, parameter, wrong)
            yield BOUND.about(operation, *facts, *refused, name=name, wrong=wrong)
    if parameter.types & {"integer", "number"}:
        yield TYPE.about(operation, *facts, name=name, wrong="of a wrong type")
