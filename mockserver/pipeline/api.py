"""One contract compiled for serving: each operation becomes an endpoint, so that a request needs no lookups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from apicontract.contract import Contract
from apicontract.errors import DeclaredError
from apicontract.operations import MediaType, Operation, Response
from apicontract.parameters import Parameter, ResourceLink
from apicontract.plans import RateLimit
from apicontract.provenance import INFERRED
from apicontract.realistic import load_faker
from apicontract.routes import Route
from apicontract.template import Template
from mockserver.apis import handlers
from mockserver.apis.call import Handler
from mockserver.dataset import Dataset, Site
from mockserver.dataset.accounts import Key
from mockserver.pipeline.authenticate import Credential, compile_credential
from mockserver.pipeline.editions import OtherEdition
from mockserver.pipeline.headers import HeaderPlan, header_plan
from mockserver.pipeline.lines import content_type
from mockserver.pipeline.negotiation import BODILESS, Chosen, default_choice


@dataclass(slots=True)
class Endpoint:
    """An operation with everything that can be computed at start. `content_type` and `error_type` are header lines.

    `content`: the media types among which a client chooses that of a success; empty for an operation with fixtures.
    `choice` is that for a client that accepts everything. `reads_content`: there is a body or a media type to judge.
    """

    operation: Operation
    api: Api
    success: int
    handler: Handler | None
    credential: Credential | None
    link: ResourceLink | None
    link_parameter: str
    resources: Mapping[str, Site]
    limit: RateLimit | None
    uncounted: frozenset[str]
    reads_headers: bool
    live: bool
    live_seconds: float
    envelope: Template | None
    content_type: bytes
    error_type: bytes
    errors: tuple[DeclaredError, ...]
    content: tuple[MediaType, ...]
    choice: Chosen | None
    reads_content: bool
    _plans: dict[int, HeaderPlan] = field(default_factory=dict)

    def headers(self, status: int) -> HeaderPlan:
        """Return the declared headers of a status; compiled on first use."""
        plan = self._plans.get(status)
        if plan is None:
            plan = self._plans[status] = header_plan(self.operation, status, made=self.api.dataset is None)
        return plan


@dataclass(slots=True)
class Api:
    """A contract, its data, and its endpoints by operationId.

    `stray` is the endpoint of requests that match no operation: an unknown path or a method that is not allowed.
    """

    contract: Contract
    dataset: Dataset | None
    keys: Mapping[str, Key]
    endpoints: dict[str, Endpoint]
    anybody: Key | None
    others: tuple[OtherEdition, ...]
    stray: Endpoint = field(init=False)

    def key(self, secret: str) -> Key | None:
        """Return the key of a secret, or None if unknown or revoked. Without a dataset every secret is valid."""
        key = self.keys.get(secret, self.anybody)
        return None if key is None or key.revoked else key

    def endpoint(self, route: Route, method: str) -> Endpoint | None:
        """Return the endpoint of a method on a route, or None."""
        operation = route.operation(method)
        return None if operation is None else self.endpoints[operation.id]


def compile_api(
    contract: Contract, dataset: Dataset | None, others: tuple[OtherEdition, ...] = (), own_keys: Sequence[Key] = ()
) -> Api:
    """Compile a contract. Without a dataset every operation answers its examples or generated values.

    Args:
        contract: The contract.
        dataset: Its fixtures.
        others: The editions of the contract that are not served.
        own_keys: The keys of a contract without fixtures; if there are none, it accepts any credential.
    """
    if dataset is None:
        load_faker()
    bodies = handlers(contract.name, contract.edition) if dataset else {}
    keys = {key.secret: key for key in (dataset.keys if dataset else own_keys)}
    anybody = None if dataset or keys else _anybody(next(iter(contract.plans), ""))
    api = Api(contract, dataset, keys, {}, anybody, others)
    for operation in (*contract.operations, *contract.broken):
        api.endpoints[operation.id] = _endpoint(api, operation, bodies.get(operation.id))
    api.stray = _endpoint(api, _stray(contract), None)
    return api


def _endpoint(api: Api, operation: Operation, handler: Handler | None) -> Endpoint:
    contract, dataset = api.contract, api.dataset
    limit = contract.rate_limit if contract.plans else None
    statuses = limit.uncounted if limit else frozenset()
    linked = next((parameter for parameter in operation.parameters if parameter.resource), None)
    success = operation.response(operation.success)
    available = success.content if success is not None and operation.success not in BODILESS else ()
    content = available if dataset is None and not contract.errors.has_own_format else ()
    return Endpoint(
        operation=operation,
        api=api,
        success=operation.success,
        handler=handler,
        credential=compile_credential(operation, (lambda secret: api.key(secret) is not None) if not dataset else None),
        link=linked.resource if linked and dataset else None,
        link_parameter=linked.name if linked else "",
        resources=_resources(linked, dataset) if linked and dataset else {},
        limit=limit if operation.security else None,
        uncounted=frozenset(kind.name for kind in contract.errors.kinds.values() if kind.status in statuses),
        reads_headers=any(parameter.location in ("header", "cookie") for parameter in operation.parameters),
        live=bool(getattr(handler, "live", False)),
        live_seconds=operation.tracking.seconds if operation.tracking else 0.0,
        envelope=contract.envelope if handler and not operation.bare else None,
        content_type=content_type(success.media.name) if success and success.media else b"",
        error_type=content_type(contract.errors.media_type),
        errors=contract.errors.declared_by(operation),
        content=content,
        choice=default_choice(available),
        reads_content=operation.body is not None or bool(content),
    )


def _resources(linked: Parameter, dataset: Dataset) -> Mapping[str, Site]:
    """Return the resources that a path parameter can name, by their parsed value (UUIDs in canonical form)."""
    known = dataset.resources.get(linked.resource.kind, {}) if linked.resource else {}
    return {linked.canonical(name): site for name, site in known.items()}


def _stray(contract: Contract) -> Operation:
    """Return a placeholder operation for requests that match none, with the security of the other operations."""
    security = next((operation.security for operation in contract.operations if operation.security), ())
    response = Response("default", "", contract.errors.headers, (), INFERRED)
    return Operation("", "", "", "", (), None, {"default": response}, security, (), INFERRED)


def _anybody(plan: str) -> Key:
    return Key(
        id="anybody",
        secret="",
        name="any credential",
        plan=plan,
        permitted=True,
        revoked=False,
        resources=frozenset(),
        scoped_to=None,
        used_this_month=0,
        used_total=0,
        description="any credential is accepted",
        line=0,
        tier=None,
    )
