"""What a request can reveal, and what that is worth: estimates of how often servers are wrong there.

The estimates order a plan and nothing else: what is worth little is still asked when the budget allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from apicontract import Contract, Operation
from contract_tests.plan.step import Step
from contract_tests.plan.values import node_of, text_of
from contract_tests.reading.paging import enum_of

Aspect = tuple[str, str]
"""What is revealed, and the operation where; no operation: in code that operations share."""
Needed = Literal["every", "first", "none"]


@dataclass(frozen=True, slots=True)
class Worth:
    """`anywhere`: that some operation shows it for the first time; `here`: that one more operation does."""

    anywhere: float
    here: float


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of request: what it reveals, and how many of it a complete run needs. `good`: it is to succeed."""

    reveals: tuple[str, ...] = ()
    needed: Needed = "every"
    good: bool = False


WORTH: Mapping[str, Worth] = {
    # what there is
    "answer": Worth(5, 6),
    "much": Worth(2, 1),
    "few": Worth(4, 1),
    "prefix": Worth(3, 1.5),
    "second page": Worth(5, 2),
    "last page": Worth(4, 2),
    "past the end": Worth(1.5, 0.3),
    "whole list": Worth(3, 1),
    "nothing given": Worth(2, 0.3),
    "default limit": Worth(3, 1.5),
    "default": Worth(3, 0.8),
    "another range": Worth(3, 1),
    "figures of a range": Worth(1, 0.5),
    "twice": Worth(2, 0.4),
    "unknown parameter": Worth(2, 0.2),
    "filter": Worth(4, 1),
    "filter without a match": Worth(3, 1),
    "value": Worth(1, 0.5),
    "bound": Worth(1.5, 0.4),
    "scheme": Worth(2, 0),
    "rule": Worth(1.5, 0),
    # whom it belongs to
    "scoped list": Worth(4, 1),
    "own resource": Worth(1.5, 0.2),
    "foreign": Worth(5, 3),
    "unknown": Worth(4, 1.2),
    "another": Worth(3, 0.3),
    "malformed": Worth(3, 0.2),
    "whether the id counts": Worth(0, 1),
    # who may ask
    "whether a key counts": Worth(2, 0.5),
    "no key": Worth(4, 3),
    "any key": Worth(1, 0.5),
    "bad key": Worth(3, 0),
    "revoked": Worth(4, 0),
    "exhausted": Worth(4, 0),
    "noperm": Worth(4, 0),
    "free": Worth(1.5, 0),
    # what is refused
    "past maximum": Worth(3.5, 1.2),
    "past minimum": Worth(3, 0.5),
    "outside enum": Worth(3.5, 1.2),
    "wrong type": Worth(3.5, 0.8),
    "form": Worth(1, 0.1),
    "missing": Worth(4, 1),
    "long text": Worth(3, 0.1),
    "odd text": Worth(3, 0.1),
    "repeated": Worth(1, 0.1),
    "empty": Worth(1, 0.1),
    "status": Worth(1, 0.4),
    "unknown path": Worth(4, 0),
    "wrong method": Worth(4, 0),
    "head": Worth(1, 0),
}
"""Aspect → its worth; a detail after a colon tells aspects of one worth apart."""

KINDS: Mapping[str, Kind] = {
    "list": Kind(("much",), good=True),
    "wide": Kind(("much",), good=True),
    "left out": Kind(("nothing given",), good=True),
    "limit left out": Kind(("default limit", "prefix"), "first", good=True),
    "defaults": Kind(("unknown parameter", "twice"), good=True),
    "again": Kind(("unknown parameter", "twice"), "first", good=True),
    "short list": Kind(("few", "prefix"), good=True),
    "second page": Kind(("few", "prefix", "second page"), good=True),
    "last page": Kind(("last page",), good=True),
    "past the end": Kind(("past the end",), "none", good=True),
    "middle range": Kind(("another range", "figures of a range"), good=True),
    "range": Kind(("another range",), "none", good=True),
    "choice": Kind(good=True),
    "seen value": Kind(good=True),
    "nobody's value": Kind(("filter without a match",), good=True),
    "lowest": Kind(("few",), "first", good=True),
    "bound": Kind(("whole list",), "first", good=True),
    "cross rule": Kind(good=True),
    "another resource": Kind(("another", "whether the id counts"), "first"),
    "scoped list": Kind(("scoped list",), "first"),
    "own resource": Kind(("own resource",), "none"),
    "foreign resource": Kind(("foreign", "whether the id counts", "status:403")),
    "unknown resource": Kind(("unknown", "whether the id counts", "status:404")),
    "malformed id": Kind(("malformed", "status:404"), "first"),
    "no key": Kind(("no key", "whether a key counts", "status:401")),
    "bad key": Kind(("any key", "whether a key counts", "status:401"), "first"),
    "other bad key": Kind((), "first"),
    "revoked": Kind(("revoked", "status:401")),
    "exhausted": Kind(("exhausted", "status:429")),
    "noperm": Kind(("noperm", "status:403")),
    "free": Kind(("free",)),
    "past maximum": Kind(("past maximum", "status:400")),
    "past minimum": Kind(("past minimum", "status:400"), "first"),
    "other past maximum": Kind(("past maximum:other", "status:400"), "first"),
    "other past minimum": Kind(("past minimum:other", "status:400"), "first"),
    "outside enum": Kind(("outside enum", "status:400")),
    "wrong type": Kind(("wrong type", "status:400"), "first"),
    "other wrong type": Kind(("status:400",), "none"),
    "missing": Kind(("missing", "status:400")),
    "long text": Kind(("long text",), "first"),
    "odd text": Kind(("odd text",), "first"),
    "repeated": Kind(("repeated",), "first"),
    "empty": Kind(("empty",), "first"),
    "unknown path": Kind(("unknown path",)),
    "wrong method": Kind(("wrong method",), "first"),
    "head": Kind(("head",), "first"),
}


def aspects_of(step: Step, contract: Contract) -> dict[Aspect, float]:
    """Everything that a request reveals, with its worth when nothing was asked before."""
    kind = KINDS[step.kind]
    names = [*kind.reveals, *step.shows]
    operation = next((operation for operation in contract.operations if operation.id == step.operation), None)
    if kind.good and operation is not None:
        names += ["answer", *_values(step, operation)]
        if operation.security:
            names.append(f"scheme:{step.scheme % len(operation.security)}")
    found: dict[Aspect, float] = {}
    for name in names:
        worth = WORTH[name.partition(":")[0]]
        found[name, ""] = worth.anywhere
        if worth.here:
            found[name, step.operation] = worth.here
    return found


def _values(step: Step, operation: Operation) -> list[str]:
    """The values of enums and the ends of bounds that a query names."""
    found = []
    for parameter in operation.parameters:
        text = dict(step.query).get(parameter.name)
        if text is None or parameter.location != "query":
            continue
        if text in map(text_of, enum_of(parameter)):
            found.append(f"value:{parameter.name}={text}")
        found += [
            f"bound:{parameter.name} {bound}"
            for bound in ("minimum", "maximum")
            if text == text_of(node_of(parameter).get(bound))
        ]
    return found
