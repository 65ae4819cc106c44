"""What answers mean together: the contract's rules, longer and shorter ranges, one record in many places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations, product
from typing import Any

from apicontract import Contract, Operation
from apicontract.provenance import weakest
from apicontract.rules import CrossRule, RuleExchange
from contract_tests.checks.filters import MOMENTS
from contract_tests.checks.judgement import Judgement, shown
from contract_tests.checks.provenance import told_by
from contract_tests.checks.ranges import CONTAINED, ranges
from contract_tests.checks.same_records import same_records
from contract_tests.reading.cel import RuleError, holds
from contract_tests.reading.paging import range_of
from contract_tests.reading.records import (
    difference,
    is_count,
    records_of,
)
from contract_tests.reading.traffic import Traffic, View

JSON = Any
_MANY = 100


def judge(traffic: Traffic) -> Iterator[Judgement]:
    """Every rule, and what holds between answers of every API."""
    for operation in traffic.contract.operations:
        for view in traffic.of(operation.id):
            if view.succeeded and view.has_json and view.refusal is None:
                yield from rules(operation, view)
        if operation.method == "GET":
            yield from ranges(traffic, operation)
            yield from _other_resource(traffic, operation)
    for rule in traffic.contract.cross_rules:
        yield from _cross(traffic, rule)
    yield from same_records(traffic)


def rules(operation: Operation, view: View) -> Iterator[Judgement]:
    """The contract's rules for one answer."""
    variables = {"body": view.json, "params": dict(view.params), "headers": view.headers}
    for rule in operation.rules:
        right, reason = view.memo.get(f"rule/{rule.id}") or view.memo.setdefault(
            f"rule/{rule.id}", said(rule.expression, variables)
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


def said(expression: str, variables: Mapping[str, JSON]) -> tuple[bool | None, str]:
    try:
        return holds(expression, variables), ""
    except RuleError as error:
        return None, f"the rule cannot be applied to the answer: {error}"


def _evidence(body: JSON) -> str:
    return shown(body, 240)


def matches(view: View, wanted: RuleExchange) -> bool:
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
        right, reason = said(rule.expression, variables)
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
            told_by(operation),
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
                CONTAINED,
                level,
                None,
            )
    for cross in contract.cross_rules:
        first = next(iter(cross.exchanges.values())).operation
        yield Judgement("CT502", first, cross.id, cross.message, cross.provenance, None)
