"""One contract made ready to serve: every operation an endpoint with its work done beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mockserver.apis import handlers
from mockserver.apis.call import Handler
from mockserver.contract.contract import Contract
from mockserver.contract.operations import Operation
from mockserver.contract.parameters import ResourceLink
from mockserver.contract.routes import Route
from mockserver.contract.template import Template
from mockserver.dataset import Dataset
from mockserver.dataset.accounts import Key
from mockserver.pipeline.authenticate import Credential, compile_credential
from mockserver.pipeline.headers import HeaderPlan, header_plan


@dataclass(slots=True)
class Endpoint:
    """An operation with everything that is known before a request comes."""

    operation: Operation
    api: Api
    handler: Handler | None
    credential: Credential | None
    link: ResourceLink | None
    link_parameter: str
    limited: bool
    reads_headers: bool
    envelope: Template | None
    _plans: dict[int, HeaderPlan] = field(default_factory=dict)

    def headers(self, status: int) -> HeaderPlan:
        """The declared headers of a status; compiled when first needed."""
        plan = self._plans.get(status)
        if plan is None:
            plan = self._plans[status] = header_plan(self.operation, status)
        return plan


@dataclass(slots=True)
class Api:
    """A contract, its data, and its endpoints by operationId."""

    contract: Contract
    dataset: Dataset | None
    keys: Mapping[str, Key]
    endpoints: dict[str, Endpoint]

    def endpoint(self, route: Route, method: str) -> Endpoint | None:
        """The endpoint of a method on a route; HEAD is answered wherever GET is."""
        operation = route.operations.get(method)
        if operation is None and method == "HEAD":
            operation = route.operations.get("GET")
        return None if operation is None else self.endpoints[operation.id]


def compile_api(contract: Contract, dataset: Dataset | None) -> Api:
    """Make a contract ready to serve. Without a dataset every operation answers its examples or made values."""
    bodies = handlers(contract.name, contract.edition) if dataset else {}
    api = Api(contract, dataset, {key.secret: key for key in dataset.keys} if dataset else {}, {})
    for operation in contract.operations:
        linked = next((parameter for parameter in operation.parameters if parameter.resource), None)
        api.endpoints[operation.id] = Endpoint(
            operation=operation,
            api=api,
            handler=bodies.get(operation.id),
            credential=compile_credential(operation),
            link=linked.resource if linked and dataset else None,
            link_parameter=linked.name if linked else "",
            limited=bool(operation.security) and contract.rate_limit is not None and bool(contract.plans),
            envelope=contract.envelope if operation.id in bodies and not operation.bare else None,
            reads_headers=any(parameter.location in ("header", "cookie") for parameter in operation.parameters),
        )
    return api
