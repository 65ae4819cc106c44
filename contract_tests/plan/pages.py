"""Requests for parts of a list: a short list, its second page, the last page, one past the end."""

from __future__ import annotations

from apicontract import Operation, Parameter
from contract_tests.plan.deferred import last_page
from contract_tests.plan.draft import Draft, Query
from contract_tests.plan.values import node_of, text_of
from contract_tests.reading.paging import Paging, paging_of, range_of

_FEW = 3


def pages(draft: Draft, operation: Operation) -> None:
    """Add the requests for parts of an operation's list."""
    paging, span = paging_of(operation), range_of(operation)
    if paging.limit is None:
        return
    low = node_of(paging.limit).get("minimum")
    named = _named(draft, operation, paging.limit)
    size = max(
        low if isinstance(low, int) else 1, named or (low if isinstance(low, int) and draft.turn() % 2 else _FEW)
    )
    base: Query = ((span.name, draft.long_range(span)),) if span else ()
    # in the default range a short list is the beginning of the answer without parameters
    short = ((span.name, text_of(span.default)),) if span and not named and "default" in node_of(span) else base
    few = (paging.limit.name, str(size))
    shows = (f"default:{span.name}",) if span and short is not base else ()
    draft.add(
        operation, "short list", "a short list", (*short, few), scheme=draft.turn(), shows=shows, after=("left out",)
    )
    if paging.offset is None and paging.page is None:
        return
    draft.add(operation, "second page", "the second page of a short list", (*base, few, _page(paging, 1, size)))
    for kind, beyond, words in (("last page", 0, "offset={total - limit}"), ("past the end", 1, "offset={total}")):
        draft.add(
            operation,
            kind,
            "a page past the end" if beyond else "the last page",
            base,
            deferred=last_page(operation, paging, beyond),
            deferred_words=words,
            after=("bound",),
        )


def _named(draft: Draft, operation: Operation, limit: Parameter) -> int | None:
    """Return the length of a short list that cross rules ask for."""
    named = [
        wanted.parameters[limit.name]
        for rule in draft.contract.cross_rules
        for wanted in rule.exchanges.values()
        if wanted.operation == operation.id
        and len(wanted.parameters) > 1
        and isinstance(wanted.parameters.get(limit.name), int)
    ]
    return min((value for value in named if value < 20), default=None)


def _page(paging: Paging, number: int, limit: int) -> tuple[str, str]:
    if paging.offset is not None:
        return paging.offset.name, str(number * limit)
    return (paging.page.name if paging.page else "page"), str(number + 1)
