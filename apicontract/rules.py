"""Rules beyond JSON Schema, in CEL: `x-rules` and `x-cross-rules`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apicontract.provenance import Provenance, below, read_provenance


@dataclass(frozen=True, slots=True)
class Rule:
    """A CEL expression that holds for every successful exchange of one operation.

    `statement`: the rule in words, or empty; `message`: what is wrong when it is broken.
    """

    id: str
    expression: str
    message: str
    provenance: Provenance
    pointer: str
    statement: str = ""


@dataclass(frozen=True, slots=True)
class RuleExchange:
    """One exchange of a cross rule: its operation and parameters."""

    operation: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CrossRule:
    """A CEL expression over several exchanges; `exchanges` names each of them."""

    id: str
    exchanges: Mapping[str, RuleExchange]
    expression: str
    message: str
    provenance: Provenance
    pointer: str


def read_rules(node: Mapping[str, Any], inherited: Provenance, pointer: str) -> tuple[Rule, ...]:
    """Read `x-rules` of the operation at a pointer."""
    return tuple(
        Rule(
            id=str(entry["id"]),
            expression=str(entry["rule"]),
            message=str(entry.get("message", "")),
            provenance=read_provenance(entry, inherited),
            pointer=below(pointer, "x-rules", index),
            statement=str(entry.get("statement", "")),
        )
        for index, entry in enumerate(node.get("x-rules") or ())
    )


def read_cross_rules(root: Mapping[str, Any]) -> tuple[CrossRule, ...]:
    """Read `x-cross-rules` of a document."""
    return tuple(
        CrossRule(
            id=str(entry["id"]),
            exchanges={
                name: RuleExchange(str(wanted["operation"]), dict(wanted.get("parameters") or {}))
                for name, wanted in entry["exchanges"].items()
            },
            expression=str(entry["rule"]),
            message=str(entry.get("message", "")),
            provenance=read_provenance(entry),
            pointer=below("#", "x-cross-rules", index),
        )
        for index, entry in enumerate(root.get("x-cross-rules") or ())
    )
