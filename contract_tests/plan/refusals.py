"""Requests that must be refused, or at least not break the server: invalid values, wrong types, odd texts."""

from __future__ import annotations

from apicontract import Operation, Parameter
from contract_tests.plan.draft import Draft, query_parameters
from contract_tests.plan.values import node_of, outsider, two_of
from contract_tests.reading.paging import enum_of, paging_of

_LONG = "long-" * 400
_ODD = "日本語/éß ☃%00\u202e'\"<>"
_WRONG = {"1.5": "fraction", "5abc": "words", "1e1": "exponent", "0x10": "hexadecimal", "abc": "words"}
"""Texts that are no integer, though a careless server may read one from them, and what each of them tries."""


def refusals(draft: Draft, operation: Operation) -> None:
    """Add values outside and texts of another type for every parameter."""
    for parameter in query_parameters(operation):
        node, name = node_of(parameter), parameter.name
        main = parameter is paging_of(operation).limit or not paging_of(operation).names
        if enum_of(parameter):
            turn = draft.turn()
            query = ((name, outsider(parameter, turn)),)
            draft.add(
                operation, "outside enum", f"{name} outside its values", query, shows=(f"form:outsider {turn % 5}",)
            )
        for bound, step in (("maximum", 1), ("minimum", -1)):
            if isinstance(node.get(bound), int):
                query = ((name, str(node[bound] + step)),)
                kind = f"past {bound}" if main else f"other past {bound}"
                draft.add(operation, kind, f"{name} {'above' if step > 0 else 'below'} its {bound}", query)
        if _is_numeric(parameter):
            text = list(_WRONG)[draft.turn() % len(_WRONG)] if "integer" in parameter.types else "abc"
            kind = "wrong type" if main else "other wrong type"
            draft.add(operation, kind, f"{name} of a wrong type", ((name, text),), shows=(f"form:{_WRONG[text]}",))
        if parameter.required:
            draft.add(operation, "missing", f"{name} missing", without=name)


def odd_texts(draft: Draft, operation: Operation) -> None:
    """Add very long and non-ASCII texts, values given twice and empty ones: none of them may break a server."""
    parameters = query_parameters(operation)
    if not parameters:
        return
    first, last = parameters[0], parameters[-1]
    draft.add(operation, "long text", f"a very long {last.name}", ((last.name, _LONG),), shows=_wrongs(last))
    draft.add(
        operation,
        "odd text",
        f"{first.name} with odd characters",
        ((first.name, _ODD),),
        shows=_wrongs(first),
    )
    for parameter in parameters:
        name = parameter.name
        twice = tuple((name, text) for text in two_of(parameter))
        draft.add(operation, "repeated", f"{name} given twice", twice)
        if "string" not in parameter.types or enum_of(parameter):
            draft.add(operation, "empty", f"{name} left empty", ((name, ""),))


def _is_numeric(parameter: Parameter) -> bool:
    return bool(parameter.types & {"integer", "number"}) and "string" not in parameter.types


def _wrongs(parameter: Parameter) -> tuple[str, ...]:
    """Return what a text that is no valid value reveals, beside that it breaks nothing."""
    if enum_of(parameter):
        return "outside enum", "form:outsider 0", "status:400"
    return ("wrong type", "form:words", "status:400") if _is_numeric(parameter) else ()
