"""What answers mean together: the contract's rules, longer and shorter ranges, one record in many places."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations, product
from typing import Any

from contract_tests.checks.cel import RuleError, holds
from contract_tests.checks.judgement import Judgement, shown, weakest
from contract_tests.checks.paging import hours_of, paging_of, range_of
from contract_tests.checks.parameters import MOMENTS
from contract_tests.checks.records import (
    difference,
    folded,
    identity_of,
    is_count,
    lists_of,
    records_of,
    same_name,
    scalars_of,
)
from contract_tests.checks.traffic import Traffic, View
from mockserver.contract import Contract, Operation, Parameter
from mockserver.contract.rules import CrossRule, Wanted

JSON = Any
_MOVING = re.compile(r"last|updated|seen|status|active_|timestamp|now", re.IGNORECASE)
_MANY = 100


def judge(traffic: Traffic) -> Iterator[Judgement]:
    """Every rule, and what holds between answers of every API."""
    for operation in traffic.contract.operations:
        for view in traffic.of(operation.id):
            if view.succeeded and view.has_json and view.refusal is None:
                yield from _rules(operation, view)
        if operation.method == "GET":
            yield from _containment(traffic, operation)
            yield from _other_resource(traffic, operation)
    for rule in traffic.contract.cross_rules:
        yield from _cross(traffic, rule)
    yield from _same_records(traffic)


def _rules(operation: Operation, view: View) -> Iterator[Judgement]:
    variables = {"body": view.json, "params": dict(view.params), "headers": view.headers}
    for rule in operation.rules:
        right, reason = view.memo.get(f"rule/{rule.id}") or view.memo.setdefault(
            f"rule/{rule.id}", _said(rule.expression, variables)
        )
        yield Judgement(
            "CT501",
            operation.id,
            rule.id,
            rule.message,
            rule.provenance,
            right,
            (view.number,),
            rule.message,
            rule.expression,
            _evidence(view.json),
            reason=reason,
        )


def _said(expression: str, variables: Mapping[str, JSON]) -> tuple[bool | None, str]:
    try:
        return holds(expression, variables), ""
    except RuleError as error:
        return None, str(error)


def _evidence(body: JSON) -> str:
    return shown(body, 240)


def matches(view: View, wanted: Wanted) -> bool:
    """Whether a rule across operations speaks of an exchange: its parameters, all others at their default."""
    if not view.plain or view.operation is None or view.operation.id != wanted.operation or view.strangers:
        return False
    for name, value in view.query.items():
        parameter = view.operation.parameter(name)
        if name in wanted.parameters:
            if value != wanted.parameters[name]:
                return False
        elif parameter is not None and value != parameter.default:
            return False
    return all(name in view.params for name in wanted.parameters)


def _cross(traffic: Traffic, rule: CrossRule) -> Iterator[Judgement]:
    choices = {
        name: [view for view in traffic.of(wanted.operation) if matches(view, wanted)]
        for name, wanted in rule.exchanges.items()
    }
    names = list(choices)
    first = traffic.contract.operation(next(iter(rule.exchanges.values())).operation)
    seen: set[JSON] = set()
    for combination in product(*(choices[name] for name in names)):
        shared: dict[str, str] = {}
        if not all(shared.setdefault(key, value) == value for view in combination for key, value in view.resource):
            continue
        if tuple(sorted(shared.items())) in seen:
            continue
        seen.add(tuple(sorted(shared.items())))
        variables = {
            name: {"body": view.json, "params": dict(view.params), "headers": view.headers, "status": view.status}
            for name, view in zip(names, combination, strict=True)
        }
        right, reason = _said(rule.expression, variables)
        yield Judgement(
            "CT502",
            first.id,
            rule.id,
            rule.message,
            rule.provenance,
            right,
            tuple(view.number for view in combination),
            rule.message,
            rule.expression,
            reason=reason,
            shifty=True,
        )


def _containment(traffic: Traffic, operation: Operation) -> Iterator[Judgement]:
    """A longer range holds at least what a shorter one does, and the same on every day that both show."""
    parameter = range_of(operation)
    if parameter is None:
        return
    level = weakest(operation.provenance, parameter.provenance)
    ignored = paging_of(operation).names | {parameter.name}
    for one, other in combinations(traffic.plain(operation.id), 2):
        a, b = hours_of(one.params.get(parameter.name)), hours_of(other.params.get(parameter.name))
        if a is None or b is None or a == b or one.resource != other.resource:
            continue
        if any(one.query.get(name) != other.query.get(name) for name in {*one.query, *other.query} - ignored):
            continue
        short, long = (one, other) if a < b else (other, one)
        found = _shrinks(short.json, long.json)
        yield Judgement(
            "CT504",
            operation.id,
            parameter.name,
            "a longer range holds at least what a shorter one does",
            level,
            found is None,
            (short.number, long.number),
            f"{found[0]} is {found[1]} for {short.params[parameter.name]} "
            f"and {found[2]} for {long.params[parameter.name]}"
            if found
            else "",
            f"at least {found[1]}" if found else None,
            found[2] if found else None,
            shifty=True,
        )


def _shrinks(short: JSON, long: JSON) -> tuple[str, JSON, JSON] | None:
    longer = dict(scalars_of(long))
    for path, value in scalars_of(short):
        other = longer.get(path)
        if path and is_count(path[-1], value) and is_count(path[-1], other) and other < value:
            return ".".join(path), value, other
    lists = lists_of(long)
    for path, items in lists_of(short).items():
        others = lists.get(path, [])
        key = identity_of([*items, *others])
        if key is None or key.lower() in ("id", "uuid", "_id") or not items:
            continue
        by = {item[key]: item for item in others}
        edges = {edge for shown in (items, others) if shown for edge in _edges(shown, key)}
        for item in items:
            twin = by.get(item[key])
            if twin is None:
                continue
            dated = key.lower() in ("date", "day")
            for name, value in item.items():
                other = twin.get(name)
                if not is_count(name, value) or not is_count(name, other):
                    continue
                if other < value or (dated and other != value and str(item[key]) not in edges):
                    return f"{'.'.join(path)}[{item[key]}].{name}", value, other
    return None


def _edges(items: list[JSON], key: str) -> tuple[str, str]:
    """The first and the last day: a range may begin or end in the middle of them."""
    days = [str(item[key]) for item in items]
    return min(days), max(days)


def _other_resource(traffic: Traffic, operation: Operation) -> Iterator[Judgement]:
    """Two resources that have data have different data."""
    for one, other in combinations(traffic.plain(operation.id), 2):
        if not one.resource or one.resource == other.resource or one.query != other.query:
            continue
        ids = {value for _, value in (*one.resource, *other.resource)}
        left, right = _anonymous(one.json, ids), _anonymous(other.json, ids)
        mass = sum(value for record in records_of(left) for name, value in record[1].items() if is_count(name, value))
        if mass < _MANY:
            continue
        same = difference(left, right) is None
        yield Judgement(
            "CT506",
            operation.id,
            "other resource",
            "different resources have different data",
            operation.provenance,
            not same,
            (one.number, other.number),
            "two resources give the same figures",
            "different data",
            _evidence(right),
        )


def _anonymous(body: JSON, ids: set[str]) -> JSON:
    """The body without instants, ids and names of resources."""
    if isinstance(body, dict):
        return {
            name: _anonymous(value, ids)
            for name, value in body.items()
            if name not in MOMENTS and not (isinstance(value, dict) and value.get("id", value.get("_id")) in ids)
        }
    if isinstance(body, list):
        return [_anonymous(value, ids) for value in body]
    return None if isinstance(body, str) and body in ids else body


def _resource_parameters(contract: Contract) -> dict[str, Parameter]:
    return {
        parameter.name: parameter
        for operation in contract.operations
        for parameter in operation.parameters
        if parameter.location == "path"
    }


def _same_records(traffic: Traffic) -> Iterator[Judgement]:
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
            weakest(*(view.operation.provenance for view in views if view.operation)),
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
            operation.provenance,
            not strays,
            (view.number,),
            f"{strays[0][0] if strays else ''} is {strays[0][1] if strays else ''}, asked was {asked}",
            asked,
            strays[0][1] if strays else None,
        )


def universe(contract: Contract) -> Iterator[Judgement]:
    """Every clause of this family that the contract holds."""
    for operation in contract.operations:
        for rule in operation.rules:
            yield Judgement("CT501", operation.id, rule.id, rule.message, rule.provenance, None)
        parameter = range_of(operation)
        if parameter is not None:
            level = weakest(operation.provenance, parameter.provenance)
            yield Judgement(
                "CT504",
                operation.id,
                parameter.name,
                "a longer range holds at least what a shorter one does",
                level,
                None,
            )
    for cross in contract.cross_rules:
        first = next(iter(cross.exchanges.values())).operation
        yield Judgement("CT502", first, cross.id, cross.message, cross.provenance, None)
