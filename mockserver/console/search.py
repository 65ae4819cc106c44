"""Search contracts for paths, parameters, members, codes and rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from apicontract.contract import Contract
from apicontract.operations import Operation
from apicontract.provenance import DOCUMENTED
from mockserver.console.schemas import list_fields

MOST = 100


@dataclass(frozen=True, slots=True)
class Hit:
    """A place in a contract. `operation`: its id, or empty; `place`: the part of the page that holds it."""

    kind: str
    name: str
    text: str
    contract: Contract
    operation: str
    place: str


def search(contracts: Iterable[Contract], wanted: str) -> list[Hit]:
    """Return the places that hold every word of a query, in the order of the contracts; at most MOST and one more."""
    terms = wanted.lower().split()
    found: list[Hit] = []
    for contract in contracts if terms else ():
        for hit in _places(contract):
            told = f"{hit.kind} {hit.name} {hit.text}".lower()
            if all(term in told for term in terms):
                found.append(hit)
                if len(found) > MOST:
                    return found
    return found


def _places(contract: Contract) -> Iterator[Hit]:
    for operation in contract.operations:
        yield from _operation(contract, operation)
    for kind in contract.errors.kinds.values():
        yield Hit("code", kind.code or kind.name, f"{kind.status} {kind.name}: {kind.message}", contract, "", "errors")


def _operation(contract: Contract, operation: Operation) -> Iterator[Hit]:
    path = f"{operation.method} {operation.path}"
    yield Hit("operation", operation.id, f"{path}: {operation.summary}", contract, operation.id, "main")
    for parameter in operation.parameters:
        text = f"{parameter.location} parameter of {operation.id}: {parameter.schema.expected}"
        yield Hit("parameter", parameter.name, text, contract, operation.id, "parameters")
    bodies = [(f"answer-{status}", response.content) for status, response in operation.responses.items()]
    if operation.body is not None:
        bodies.insert(0, ("request", operation.body.content))
    for place, content in bodies:
        for schema in (media.schema for media in content if media.schema is not None):
            for row in list_fields(schema.node, schema.document, DOCUMENTED):
                if row.name and row.name != "[]":
                    where = "request" if place == "request" else f"answer {place.removeprefix('answer-')}"
                    text = f"{where} of {operation.id}: {row.kind}"
                    yield Hit("member", row.path, text, contract, operation.id, place)
    for rule in operation.rules:
        yield Hit("rule", rule.id, rule.statement or rule.message, contract, operation.id, "rules")
