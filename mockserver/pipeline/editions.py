"""Requests that are meant for another edition of a contract than the one that is served."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from apicontract.contract import Contract
from apicontract.parameters import parse_query


@dataclass(frozen=True, slots=True)
class OtherEdition:
    """An edition that is not served. `resources`: what only its fixtures have, by kind of path parameter."""

    contract: Contract
    resources: Mapping[str, frozenset[str]]


def edition_hint(
    served: Contract, others: Iterable[OtherEdition], method: str, path: str, query: bytes, unknown: tuple[str, str]
) -> bytes:
    """Return the value of `X-Mock-Edition`: what of a request only another edition has; empty where nothing is.

    `unknown`: the kind and the value of a path parameter that names nothing here.
    """
    names = parse_query(query) if query else {}
    own = _query_parameters(served, method, path)
    for other in others:
        theirs = _query_parameters(other.contract, method, path)
        if theirs is None:
            continue
        found = [f"the parameter {name}" for name in names if name in theirs and name not in (own or ())]
        if unknown[1] in other.resources.get(unknown[0], ()):
            found.append(f"{unknown[0].replace('-', ' ')} {unknown[1]}")
        if own is None:
            found.append("this method and path")
        if found:
            text = f"{', '.join(found)}: only in {other.contract.selector}; this is {served.selector}"
            return f"{text}; switch with --edition {other.contract.edition}".encode("ascii", "replace")
    return b""


def _query_parameters(contract: Contract, method: str, path: str) -> frozenset[str] | None:
    """Return the names of an operation's query parameters; None where the contract has no such operation."""
    match = contract.router.find(path)
    operation = match.route.operations.get("GET" if method == "HEAD" else method) if match is not None else None
    if operation is None:
        return None
    return frozenset(one.name for one in operation.parameters if one.location == "query")
