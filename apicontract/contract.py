"""A contract: an OpenAPI document compiled once, immutable, with everything the engines ask of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apicontract.document import ContractError, Document, load_document
from apicontract.errors import ErrorCatalogue, errors_of
from apicontract.operations import Operation, operations_of
from apicontract.plans import Plan, RateLimit, plans_of, rate_limit_of
from apicontract.routes import Router
from apicontract.rules import CrossRule, cross_rules_of
from apicontract.security import schemes_of
from apicontract.servers import address_of
from apicontract.template import Template
from apicontract.tracking import TrackingKind


@dataclass(frozen=True, slots=True)
class Contract:
    """What one edition of one API promises.

    `base_path` is the path of the document's first server: unknown paths below it are answered in this API's format.
    `fixtures` names the folder of its data; empty for a foreign document.
    """

    name: str
    edition: str
    title: str
    fixtures: str
    base_path: str
    document: Document
    operations: tuple[Operation, ...]
    router: Router
    errors: ErrorCatalogue
    envelope: Template | None
    plans: dict[str, Plan]
    rate_limit: RateLimit | None
    cross_rules: tuple[CrossRule, ...]

    @property
    def selector(self) -> str:
        """`name@edition`, as it is written on a command line."""
        return f"{self.name}@{self.edition}"

    def operation(self, operation_id: str) -> Operation:
        """The operation of this id.

        Raises:
            KeyError: with the ids that exist.
        """
        for operation in self.operations:
            if operation.id == operation_id:
                return operation
        known = ", ".join(operation.id for operation in self.operations)
        raise KeyError(f"{self.selector} has no operation {operation_id!r}; it has {known}")

    def tracking(self, kind: TrackingKind) -> Operation | None:
        """Return the operation whose `x-tracking` has this kind, or None."""
        return next((each for each in self.operations if each.tracking and each.tracking.kind == kind), None)


def load_contract(path: Path) -> Contract:
    """Read and compile an OpenAPI document.

    Raises:
        ContractError: with the file and the place in it.
    """
    document = load_document(path)
    root = document.root
    identity = root.get("x-contract")
    identity = identity if isinstance(identity, dict) else {}
    info = root.get("info")
    info = info if isinstance(info, dict) else {}
    try:
        schemes = schemes_of(document)
        base = _base_path(root.get("servers"), "", document)
        operations: list[Operation] = []
        for template, raw in root["paths"].items():
            if not str(template).startswith("/"):
                if str(template).startswith("x-"):
                    continue
                raise ContractError(f"{path}: the path {template!r} does not begin with /")
            item = document.resolve(raw)
            if not isinstance(item, dict):
                raise ContractError(f"{path}: the path {template!r} is not a mapping")
            own = _base_path(item.get("servers"), base, document)
            operations += operations_of(template, item, own, document, schemes)
        _refuse_doubles(operations, path)
        return Contract(
            name=str(identity.get("name") or path.stem),
            edition=str(identity.get("edition") or info.get("version", "1")),
            title=str(info.get("title", path.stem)),
            fixtures=str(identity.get("fixtures", "")),
            base_path=base,
            document=document,
            operations=tuple(operations),
            router=Router(operations),
            errors=errors_of(document),
            envelope=Template.compile(root["x-envelope"]) if "x-envelope" in root else None,
            plans=plans_of(root),
            rate_limit=rate_limit_of(root),
            cross_rules=cross_rules_of(root),
        )
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise ContractError(
            f"{path}: not an OpenAPI document that can be used: {type(error).__name__}: {error}"
        ) from error


def _base_path(servers: Any, otherwise: str, document: Document) -> str:
    if not isinstance(servers, list) or not servers:
        return otherwise
    return address_of(document.resolve(servers[0])).path


def _refuse_doubles(operations: list[Operation], path: Path) -> None:
    seen: set[str] = set()
    for operation in operations:
        if operation.id in seen:
            raise ContractError(f"{path}: two operations have the operationId {operation.id!r}")
        seen.add(operation.id)
