"""The contracts as documentation: operations, parameters, members and errors, with their provenance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from starlette.responses import Response as Page

from apicontract.catalogue import bundled
from apicontract.contract import Contract
from apicontract.operations import MediaType, Operation, Response
from apicontract.provenance import LEVELS, Provenance, read_description
from mockserver.console.context import PageContext
from mockserver.console.differences import compare
from mockserver.console.page import show
from mockserver.console.schemas import PartProvenance, list_fields, list_parts
from mockserver.console.search import MOST, search
from mockserver.console.sending import send
from mockserver.console.served import find_api, find_key, named_keys
from mockserver.console.trial import Trial, default_text, find_node, prepare, read_trial
from mockserver.control.calls import NotFoundError
from mockserver.control.client_report import load_bundled
from mockserver.control.contracts import find_contract
from mockserver.scenarios.actions import list_keys

JSON = Any


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with their common provenance, which is shown once; a row of another level shows its own.

    `others`: rows of the same level with another source, and single facts with a provenance of their own, by that.
    """

    rows: tuple[Any, ...]
    provenance: Provenance | None
    others: tuple[tuple[Provenance, str], ...]


@dataclass(frozen=True, slots=True)
class Body:
    """A body of a request or response: its members, and examples as text."""

    media: str
    fields: Table
    examples: tuple[tuple[str, JSON], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A response of an operation, its bodies and headers."""

    response: Response
    bodies: tuple[Body, ...]
    headers: Table


async def page(context: PageContext) -> Page:
    """Return the page of all contracts, served or bundled."""
    served, others = _contracts(context)
    editions: dict[str, list[str]] = {}
    for contract in (*served.values(), *others.values()):
        editions.setdefault(contract.name, []).append(contract.edition)
    compared = {name: found for name, found in editions.items() if len(found) > 1}
    contracts = [(contract, contract.selector in served, _sure(contract)) for contract in _all(served, others)]
    return show(context, "contracts.html", "contracts", contracts=contracts, compared=compared)


async def contract_page(context: PageContext) -> Page:
    """Return the page of a contract: its operations, errors and plans."""
    contract = _contract(context)
    names = [name for name in bundled().files if name.partition("@")[0] == contract.name]
    served = find_api(context, contract.selector) is not None
    kinds, plans = list(contract.errors.kinds.values()), list(contract.plans.values())
    return show(
        context,
        "contract.html",
        "contracts",
        contract=contract,
        served=served,
        has_editions=len(names) > 1,
        operations=_table(contract.operations, [(one.id, one.provenance, ()) for one in contract.operations]),
        errors=_table(kinds, [(one.name, one.provenance, ()) for one in kinds]),
        plans=_table(plans, [(one.title, one.provenance, ()) for one in plans]),
        pages=_pages(contract),
    )


async def operation_page(context: PageContext) -> Page:
    """Return the page of an operation, with the “Try it” form."""
    contract, operation = _find_operation(context)
    api = find_api(context, contract.selector)
    trial = read_trial(context, api, operation) if api is not None else None
    if trial is not None:
        key = find_key(context, trial.key)
        trial = replace(trial, samples=prepare(operation, trial, key).samples(context, key))
    return _show_operation(context, contract, operation, trial)


async def trial_page(context: PageContext) -> Page:
    """Send the request of the “Try it” form, and return the page of the operation with the answer."""
    contract, operation = _find_operation(context)
    api = find_api(context, contract.selector)
    if api is None:
        raise NotFoundError(f"{contract.selector} is not served; start with --contract {contract.selector}.", [])
    trial = read_trial(context, api, operation)
    key = find_key(context, trial.key)
    made = prepare(operation, trial, key)
    headers = [
        (name.lower().encode("latin-1", "replace"), value.encode("latin-1", "replace")) for name, value in made.headers
    ]
    result = await send(context, made.method, made.path, made.query, headers, made.body.encode(), "try it")
    trial = replace(trial, result=result, samples=made.samples(context, key))
    return _show_operation(context, contract, operation, trial)


def _show_operation(context: PageContext, contract: Contract, operation: Operation, trial: Trial | None) -> Page:
    """Render the page of an operation. `trial`: the “Try it” form, or None if the contract is not served."""
    body = operation.body
    return show(
        context,
        "operation.html",
        "contracts",
        contract=contract,
        operation=operation,
        description=_description(contract, operation),
        pages=_pages(contract),
        parameters=_table(
            [(one, default_text(one)) for one in operation.parameters],
            [(one.name, one.provenance, list_parts(one.schema.resolved)) for one in operation.parameters],
        ),
        request=[_body(media, body.provenance) for media in body.content] if body is not None else [],
        answers=[
            Answer(
                response,
                tuple(_body(media, response.provenance) for media in response.content),
                _table(
                    response.headers,
                    [(one.name, one.provenance, list_parts(one.schema.resolved)) for one in response.headers],
                ),
            )
            for response in operation.responses.values()
        ],
        trial=trial,
        labels={one.id: one.label for one in named_keys(context)},
        keys=[
            key
            for owner, key in list_keys(context.pipeline.space, context.pipeline.apis)
            if owner.contract.selector == contract.selector
        ],
    )


async def comparison_page(context: PageContext) -> Page:
    """Return the page that compares the editions of a contract."""
    name = context.path["name"]
    selectors = [selector for selector in bundled().files if selector.partition("@")[0] == name]
    if len(selectors) < 2:
        raise NotFoundError(f"{name[:60]!r} has fewer than two editions to compare.", [])
    contracts = [load_bundled(selector) for selector in sorted(selectors, reverse=True)]
    return show(context, "comparison.html", "contracts", contracts=contracts, aspects=compare(contracts))


async def search_page(context: PageContext) -> Page:
    """Return the page with the places of all contracts that match a query."""
    wanted = context.query.get("q", "").strip()[:200]
    served, others = _contracts(context)
    return show(
        context, "search.html", "contracts", wanted=wanted, hits=search(_all(served, others), wanted), most=MOST
    )


def _find_operation(context: PageContext) -> tuple[Contract, Operation]:
    """Return the contract and the operation of a path."""
    contract, wanted = _contract(context), context.path["operation"]
    for operation in contract.operations:
        if operation.id == wanted:
            return contract, operation
    raise NotFoundError(f"{contract.selector} has no operation {wanted[:60]!r}.", [])


def _contract(context: PageContext) -> Contract:
    contract = find_contract(context.mock, context.path["contract"])
    if contract is None:
        raise NotFoundError(f"There is no contract {context.path['contract'][:60]!r}.", [])
    return contract


def _contracts(context: PageContext) -> tuple[dict[str, Contract], dict[str, Contract]]:
    """Return the contracts that are served, and the other ones of the package, by selector."""
    served = {api.contract.selector: api.contract for api in context.mock.apis}
    return served, {name: load_bundled(name) for name in bundled().files if name not in served}


def _pages(contract: Contract) -> dict[str, str]:
    """Return what the names of documents in provenances stand for (`x-pages`)."""
    pages = contract.document.root.get("x-pages")
    return {str(name): str(title) for name, title in pages.items()} if isinstance(pages, dict) else {}


def _all(*groups: dict[str, Contract]) -> list[Contract]:
    return [contract for group in groups for contract in group.values()]


def _sure(contract: Contract) -> list[tuple[str, int]]:
    """Count the operations by the provenance of their success response."""
    answers = [operation.response(operation.success) for operation in contract.operations]
    levels = [answer.provenance.level for answer in answers if answer is not None]
    return [(level, levels.count(level)) for level in LEVELS if level in levels]


def _description(contract: Contract, operation: Operation) -> str:
    """Return the description of an operation."""
    return read_description(find_node(contract, operation)[1])


def _body(media: MediaType, provenance: Provenance) -> Body:
    schema = media.schema
    fields = list_fields(schema.node, schema.document, provenance) if schema is not None else []
    named = [(field.path or "the body", field.provenance, field.within, field.parts) for field in fields]
    return Body(media.name, Table(tuple(fields), provenance, _group_others(named)), tuple(media.examples.items()))


def _table(rows: Iterable[Any], named: list[tuple[str, Provenance, Iterable[PartProvenance]]]) -> Table:
    """Return a table whose common provenance is the most frequent one of its rows."""
    common = Counter(provenance for _, provenance, _ in named).most_common(1)
    if not common:
        return Table((), None, ())
    within = common[0][0]
    return Table(tuple(rows), within, _group_others((name, own, within, parts) for name, own, parts in named))


def _group_others(
    named: Iterable[tuple[str, Provenance, Provenance, Iterable[PartProvenance]]],
) -> tuple[tuple[Provenance, str], ...]:
    """Group what a table does not show beside its rows, by provenance: `total, limit; minimum of limit`."""
    found: dict[Provenance, dict[str, list[str]]] = {}
    for name, own, within, parts in named:
        if own != within and own.level == within.level:
            found.setdefault(own, {}).setdefault("", []).append(name)
        for part in parts:
            found.setdefault(part.provenance, {}).setdefault(f"{', '.join(part.keywords)} of ", []).append(name)
    return tuple(
        (provenance, "; ".join(f"{keywords}{', '.join(names)}" for keywords, names in facts.items()))
        for provenance, facts in found.items()
    )
