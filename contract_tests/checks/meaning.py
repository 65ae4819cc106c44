"""What answers mean together: the contract's rules, longer and shorter ranges, one record in many places."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product
from typing import Any

from apicontract import Contract, Operation
from apicontract.rules import CrossRule, Rule, RuleExchange
from contract_tests.checks.guard import guarded
from contract_tests.checks.provenance import answer_facts
from contract_tests.checks.ranges import CONTAINED, ranges
from contract_tests.checks.same_records import same_records
from contract_tests.model.clause import Clause, Ground, Guess, Judgement
from contract_tests.reading.cel import RuleError, Variables, holds
from contract_tests.reading.paging import effect_of, range_of
from contract_tests.reading.records import MOMENTS, difference, excerpt, is_count, records_of
from contract_tests.reading.traffic import Traffic, View

JSON = Any
RULE = Clause("CT501", "{id}", "{message}")
CROSS_RULE = Clause("CT502", "{id}", "{message}", rests="values")
OTHER_RESOURCE = Clause("CT506", "other resource", "different resources have different data")
_DIFFERENT = Guess("no document says that two resources have different data")
_MANY = 100
"""Counts of an answer together, below which two resources may well have the same."""
_EVIDENCE = 240


@guarded
def judge(traffic: Traffic) -> Iterator[Judgement]:
    """Judge every rule of the contract, and what holds between answers of every API."""
    for operation in traffic.contract.operations:
        for view in traffic.of(operation.id):
            if view.succeeded and view.has_json and view.invalid is None:
                yield from rules(operation, view)
        if operation.method == "GET":
            yield from ranges(traffic, operation)
            yield from _other_resource(traffic, operation)
    for rule in traffic.contract.cross_rules:
        yield from _cross(traffic, rule)
    yield from same_records(traffic)


@guarded
def rules(operation: Operation, view: View) -> Iterator[Judgement]:
    """Judge one answer by the rules of its operation."""
    variables = Variables({"body": view.json, "params": dict(view.params), "headers": view.headers})
    for rule in operation.rules:
        mark = f"rule/{rule.id}"
        if mark not in view.memo:
            view.memo[mark] = evaluated(rule.expression, variables)
        right, reason = view.memo[mark]
        clause = RULE.about(operation, rule, *_used(operation, rule, view), id=rule.id, message=rule.message)
        yield clause.holds(
            right,
            view,
            message=rule.message,
            expected=rule.expression,
            seen=excerpt(view.json, _EVIDENCE) if right is False else None,
            reason=reason,
        )


def _used(operation: Operation, rule: Rule, view: View) -> Iterator[Ground]:
    """List what says which values the parameters have that a rule reads."""
    for parameter in operation.parameters:
        if f"params.{parameter.name}" in rule.expression and parameter.name in view.params:
            is_default = parameter.location == "query" and parameter.name not in view.given
            yield parameter.keyword("default") if is_default else parameter


def evaluated(expression: str, variables: Variables) -> tuple[bool | None, str]:
    """Return whether a rule holds; None where it cannot be evaluated, and why."""
    try:
        return holds(expression, variables), ""
    except RuleError as error:
        return None, f"the rule cannot be applied to the answer: {error}"


def matches(view: View, wanted: RuleExchange) -> bool:
    """Return whether a cross rule is about an exchange: the rule's parameters, all others at their default."""
    if (
        not view.comparable
        or view.operation is None
        or view.operation.id != wanted.operation
        or view.unknown_parameters
    ):
        return False
    for name, value in view.query.items():
        parameter = view.operation.parameter(name)
        if name in wanted.parameters:
            if value != wanted.parameters[name]:
                return False
        elif parameter is not None and value != parameter.default:
            return False
    return all(name in view.params for name in wanted.parameters)


@guarded
def _cross(traffic: Traffic, rule: CrossRule) -> Iterator[Judgement]:
    """Judge a cross rule, once for each resource that its exchanges were all asked for."""
    choices = {
        name: [view for view in traffic.of(wanted.operation) if matches(view, wanted)]
        for name, wanted in rule.exchanges.items()
    }
    clause = _cross_clause(traffic.contract, rule)
    seen: set[JSON] = set()
    for combination in product(*choices.values()):
        shared: dict[str, str] = {}
        if not all(shared.setdefault(key, value) == value for view in combination for key, value in view.resource):
            continue
        if tuple(sorted(shared.items())) in seen:
            continue
        seen.add(tuple(sorted(shared.items())))
        variables = {
            name: {"body": view.json, "params": dict(view.params), "headers": view.headers, "status": view.status}
            for name, view in zip(choices, combination, strict=True)
        }
        right, reason = evaluated(rule.expression, Variables(variables))
        yield clause.holds(
            right,
            *combination,
            message=rule.message,
            expected=rule.expression,
            reason=reason,
            may_be_concurrent_change=True,
        )


def _cross_clause(contract: Contract, rule: CrossRule) -> Clause:
    first = contract.operation(next(iter(rule.exchanges.values())).operation)
    return CROSS_RULE.about(first, rule, id=rule.id, message=rule.message)


@guarded
def _other_resource(traffic: Traffic, operation: Operation) -> Iterator[Judgement]:
    """Judge that two resources that have data have different data."""
    clause = OTHER_RESOURCE.about(operation, *answer_facts(operation), _DIFFERENT)
    for one, other in combinations(traffic.comparable(operation.id), 2):
        if not one.resource or one.resource == other.resource or one.query != other.query:
            continue
        ids = {value for _, value in (*one.resource, *other.resource)}
        left, right = _anonymous(one.json, ids), _anonymous(other.json, ids)
        counted = sum(
            value for _, record in records_of(left) for name, value in record.items() if is_count(name, value)
        )
        if counted >= _MANY:
            yield clause.holds(
                difference(left, right) is not None,
                one,
                other,
                message="two resources give the same figures",
                expected="different data",
                seen=excerpt(right, _EVIDENCE),
            )


def _anonymous(body: JSON, ids: set[str]) -> JSON:
    """Return the body without instants, ids and descriptions of resources."""
    if isinstance(body, dict):
        return {
            name: _anonymous(value, ids)
            for name, value in body.items()
            if name not in MOMENTS and not (isinstance(value, dict) and value.get("id", value.get("_id")) in ids)
        }
    if isinstance(body, list):
        return [_anonymous(value, ids) for value in body]
    return None if isinstance(body, str) and body in ids else body


def universe(contract: Contract) -> Iterator[Clause]:
    """List every clause of this family that the contract holds."""
    for operation in contract.operations:
        for rule in operation.rules:
            yield RULE.about(operation, rule, id=rule.id, message=rule.message)
        parameter = range_of(operation)
        if parameter is not None:
            yield CONTAINED.about(operation, *answer_facts(operation), effect_of(parameter), name=parameter.name)
    for cross in contract.cross_rules:
        yield _cross_clause(contract, cross)
