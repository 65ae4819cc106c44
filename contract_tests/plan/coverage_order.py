"""What requests reveal, and how much is gained by that: estimates of how often servers are wrong there.

The estimates order a plan and nothing else: what gains little is still asked when the budget allows.
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
"""What is revealed, and in which operation; an empty one stands for code that all operations share."""
Needed = Literal["every", "first", "none"]


@dataclass(frozen=True, slots=True)
class Gain:
    """`anywhere`: when an aspect is revealed for the first time; `here`: when one more operation reveals it."""

    anywhere: float
    here: float


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of request: what it reveals, and how many of it a complete run needs. `good`: it must succeed."""

    reveals: tuple[str, ...] = ()
    needed: Needed = "every"
    good: bool = False


GAINS: Mapping[str, Gain] = {
    # data
    "answer": Gain(5, 6),
    "much": Gain(2, 1),
    "few": Gain(4, 1),
    "prefix": Gain(3, 1.5),
    "second page": Gain(5, 2),
    "last page": Gain(4, 2),
    "past the end": Gain(1.5, 0.3),
    "whole list": Gain(3, 1),
    "nothing given": Gain(2, 0.3),
    "default limit": Gain(3, 1.5),
    "default": Gain(3, 0.8),
    "another range": Gain(3, 1),
    "figures of a range": Gain(1, 0.5),
    "twice": Gain(2, 0.4),
    "unknown parameter": Gain(2, 0.2),
    "filter": Gain(4, 1),
    "filter without a match": Gain(3, 1),
    "value": Gain(1, 0.5),
    "bound": Gain(1.5, 0.4),
    "scheme": Gain(2, 0),
    "rule": Gain(1.5, 0),
    # resources
    "scoped list": Gain(4, 1),
    "own resource": Gain(1.5, 0.2),
    "foreign": Gain(5, 3),
    "unknown": Gain(4, 1.2),
    "another": Gain(3, 0.3),
    "malformed": Gain(3, 0.2),
    "whether the id counts": Gain(0, 1),
    # keys
    "whether a key counts": Gain(2, 0.5),
    "no key": Gain(4, 3),
    "any key": Gain(1, 0.5),
    "bad key": Gain(3, 0),
    "revoked": Gain(4, 0),
    "exhausted": Gain(4, 0),
    "noperm": Gain(4, 0),
    "free": Gain(1.5, 0),
    # refusals
    "past maximum": Gain(3.5, 1.2),
    "past minimum": Gain(3, 0.5),
    "outside enum": Gain(3.5, 1.2),
    "wrong type": Gain(3.5, 0.8),
    "form": Gain(1, 0.1),
    "missing": Gain(4, 1),
    "long text": Gain(3, 0.1),
    "odd text": Gain(3, 0.1),
    "repeated": Gain(1, 0.1),
    "empty": Gain(1, 0.1),
    "status": Gain(1, 0.4),
    "unknown path": Gain(4, 0),
    "wrong method": Gain(4, 0),
    "head": Gain(1, 0),
}
"""Gains by aspect; a detail after a colon tells aspects of one gain apart."""

KINDS: Mapping[str, Kind] = {
    "list": Kind(("much",), good=True),
    "wide": Kind(("much",), good=True),
    "left out": Kind(("nothing given",), good=True),
    "limit left out": Kind(("default limit", "prefix"), "first", good=True),
    "defaults": Kind(("twice",), good=True),
    "again": Kind(("twice",), "first", good=True),
    "unknown parameter": Kind(("unknown parameter",), "none", good=True),
    "short list": Kind(("few", "prefix"), good=True),
    "second page": Kind(("few", "prefix", "second page"), good=True),
    "last page": Kind(("last page",), good=True),
    "past the end": Kind(("past the end",), "none", good=True),
    "middle range": Kind(("another range", "figures of a range"), good=True),
    "range": Kind(("another range",), "none", good=True),
    "choice": Kind(good=True),
    "seen value": Kind(good=True),
    "unmatched value": Kind(("filter without a match",), good=True),
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
    """Return all that a request reveals, with what each aspect is gain while nothing was asked."""
    kind = KINDS[step.kind]
    names = [*kind.reveals, *step.shows]
    operation = next((operation for operation in contract.operations if operation.id == step.operation), None)
    if kind.good and operation is not None:
        names += ["answer", *_values(step, operation)]
        if operation.security:
            names.append(f"scheme:{step.scheme % len(operation.security)}")
    found: dict[Aspect, float] = {}
    for name in names:
        gain = GAINS[name.partition(":")[0]]
        found[name, ""] = gain.anywhere
        if gain.here:
            found[name, step.operation] = gain.here
    return found


def _values(step: Step, operation: Operation) -> list[str]:
    """List the values of enums and the ends of bounds that a query has."""
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
