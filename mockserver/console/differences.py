"""Compare the editions of a contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apicontract.contract import Contract
from apicontract.operations import Operation
from apicontract.parameters import MISSING
from apicontract.provenance import DOCUMENTED
from apicontract.schemas import Schema
from mockserver.console.schemas import list_fields

ABSENT = "—"
Facts = Mapping[str, str]
"""The statement of each fact, by name."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A fact in which the editions differ. `said`: the statement of each edition, in their order."""

    what: str
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Aspect:
    """The differences in one aspect. `same`: the number of equal facts."""

    title: str
    differences: tuple[Difference, ...]
    same: int


def compare(contracts: Sequence[Contract]) -> list[Aspect]:
    """Return the aspects with differences, general ones first."""
    aspects = [
        _aspect("Operations", [_operations(contract) for contract in contracts]),
        _aspect("Errors", [_errors(contract) for contract in contracts]),
        _aspect("Plans and limits", [_limits(contract) for contract in contracts]),
    ]
    ids = dict.fromkeys(operation.id for contract in contracts for operation in contract.operations)
    for name in ids:
        found = [next((one for one in contract.operations if one.id == name), None) for contract in contracts]
        if all(found):
            aspects.append(_aspect(name, [_operation(one) for one in found if one is not None]))
    return [aspect for aspect in aspects if aspect.differences]


def _aspect(title: str, facts: Sequence[Facts]) -> Aspect:
    names = dict.fromkeys(name for one in facts for name in one)
    told = [Difference(name, tuple(one.get(name, ABSENT) for one in facts)) for name in names]
    differences = tuple(one for one in told if len(set(one.said)) > 1)
    return Aspect(title, differences, len(told) - len(differences))


def _operations(contract: Contract) -> Facts:
    return {operation.id: f"{operation.method} {operation.path}" for operation in contract.operations}


def _errors(contract: Contract) -> Facts:
    kinds = contract.errors.kinds.values()
    facts = {f"{kind.name}: status and code": f"{kind.status} {kind.code}" for kind in kinds}
    return facts | {f"{kind.name}: message": kind.message for kind in kinds}


def _limits(contract: Contract) -> Facts:
    facts = {f"plan {plan.name}: requests per minute": str(plan.per_minute) for plan in contract.plans.values()}
    facts |= {f"plan {plan.name}: requests per month": str(plan.per_month) for plan in contract.plans.values()}
    if contract.rate_limit is not None:
        facts["statuses that are not counted"] = ", ".join(map(str, sorted(contract.rate_limit.uncounted)))
    return facts


def _operation(operation: Operation) -> Facts:
    facts: dict[str, str] = {"statuses": ", ".join(operation.responses)}
    for parameter in operation.parameters:
        default = "" if parameter.default is MISSING else f", default {parameter.default}"
        needed = "required" if parameter.required else "optional"
        facts[f"{parameter.location} parameter {parameter.name}"] = f"{needed}, {parameter.schema.expected}{default}"
    success = operation.response(operation.success)
    if success is not None:
        facts |= {f"header {header.name}": header.schema.expected or "any" for header in success.headers}
        if success.media is not None:
            facts |= _fields("answer", success.media.schema)
    if operation.body is not None and operation.body.content:
        facts |= _fields("body", operation.body.content[0].schema)
    return facts


def _fields(what: str, schema: Schema | None) -> Facts:
    if schema is None:
        return {}
    rows = list_fields(schema.node, schema.document, DOCUMENTED)
    return {
        f"{what} {row.path}": f"{row.kind or 'anything'}{'' if row.required else ', may be absent'}"
        for row in rows
        if row.name and row.name != "[]"
    }
