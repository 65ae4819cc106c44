"""Requests that must succeed: the largest answer, defaults, ranges, filters."""

from __future__ import annotations

from dataclasses import replace

from apicontract import Operation, Parameter
from contract_tests.model.purposes import UNMATCHED
from contract_tests.plan.deferred import seen_value
from contract_tests.plan.draft import MANY, UNKNOWN_PARAMETER, Draft, Query, path_parameters, query_parameters
from contract_tests.plan.step import Step
from contract_tests.plan.values import example_of, node_of, text_of
from contract_tests.plan.written import query_pairs
from contract_tests.reading.paging import enum_of, hours_of, is_volatile, paging_of, range_of


def answers(draft: Draft, operation: Operation) -> None:
    """Add the requests that must succeed: the largest answer, defaults, another resource, ranges and values."""
    wide, named, parameters = draft.wide(operation), path_parameters(operation), query_parameters(operation)
    kind = "wide" if named or not operation.security else "list"
    draft.add(operation, kind, "a request for as much data as possible", wide, scheme=draft.turn() if named else 0)
    if parameters:
        span, limit = range_of(operation), paging_of(operation).limit
        explicit = tuple(pair for p in parameters if "default" in node_of(p) for pair in query_pairs(p, p.default))
        paged = ("default limit",) if limit is not None and "default" in node_of(limit) else ()
        if span is None:
            shows = (*paged, *(("prefix",) if limit is not None else ()))
        else:
            shows = ("another range", f"default:{span.name}")
        draft.add(operation, "left out", "no parameters", scheme=draft.turn(), shows=shows)
        if span is not None and paged:
            # with the range of the largest answer, so that the length and the beginning of the list are known
            ranged = ((span.name, draft.long_range(span)),)
            draft.add(operation, "limit left out", "no limit", ranged, scheme=draft.turn())
        draft.add(
            operation,
            "defaults",
            "every default written out",
            explicit,
            scheme=draft.turn(),
            shows=tuple(f"default:{name}" for name, _ in explicit if limit is None or name != limit.name),
            after=("left out",),
        )
    elif operation.security:
        draft.add(operation, "again", "the same request again", scheme=draft.turn())
    if not is_volatile(operation) and not any(step.kind == "unknown parameter" for step in draft.steps):
        query = (*wide, UNKNOWN_PARAMETER)
        draft.add(operation, "unknown parameter", "with an unknown parameter", query, scheme=draft.turn())
    if named:
        draft.add(operation, "another resource", "another resource", wide, which="second", scheme=draft.turn())
    _ranges(draft, operation)
    for parameter in parameters:
        if parameter is not range_of(operation) and parameter.name not in paging_of(operation).names:
            _values(draft, operation, parameter)


def _ranges(draft: Draft, operation: Operation) -> None:
    """Add every other range, each with another bound of the limit: one request tries two values."""
    span, limit = range_of(operation), paging_of(operation).limit
    values = [value for value in enum_of(span) if _is_middle(draft, span, value)] if span is not None else []
    values = sorted(values, key=lambda value: hours_of(value) or 0)
    if limit is None:
        for value in values:
            name = span.name if span is not None else ""
            draft.add(operation, "middle range", f"{name}={text_of(value)}", ((name, text_of(value)),))
        return
    low, top = node_of(limit).get("minimum"), node_of(limit).get("maximum")
    # the shortest range with the highest limit is the most likely to show a whole list, and so its end
    limits = {
        **({"bound": str(top)} if isinstance(top, int) and (values or top > MANY) else {}),
        **({"lowest": str(low)} if low is not None else {}),
    }
    wide = dict(draft.wide(operation))[limit.name]
    for index in range(max(len(values), len(limits))):
        base: Query = ((span.name, text_of(values[index])),) if span is not None and index < len(values) else ()
        kind, number = (*limits.items(), *[("range", wide)] * len(values))[index]
        shows = ("another range",) if base and kind != "range" else ()
        query = (*base, (limit.name, number))
        purpose = " and ".join(f"{name}={text}" for name, text in query)
        draft.add(operation, kind, purpose, query, shows=shows, scheme=index)


def _is_middle(draft: Draft, span: Parameter, value: object) -> bool:
    """Return whether a range is neither the default nor the one that most requests have."""
    return value != span.default and text_of(value) != draft.long_range(span)


def _values(draft: Draft, operation: Operation, parameter: Parameter) -> None:
    """Add the values of enums, texts that other answers suggest, and both ends of bounds."""
    name, node = parameter.name, node_of(parameter)
    wide = tuple(pair for pair in draft.wide(operation) if pair[0] != name)
    if parameter.is_json or parameter.types & {"array", "object"}:
        pairs = query_pairs(parameter, example_of(parameter, operation))
        draft.add(operation, "choice", f"{name} with several values", (*wide, *pairs))
        return
    choices = enum_of(parameter) or (["true", "false"] if "boolean" in parameter.types else [])
    for value in choices:
        query = (*wide, (name, text_of(value)))
        draft.add(operation, "choice", f"{name}={text_of(value)}", query, shows=(f"filter:{name}",))
    if not choices and "string" in parameter.types and not parameter.required and "format" not in node:
        draft.add(
            operation,
            "seen value",
            f"{name} with a value from another answer",
            wide,
            deferred=seen_value(parameter),
            deferred_words=f"{name}={{seen}}",
            shows=(f"filter:{name}",),
        )
        query = (*wide, (name, "/no-record-has-this-9f3"))
        draft.add(operation, "unmatched value", f"{name} with {UNMATCHED}", query)
    for bound in ("minimum", "maximum") if not choices else ():
        if isinstance(node.get(bound), int):
            draft.add(operation, "bound", f"{name} at its {bound}", ((name, str(node[bound])),))


def rules(draft: Draft) -> None:
    """Add the exchanges that cross rules need and no step asks for; mark the steps that cross rules need."""
    for rule in draft.contract.cross_rules:
        for name, wanted in rule.exchanges.items():
            operation = draft.contract.operation(wanted.operation)
            query = tuple((name, text_of(value)) for name, value in wanted.parameters.items())
            mark = f"rule:{rule.id} {name}"
            asked = next((step for step in draft.steps if _means(step, operation, query)), None)
            if asked is None:
                draft.add(
                    operation,
                    "cross rule",
                    f"for the rule {rule.id}",
                    query,
                    scheme=draft.turn(),
                    shows=(mark,),
                )
            else:
                draft.steps[draft.steps.index(asked)] = replace(asked, shows=(*asked.shows, mark))


def _means(step: Step, operation: Operation, query: Query) -> bool:
    """Return whether a step already asks for the exchange of a cross rule."""
    if (
        step.operation != operation.id
        or step.which != "first"
        or step.deferred
        or UNKNOWN_PARAMETER in step.query
        or step.kind in ("range", "lowest", "bound", "defaults")
    ):
        return False
    if step.role != ("main" if operation.security else ""):
        return False
    defaults = {p.name: text_of(p.default) for p in query_parameters(operation) if "default" in node_of(p)}
    return {**defaults, **dict(step.query)} == {**defaults, **dict(query)}
