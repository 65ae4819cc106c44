"""A contract: an OpenAPI document, compiled once and immutable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apicontract.document import ContractError, Document, load_document
from apicontract.errors import ErrorCatalogue, read_errors
from apicontract.operations import Operation, read_operations
from apicontract.plans import Plan, RateLimit, read_plans, read_rate_limit
from apicontract.routes import Router
from apicontract.rules import CrossRule, read_cross_rules
from apicontract.security import read_schemes
from apicontract.servers import read_address
from apicontract.template import Template
from apicontract.tracking import TrackingKind


@dataclass(frozen=True, slots=True)
class Contract:
    """One edition of one API.

    `base_path` is the path of the document's first server; unknown paths below it get an error in this API's format.
    `fixtures` is the name of the folder with its data, empty for a document without `x-contract`.
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
        """The name of the contract on a command line, `name@edition`."""
        return f"{self.name}@{self.edition}"

    def operation(self, operation_id: str) -> Operation:
        """Return the operation with this operationId.

        Raises:
            KeyError: There is none; the message lists those that exist.
        """
        for operation in self.operations:
            if operation.id == operation_id:
                return operation
        known = ", ".join(operation.id for operation in self.operations)
        raise KeyError(f"{self.selector} has no operation {operation_id!r}; it has {known}")

    def tracking(self, kind: TrackingKind) -> Operation | None:
        """Return the operation whose `x-tracking` has this kind, or None."""
        return next((each for each in self.operations if each.tracking and each.tracking.kind == kind), None)


def load_contract(path: Path | str, allow: Sequence[str] = ()) -> Contract:
    """Read and compile an OpenAPI document.

    Raises:
        ContractError: The document cannot be used; the message names the file and the place in it.
    """
    document = load_document(path, allow)
    path = document.path
    root = document.root
    identity = root.get("x-contract")
    identity = identity if isinstance(identity, dict) else {}
    info = root.get("info")
    info = info if isinstance(info, dict) else {}
    try:
        schemes = read_schemes(document)
        base = _base_path(root.get("servers"), "", document)
        operations: list[Operation] = []
        for template, raw in (root.get("paths") or {}).items():
            if not str(template).startswith("/"):
                if str(template).startswith("x-"):
                    continue
                raise ContractError(f"{path}: the path {template!r} does not start with /")
            item = document.resolve(raw)
            if not isinstance(item, dict):
                raise ContractError(f"{path}: the path {template!r} is not a mapping")
            own = _base_path(item.get("servers"), base, document)
            operations += read_operations(template, item, own, document, schemes)
        _refuse_duplicates(operations, path)
        return Contract(
            name=str(identity.get("name") or path.stem),
            edition=str(identity.get("edition") or info.get("version", "1")),
            title=str(info.get("title", path.stem)),
            fixtures=str(identity.get("fixtures", "")),
            base_path=base,
            document=document,
            operations=tuple(operations),
            router=Router(operations),
            errors=read_errors(document),
            envelope=Template.compile(root["x-envelope"]) if "x-envelope" in root else None,
            plans=read_plans(root),
            rate_limit=read_rate_limit(root),
            cross_rules=read_cross_rules(root),
        )
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise ContractError(f"{path}: the OpenAPI document cannot be used: {type(error).__name__}: {error}") from error


def _base_path(servers: Any, otherwise: str, document: Document) -> str:
    if not isinstance(servers, list) or not servers:
        return otherwise
    return read_address(document.resolve(servers[0])).path


def _refuse_duplicates(operations: list[Operation], path: Path) -> None:
    seen: set[str] = set()
    for operation in operations:
        if operation.id in seen:
            raise ContractError(f"{path}: two operations have the operationId {operation.id!r}")
        seen.add(operation.id)
