"""What the server serves, by name: the APIs, operations and keys that an entry speaks of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from apicontract.contract import Contract
from apicontract.operations import Operation
from mockserver.console.visit import Visit
from mockserver.dataset.accounts import Key
from mockserver.pipeline.api import Api
from mockserver.pipeline.forced import possible_errors
from mockserver.scenarios.actions import keys_of
from mockserver.state.redaction import masked


@dataclass(frozen=True, slots=True)
class NamedKey:
    """A key as a person knows it."""

    id: str
    shown: str
    name: str
    plan: str


def api_of(visit: Visit, selector: str) -> Api | None:
    """The API of a contract that is served."""
    return next((api for api in visit.mock.apis if api.contract.selector == selector), None)


def operation_of(visit: Visit, selector: str, operation: str) -> Operation | None:
    """An operation of a contract that is served."""
    api = api_of(visit, selector)
    endpoint = api.endpoints.get(operation) if api is not None else None
    return endpoint.operation if endpoint is not None else None


def operation_ids(visit: Visit) -> list[str]:
    """Every operationId, each once, in the order of the contracts."""
    return list(dict.fromkeys(operation.id for api in visit.mock.apis for operation in api.contract.operations))


def key_of(visit: Visit, key_id: str) -> Key | None:
    """A key by its id, as it is in the space."""
    return next((key for _, key in keys_of(visit.pipeline) if key.id == key_id), None)


def named_keys(visit: Visit) -> list[NamedKey]:
    """Every key."""
    return [NamedKey(key.id, masked(key.secret), key.name, key.plan) for _, key in keys_of(visit.pipeline)]


def errors_of(contract: Contract, operation: Operation) -> Iterator[tuple[str, str]]:
    """The errors that an operation can be made to answer: as the control API takes them, and in words."""
    possible = possible_errors(operation, contract)
    if contract.errors.is_own:
        for kind in contract.errors.kinds.values():
            if kind.name in possible:
                yield kind.name, f"{kind.status} {kind.code} ({kind.name})"
        return
    for status in possible:
        if status.isdigit():
            response = operation.response(int(status))
            yield status, f"{status} {response.description if response is not None else ''}".strip()
