"""A contract: an OpenAPI document, compiled once and immutable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from apicontract.document import ContractError, Document, load_document
from apicontract.errors import ErrorCatalogue, read_errors
from apicontract.operations import Broken, Operation, broken_operation, read_operations
from apicontract.plans import Plan, RateLimit, read_plans, read_rate_limit
from apicontract.problems import reading
from apicontract.provenance import below
from apicontract.routes import Router
from apicontract.rules import CrossRule, read_cross_rules
from apicontract.security import read_schemes
from apicontract.servers import read_bases
from apicontract.template import Template
from apicontract.tracking import TrackingKind


@dataclass(frozen=True, slots=True)
class Contract:
    """One edition of one API.

    `base_path` is the path of the document's first server; unknown paths below it get an error in this API's format.
    `fixtures` is the name of the folder with its data, empty for a document without `x-contract`. `broken`: operations
    that cannot be answered, each with the reason; the router knows them.
    """

    name: str
    edition: str
    title: str
    fixtures: str
    base_path: str
    document: Document
    operations: tuple[Operation, ...]
    broken: tuple[Operation, ...]
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
    """Read and compile an OpenAPI document. An operation that cannot be read is in `broken`.

    Args:
        path: A file or a URL.
        allow: Folders and URLs outside of the document's own folder whose files references may lead to.

    Raises:
        ContractError: The document cannot be used; the message names the file and the place in it.
    """
    document = load_document(path, allow)
    try:
        return _compile(document)
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        name = document.name
        raise ContractError(f"{name}: the OpenAPI document cannot be used: {type(error).__name__}: {error}") from error


def _compile(document: Document) -> Contract:
    root, stem = document.root, document.path.stem
    identity = root.get("x-contract")
    identity = identity if isinstance(identity, dict) else {}
    info = root.get("info")
    info = info if isinstance(info, dict) else {}
    bases = read_bases(root.get("servers"), ("",))
    every = _with_own_ids(_read_paths(document, bases))
    operations = [operation for operation in every if operation.broken is None]
    return Contract(
        name=str(identity.get("name") or stem),
        edition=str(identity.get("edition") or info.get("version", "1")),
        title=str(info.get("title", stem)),
        fixtures=str(identity.get("fixtures", "")),
        base_path=bases[0],
        document=document,
        operations=tuple(operations),
        broken=tuple(operation for operation in every if operation.broken is not None),
        router=Router(every),
        errors=read_errors(document),
        envelope=Template.compile(root["x-envelope"]) if "x-envelope" in root else None,
        plans=read_plans(root),
        rate_limit=read_rate_limit(root),
        cross_rules=read_cross_rules(root),
    )


def set_aside(contract: Contract, broken: Mapping[str, Broken]) -> Contract:
    """Return a contract in which operations, by id, are broken."""
    if not broken:
        return contract
    every = (*contract.operations, *contract.broken)
    kept = tuple(operation for operation in every if operation.id not in broken)
    aside = tuple(
        replace(operation, parameters=(), body=None, broken=broken[operation.id])
        for operation in every
        if operation.id in broken
    )
    return replace(contract, operations=kept, broken=aside, router=Router([*kept, *aside]))


def rebased(contract: Contract, base_path: str) -> Contract:
    """Return a contract whose operations are below another base path; those outside of its own stay in their place."""
    own, base = contract.base_path, f"/{base_path.strip('/')}".rstrip("/")

    def moved(operation: Operation) -> Operation:
        if not operation.path.startswith(f"{own}/"):
            return operation
        return replace(operation, path=base + operation.path[len(own) :], aliases=())

    kept, aside = (tuple(map(moved, each)) for each in (contract.operations, contract.broken))
    return replace(contract, base_path=base, operations=kept, broken=aside, router=Router([*kept, *aside]))


def _read_paths(document: Document, bases: tuple[str, ...]) -> list[Operation]:
    schemes = read_schemes(document)
    found: list[Operation] = []
    paths = document.root.get("paths")
    for template, raw in paths.items() if isinstance(paths, dict) else ():
        if not template.startswith("/"):
            continue
        pointer = below("#", "paths", template)
        try:
            with reading(pointer):
                item, pointer = document.resolve(raw), document.follow(raw, pointer)
                if not isinstance(item, dict):
                    raise ContractError(f"expected a mapping of methods, found {item!r:.40}")
        except ContractError as error:
            reason = str(error).removeprefix(f"{document.name}: ")
            found.append(broken_operation("*", template, partial(read_bases, otherwise=bases), reason, error.pointer))
            continue
        of_item = partial(read_bases, otherwise=read_bases(item.get("servers"), bases))
        found += read_operations(template, item, of_item, document, schemes, pointer)
    return found


def _with_own_ids(operations: list[Operation]) -> list[Operation]:
    """Return operations whose ids differ: the second one with an operationId is named by method and path."""
    seen: set[str] = set()
    found = []
    for operation in operations:
        name = operation.id
        while name in seen:
            name = f"{operation.method} {operation.path}" if name == operation.id else f"{name}'"
        seen.add(name)
        found.append(operation if name == operation.id else replace(operation, id=name))
    return found
