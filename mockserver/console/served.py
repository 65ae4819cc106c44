"""What the server serves, by name: the APIs, operations and keys that an entry speaks of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from apicontract.operations import Operation
from mockserver.console.visit import Visit
from mockserver.dataset.accounts import Key
from mockserver.journal.redaction import masked
from mockserver.pipeline.api import Api, Endpoint
from mockserver.pipeline.chosen import possible_errors
from mockserver.scenarios.actions import list_keys


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


def endpoint_of(visit: Visit, selector: str, operation: str) -> Endpoint | None:
    """Return the endpoint of an operation of a contract that is served."""
    api = api_of(visit, selector)
    return api.endpoints.get(operation) if api is not None else None


def operation_of(visit: Visit, selector: str, operation: str) -> Operation | None:
    """An operation of a contract that is served."""
    endpoint = endpoint_of(visit, selector, operation)
    return endpoint.operation if endpoint is not None else None


def is_status(text: str) -> bool:
    """Whether a text that somebody typed is a status, and no name of an error."""
    return len(text) == 3 and text.isascii() and text.isdigit()


def operation_ids(visit: Visit) -> list[str]:
    """Every operationId, each once, in the order of the contracts."""
    return list(dict.fromkeys(operation.id for api in visit.mock.apis for operation in api.contract.operations))


def key_of(visit: Visit, key_id: str) -> Key | None:
    """A key by its id, as it is in the space."""
    return next((key for _, key in list_keys(visit.pipeline.space, visit.pipeline.apis) if key.id == key_id), None)


def named_keys(visit: Visit) -> list[NamedKey]:
    """Every key."""
    return [
        NamedKey(key.id, masked(key.secret), key.name, key.plan)
        for _, key in list_keys(visit.pipeline.space, visit.pipeline.apis)
    ]


def errors_of(endpoint: Endpoint) -> Iterator[tuple[str, str]]:
    """Yield the errors that an operation can be made to answer: as the control API takes them, and in words."""
    if endpoint.api.contract.errors.has_own_format:
        for kind in endpoint.api.contract.errors.kinds.values():
            if any(error.kind is kind for error in endpoint.errors):
                yield kind.name, f"{kind.status} {kind.code} ({kind.name})"
        return
    for status in possible_errors(endpoint):
        if status.isdigit():
            response = endpoint.operation.response(int(status))
            yield status, f"{status} {response.description if response is not None else ''}".strip()
