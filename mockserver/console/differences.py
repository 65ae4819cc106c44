"""Compare the editions of a contract."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from apicontract.contract import Contract
from apicontract.operations import Operation
from apicontract.parameters import MISSING
from apicontract.provenance import DOCUMENTED
from apicontract.schemas import Schema
from mockserver.console.schemas import list_fields

JSON = Any
Facts = Mapping[str, str]
"""The statement of each fact, by name."""
_MOST = 2 / 3
"""The share of operations from which a difference is said once for all of them."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A fact in which the editions differ, or whose name differs. `said`: the statement of each, in their order."""

    what: str
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Only:
    """A fact that only one edition has; `edition`: its place. What is inside of it is not listed."""

    edition: int
    what: str
    said: str


@dataclass(frozen=True, slots=True)
class Aspect:
    """The differences in one aspect. `same`: the number of equal facts."""

    title: str
    differences: tuple[Difference, ...]
    only: tuple[Only, ...]
    same: int

    @property
    def count(self) -> int:
        """The number of differences."""
        return len(self.differences) + len(self.only)


def compare(contracts: Sequence[Contract]) -> list[Aspect]:
    """Return the aspects with differences: general ones first, then those of each operation."""
    aspects = [
        _aspect("Operations", [_operations(contract) for contract in contracts]),
        _aspect("Envelope", [_envelope(contract) for contract in contracts]),
        _aspect("Errors", [_errors(contract) for contract in contracts]),
        _aspect("Plans and limits", [_limits(contract) for contract in contracts]),
    ]
    own: list[Aspect] = []
    ids = dict.fromkeys(operation.id for contract in contracts for operation in contract.operations)
    for name in ids:
        found = [next((one for one in contract.operations if one.id == name), None) for contract in contracts]
        facts = [_operation(contract, one) for contract, one in zip(contracts, found, strict=True) if one is not None]
        if len(facts) == len(contracts):
            own.append(_aspect(name, facts))
    return [aspect for aspect in (*aspects, *_said_once(own)) if aspect.count]


def _aspect(title: str, facts: Sequence[Facts]) -> Aspect:
    """Compare facts by their names without regard to case and underscores, so that a renamed one meets itself."""
    named = [{_plain(name): (name, said) for name, said in one.items()} for one in facts]
    differences: list[Difference] = []
    only: list[Only] = []
    same = 0
    for plain in dict.fromkeys(name for one in named for name in one):
        found = [one.get(plain) for one in named]
        pairs = [pair for pair in found if pair is not None]
        if len(pairs) < len(found):
            only += [Only(place, *pair) for place, pair in enumerate(found) if pair is not None]
        elif len({name for name, _ in pairs}) > 1:
            said = tuple(f"{name.rpartition(' ')[2]}: {said}" for name, said in pairs)
            differences.append(Difference(pairs[0][0], said))
        elif len({said for _, said in pairs}) > 1:
            differences.append(Difference(pairs[0][0], tuple(said for _, said in pairs)))
        else:
            same += 1
    held = {(one.edition, one.what) for one in only}
    return Aspect(title, tuple(differences), tuple(one for one in only if not _is_inside(one, held)), same)


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _is_inside(one: Only, held: set[tuple[int, str]]) -> bool:
    """Whether a fact is about a member of an object or list that is itself in only one edition."""
    cuts = [place for place, char in enumerate(one.what) if char in ".["]
    return any((one.edition, one.what[:cut]) in held for cut in cuts)


def _said_once(aspects: list[Aspect]) -> list[Aspect]:
    """Return the aspects of operations, with differences that most of them share in one of their own before them."""
    counted: Counter[Difference | Only] = Counter()
    for aspect in aspects:
        counted.update({*aspect.differences, *aspect.only})
    shared = {one for one, times in counted.items() if len(aspects) > 1 and times >= _MOST * len(aspects)}
    order = dict.fromkeys(one for aspect in aspects for one in (*aspect.differences, *aspect.only))
    every = [one for one in order if one in shared]
    general = Aspect(
        "Most operations",
        tuple(one for one in every if isinstance(one, Difference)),
        tuple(one for one in every if isinstance(one, Only)),
        0,
    )
    return [
        general,
        *(
            replace(
                aspect,
                differences=tuple(one for one in aspect.differences if one not in shared),
                only=tuple(one for one in aspect.only if one not in shared),
            )
            for aspect in aspects
        ),
    ]


def _operations(contract: Contract) -> Facts:
    return {operation.id: f"{operation.method} {operation.path}" for operation in contract.operations}


def _envelope(contract: Contract) -> Facts:
    raw = contract.document.root.get("x-envelope")
    if not isinstance(raw, dict):
        return {"the body of a success": "the data itself"}
    return {"the body of a success": f"an object of {', '.join(map(str, raw))}; the data is in {_data_of(contract)}"}


def _data_of(contract: Contract) -> str:
    """Return the member of the envelope that holds the data, or an empty text."""
    raw = contract.document.root.get("x-envelope")
    members = raw.items() if isinstance(raw, dict) else ()
    return next((str(name) for name, value in members if value == "{data}"), "")


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


def _operation(contract: Contract, operation: Operation) -> Facts:
    facts: dict[str, str] = {"statuses": ", ".join(operation.responses)}
    for parameter in operation.parameters:
        default = "" if parameter.default is MISSING else f", default {parameter.default}"
        needed = "required" if parameter.required else "optional"
        facts[f"{parameter.location} parameter {parameter.name}"] = f"{needed}, {parameter.schema.expected}{default}"
    success = operation.response(operation.success)
    if success is not None:
        facts |= {f"header {header.name}": header.schema.expected or "any" for header in success.headers}
        if success.media is not None:
            facts |= _fields("answer", success.media.schema, "" if operation.bare else _data_of(contract))
    if operation.body is not None and operation.body.content:
        facts |= _fields("body", operation.body.content[0].schema, "")
    return facts


def _fields(what: str, schema: Schema | None, data: str) -> Facts:
    """Return the members of a body; of one in an envelope, those of its member `data`."""
    if schema is None:
        return {}
    rows = [row for row in list_fields(schema.node, schema.document, DOCUMENTED) if row.name and row.name != "[]"]
    return {
        f"{what} {row.path.removeprefix(f'{data}.') if data else row.path}": (
            f"{row.kind or 'anything'}{'' if row.required else ', may be absent'}"
        )
        for row in rows
        if not data or row.path.startswith(f"{data}.")
    }
