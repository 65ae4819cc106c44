"""A deliberately broken server: the mock with one defect, by name, class and violated sentence."""

from __future__ import annotations

from typing import Any

from tests.mutants.server import Call, Mutant

JSON = Any
Z26, Z25, AP = "zenovay@2026-02", "zenovay@2025-01", "analytics-platform@v2"
GOOD = {Z26: "zv_demo_pro", Z25: "zv_demo_pro", AP: "ap_demo"}
MUTANTS: list[Mutant] = []


def mutant(
    contract: str,
    kind: str,
    name: str,
    sentence: str,
    *,
    before: Any = None,
    after: Any = None,
    profile: str = "readonly",
) -> None:
    """Add a broken server to the list."""
    short = {Z26: "z26", Z25: "z25", AP: "ap"}[contract]
    MUTANTS.append(Mutant(f"{short}-{name}", kind, contract, sentence, before, after, profile))


def swap(items: list[JSON]) -> list[JSON]:
    """The first two the other way round."""
    return [items[1], items[0], *items[2:]] if len(items) > 1 else items


def lists_in(call: Call) -> list[tuple[dict[str, JSON], str]]:
    """Every list of records of an answer."""
    inner = call.inner
    return (
        [(inner, name) for name, value in inner.items() if isinstance(value, list)] if isinstance(inner, dict) else []
    )
