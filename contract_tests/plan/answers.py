"""Requests that are to succeed: what there is, what the defaults give, what filters and ranges choose."""

from __future__ import annotations

from apicontract import Operation, Parameter
from contract_tests.plan.deferred import seen_value
from contract_tests.plan.draft import MANY, STRANGER, Draft, Query, path_parameters, query_parameters
from contract_tests.plan.step import Step
from contract_tests.plan.values import node_of, text_of
from contract_tests.reading.paging import enum_of, hours_of, is_volatile, paging_of, range_of


def answers(draft: Draft, operation: Operation) -> None:
    """What there is, what the defaults give, what another resource has, and what each value chooses."""
    wide, named, parameters = draft.wide(operation), path_parameters(operation), query_parameters(operation)
    kind = "wide" if named or not operation.security else "list"
    draft.add(operation, kind, "all there is", wide, scheme=draft.turn() if named else 0)
    if parameters:
        span, limit = range_of(operation), paging_of(operation).limit
        explicit = tuple((p.name, text_of(p.default)) for p in parameters if "default" in node_of(p))
        paged = ("default limit",) if limit is not None and "default" in node_of(limit) else ()
        if span is None:
            shows = (*paged, *(("prefix",) if limit is not None else ()))
        else:
            shows = ("another range", f"default:{span.name}")
        draft.add(operation, "left out", "every parameter left out", scheme=draft.turn(), shows=shows)
        if span is not None and paged:
            # with the range of all there is, so that how long it must be is known, and how it begins
            ranged = ((span.name, draft.long_range(span)),)
            draft.add(operation, "limit left out", "the limit left out", ranged, scheme=draft.turn())
        draft.add(
            operation,
            "defaults",
            "every default written out, and an unknown parameter",
            (*explicit, STRANGER),
            scheme=draft.turn(),
            shows=tuple(f"default:{name}" for name, _ in explicit if limit is None or name != limit.name),
            after=("left out",),
        )
    elif operation.security:
        query = () if is_volatile(operation) and named else (STRANGER,)
        draft.add(operation, "again", "the same again, and an unknown parameter", query, scheme=draft.turn())
    if named:
        draft.add(operation, "another resource", "another resource", wide, which="second", scheme=draft.turn())
    _ranges(draft, operation)
    for parameter in parameters:
        if parameter is not range_of(operation) and parameter.name not in paging_of(operation).names:
            _values(draft, operation, parameter)


def _ranges(draft: Draft, operation: Operation) -> None:
    """Every other range. Where there is a limit, its bounds are tried with them: one request for two values."""
    span, limit = range_of(operation), paging_of(operation).limit
    values = [value for value in enum_of(span) if _is_middle(draft, span, value)] if span is not None else []
    values = sorted(values, key=lambda value: hours_of(value) or 0)
    if limit is None:
        for value in values:
            name = span.name if span is not None else ""
            draft.add(operation, "middle range", f"{name} {value}", ((name, text_of(value)),))
        return
    low, top = node_of(limit).get("minimum"), node_of(limit).get("maximum")
    # the shortest range with the highest limit shows most probably a whole list, and so where it ends
    limits = {
        **({"bound": str(top)} if isinstance(top, int) and (values or top > MANY) else {}),
        **({"lowest": str(low)} if low is not None else {}),
    }
    wide = dict(draft.wide(operation))[limit.name]
    for index in range(max(len(values), len(limits))):
        base: Query = ((span.name, text_of(values[index])),) if span is not None and index < len(values) else ()
        kind, number = (*limits.items(), *[("range", wide)] * len(values))[index]
        words = f"{' '.join(base[0])} with " if base else ""
        shows = ("another range",) if base and kind != "range" else ()
        query = (*base, (limit.name, number))
        draft.add(operation, kind, f"{words}{limit.name} {number}", query, shows=shows, scheme=index)


def _is_middle(draft: Draft, span: Parameter, value: object) -> bool:
    """Whether a range is neither the default nor the one that most is asked with."""
    return value != span.default and text_of(value) != draft.long_range(span)


def _values(draft: Draft, operation: Operation, parameter: Parameter) -> None:
    """The values of an enum, free texts that answers suggest, both ends of bounds."""
    name, node = parameter.name, node_of(parameter)
    wide = tuple(pair for pair in draft.wide(operation) if pair[0] != name)
    choices = enum_of(parameter) or (["true", "false"] if "boolean" in parameter.types else [])
    for value in choices:
        query = (*wide, (name, text_of(value)))
        draft.add(operation, "choice", f"{name} {value}", query, shows=(f"filter:{name}",))
    if not choices and "string" in parameter.types and not parameter.required and "format" not in node:
        draft.add(
            operation,
            "seen value",
            f"{name} as other answers show it",
            wide,
            late=seen_value(parameter),
            late_words=f"{name}={{seen}}",
            shows=(f"filter:{name}",),
        )
        query = (*wide, (name, "/nobody-has-this-9f3"))
        draft.add(operation, "nobody's value", f"a {name} that nobody has", query)
    for bound in ("minimum", "maximum") if not choices else ():
        if isinstance(node.get(bound), int):
            draft.add(operation, "bound", f"{name} at its {bound}", ((name, str(node[bound])),))


def rules(draft: Draft) -> None:
    """What rules across operations speak of, where no other step asks it; and which steps they speak of."""
    for rule in draft.contract.cross_rules:
        for name, wanted in rule.exchanges.items():
            operation = draft.contract.operation(wanted.operation)
            query = tuple((name, text_of(value)) for name, value in wanted.parameters.items())
            mark = f"rule:{rule.id} {name}"
            asked = next((step for step in draft.steps if _means(step, operation, query)), None)
            if asked is None:
                draft.add(operation, "cross rule", f"for the rule {rule.id}", query, scheme=draft.turn(), shows=(mark,))
            else:
                draft.steps[draft.steps.index(asked)] = _shows(asked, mark)


def _shows(step: Step, mark: str) -> Step:
    from dataclasses import replace

    return replace(step, shows=(*step.shows, mark))


def _means(step: Step, operation: Operation, query: Query) -> bool:
    """Whether a step already asks what a rule wants."""
    if (
        step.operation != operation.id
        or step.which != "first"
        or step.late
        or STRANGER in step.query
        or step.kind in ("range", "lowest", "bound", "defaults")
    ):
        return False
    if step.role != ("main" if operation.security else ""):
        return False
    defaults = {p.name: text_of(p.default) for p in query_parameters(operation) if "default" in node_of(p)}
    return {**defaults, **dict(step.query)} == {**defaults, **dict(query)}
