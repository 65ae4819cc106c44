"""What a schema cannot say: `x-rules` and `x-cross-rules`, in CEL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apicontract.provenance import Provenance, provenance_of


@dataclass(frozen=True, slots=True)
class Rule:
    """A CEL expression that holds for every success of one operation."""

    id: str
    expression: str
    message: str
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Wanted:
    """An exchange that a rule across operations speaks of."""

    operation: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CrossRule:
    """A CEL expression over several exchanges, each under its own name."""

    id: str
    exchanges: Mapping[str, Wanted]
    expression: str
    message: str
    provenance: Provenance


def rules_of(node: Mapping[str, Any], inherited: Provenance) -> tuple[Rule, ...]:
    """Read `x-rules` of an operation."""
    return tuple(
        Rule(str(entry["id"]), str(entry["rule"]), str(entry.get("message", "")), provenance_of(entry, inherited))
        for entry in node.get("x-rules") or ()
    )


def cross_rules_of(root: Mapping[str, Any]) -> tuple[CrossRule, ...]:
    """Read `x-cross-rules` of a document."""
    return tuple(
        CrossRule(
            id=str(entry["id"]),
            exchanges={
                name: Wanted(str(wanted["operation"]), dict(wanted.get("parameters") or {}))
                for name, wanted in entry["exchanges"].items()
            },
            expression=str(entry["rule"]),
            message=str(entry.get("message", "")),
            provenance=provenance_of(entry),
        )
        for entry in root.get("x-cross-rules") or ()
    )
