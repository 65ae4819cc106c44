"""The contracts as documentation: operations, parameters, members and errors, with their provenance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response as Page

from apicontract.catalogue import bundled
from apicontract.contract import Contract
from apicontract.operations import MediaType, Operation, Response
from apicontract.parameters import MISSING, Parameter
from apicontract.provenance import LEVELS, Provenance, read_description
from mockserver.console.context import PageContext
from mockserver.console.differences import compare
from mockserver.console.page import pretty, show
from mockserver.console.schemas import Field, list_fields, list_parts
from mockserver.console.sending import SendResult
from mockserver.console.served import find_api, named_keys
from mockserver.control.calls import NotFoundError
from mockserver.control.client_report import load_bundled
from mockserver.control.contracts import find_contract
from mockserver.pipeline.api import Api
from mockserver.scenarios.actions import list_keys

JSON = Any


@dataclass(frozen=True, slots=True)
class Body:
    """A body of a request or response: its members, and examples as text."""

    media: str
    fields: tuple[Field, ...]
    examples: tuple[tuple[str, JSON], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A response of an operation, and its bodies."""

    response: Response
    bodies: tuple[Body, ...]


@dataclass(frozen=True, slots=True)
class Typed:
    """A field of the “Try it” form. `suggested`: values from the fixtures."""

    parameter: Parameter
    value: str
    suggested: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """The “Try it” form of an operation, and its result. `key`: an id, or empty."""

    typed: tuple[Typed, ...]
    key: str
    body: str
    prefer: str
    result: SendResult | None = None
    curl: str = ""


async def page(context: PageContext) -> Page:
    """Return the page of all contracts, served or bundled."""
    served = {api.contract.selector: api.contract for api in context.mock.apis}
    others = {name: load_bundled(name) for name in bundled().files if name not in served}
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
    return show(context, "contract.html", "contracts", contract=contract, served=served, has_editions=len(names) > 1)


async def operation_page(context: PageContext) -> Page:
    """Return the page of an operation, with the “Try it” form."""
    contract, operation = find_named_operation(context)
    api = find_api(context, contract.selector)
    return show_operation(
        context, contract, operation, read_trial(context, api, operation) if api is not None else None
    )


def show_operation(context: PageContext, contract: Contract, operation: Operation, trial: Trial | None) -> Page:
    """Render the page of an operation. `trial`: the “Try it” form, or None if the contract is not served."""
    body = operation.body
    return show(
        context,
        "operation.html",
        "contracts",
        contract=contract,
        operation=operation,
        description=_description(contract, operation),
        parameters=[(one, _default(one)) for one in operation.parameters],
        request=[_body(media, body.provenance) for media in body.content] if body is not None else [],
        answers=[
            Answer(response, tuple(_body(media, response.provenance) for media in response.content))
            for response in operation.responses.values()
        ],
        list_parts=list_parts,
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


def read_trial(context: PageContext, api: Api, operation: Operation) -> Trial:
    """Return the “Try it” form: as submitted, or with defaults."""
    form, keys = context.form, [key for key in api.keys.values() if key.permitted and not key.revoked]
    key = form.get("key", keys[0].id if keys and operation.security else "")
    seen = next((one.resources for one in keys if one.id == key), None)
    typed = []
    for parameter in operation.parameters:
        suggested = _suggested(api, parameter, seen)
        first = suggested[0] if suggested and parameter.location == "path" else ""
        typed.append(Typed(parameter, form.get(f"p.{parameter.name}", first), suggested))
    body = form.get("body", _first_example(operation))
    return Trial(tuple(typed), key, body, form.get("prefer", ""))


def find_named_operation(context: PageContext) -> tuple[Contract, Operation]:
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


def _all(*groups: dict[str, Contract]) -> list[Contract]:
    return [contract for group in groups for contract in group.values()]


def _sure(contract: Contract) -> list[tuple[str, int]]:
    """Count the operations by the provenance of their success response."""
    answers = [operation.response(operation.success) for operation in contract.operations]
    levels = [answer.provenance.level for answer in answers if answer is not None]
    return [(level, levels.count(level)) for level in LEVELS if level in levels]


def _description(contract: Contract, operation: Operation) -> str:
    """Return the description of an operation."""
    for item in (contract.document.root.get("paths") or {}).values():
        node = item.get(operation.method.lower()) if isinstance(item, dict) else None
        if isinstance(node, dict) and node.get("operationId") == operation.id:
            return read_description(node)
    return ""


def _body(media: MediaType, provenance: Provenance) -> Body:
    schema = media.schema
    fields = list_fields(schema.node, schema.document, provenance) if schema is not None else []
    return Body(media.name, tuple(fields), tuple(media.examples.items()))


def _default(parameter: Parameter) -> str:
    return "" if parameter.default is MISSING else str(parameter.default)


def _suggested(api: Api, parameter: Parameter, seen: frozenset[str] | None) -> tuple[str, ...]:
    if parameter.resource is not None and api.dataset is not None:
        resources = api.dataset.resources.get(parameter.resource.kind, {})
        return tuple(name for name, site in resources.items() if seen is None or site.id in seen)
    return tuple(str(value) for value in parameter.schema.resolved.get("enum") or ())


def _first_example(operation: Operation) -> str:
    if operation.body is None:
        return ""
    examples = [value for media in operation.body.content for value in media.examples.values()]
    return pretty(examples[0]) if examples else ""
