"""Find the APIs, operations and keys of this server by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from apicontract.operations import Operation
from mockserver.console.context import PageContext
from mockserver.dataset.accounts import Key
from mockserver.journal.redaction import key_label
from mockserver.pipeline.api import Api, Endpoint
from mockserver.pipeline.chosen import possible_errors
from mockserver.scenarios.actions import list_keys


@dataclass(frozen=True, slots=True)
class NamedKey:
    """A key, with its name and plan. `label`: the key itself if it is a demo key, else masked."""

    id: str
    label: str
    name: str
    plan: str


def find_api(context: PageContext, selector: str) -> Api | None:
    """Return the API of a served contract, or None."""
    return next((api for api in context.mock.apis if api.contract.selector == selector), None)


def find_endpoint(context: PageContext, selector: str, operation: str) -> Endpoint | None:
    """Return the endpoint of an operation of a served contract, or None."""
    api = find_api(context, selector)
    return api.endpoints.get(operation) if api is not None else None


def find_operation(context: PageContext, selector: str, operation: str) -> Operation | None:
    """Return an operation of a served contract, or None."""
    endpoint = find_endpoint(context, selector, operation)
    return endpoint.operation if endpoint is not None else None


def is_status(text: str) -> bool:
    """Whether a text is a status, not the name of an error."""
    return len(text) == 3 and text.isascii() and text.isdigit()


def operation_ids(context: PageContext) -> list[str]:
    """List the operationIds, without duplicates, in the order of the contracts."""
    return list(dict.fromkeys(operation.id for api in context.mock.apis for operation in api.contract.operations))


def find_key(context: PageContext, key_id: str) -> Key | None:
    """Return the key with an id, with its plan in the space, or None."""
    return next((key for _, key in list_keys(context.pipeline.space, context.pipeline.apis) if key.id == key_id), None)


def named_keys(context: PageContext) -> list[NamedKey]:
    """List all keys."""
    return [
        NamedKey(key.id, key_label(key.secret, context.mock.settings), key.name, key.plan)
        for _, key in list_keys(context.pipeline.space, context.pipeline.apis)
    ]


def list_errors(endpoint: Endpoint) -> Iterator[tuple[str, str]]:
    """Yield the errors that an operation can answer: the value for the control API, and a label."""
    if endpoint.api.contract.errors.has_own_format:
        for kind in endpoint.api.contract.errors.kinds.values():
            if any(error.kind is kind for error in endpoint.errors):
                yield kind.name, f"{kind.status} {kind.code} ({kind.name})"
        return
    for status in possible_errors(endpoint):
        if status.isdigit():
            response = endpoint.operation.response(int(status))
            yield status, f"{status} {response.description if response is not None else ''}".strip()
