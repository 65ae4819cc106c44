"""Requests that ask who may see what: without a key, with a bad one, with the keys of others."""

from __future__ import annotations

from apicontract import Operation
from contract_tests.client.credentials import VARIANTS, broken
from contract_tests.plan.draft import Draft, path_parameters

_ABSENT = ("query", "empty")
"""Bad keys that leave a server that looks for a key in its place without one."""


def keys(draft: Draft, operation: Operation, index: int) -> None:
    """No key and a bad key for every operation, each kind of bad key somewhere; and a resource that nobody has."""
    if path_parameters(operation):
        draft.add(operation, "unknown resource", "a resource that does not exist", which="unknown", scheme=draft.turn())
    if not operation.security:
        return
    variants = _variants(draft, operation, 0)
    variant = variants[index % len(variants)]
    draft.add(operation, "no key", "no key", role="")
    draft.add(
        operation,
        "bad key",
        f"a bad key ({variant})",
        role=f"invalid:{variant}",
        scheme=index,
        shows=(f"bad key:{variant}", *(("no key",) if variant in _ABSENT else ())),
    )


def other_keys(draft: Draft) -> None:
    """What other keys show, one request each where that is enough."""
    secured = [operation for operation in draft.reads if operation.security]
    if not secured:
        return
    plainest = min(secured, key=lambda op: (len(path_parameters(op)), len(op.parameters)))
    for role, words in (
        ("revoked", "a revoked key"),
        ("exhausted", "a key whose month is used up"),
        ("free", "a key of the smallest plan"),
        ("noperm", "a key without permission"),
    ):
        draft.add(plainest, role, words, role=role, scheme=draft.turn())
    draft.add(plainest, "scoped list", "what a limited key lists", role="scoped")
    for operation in secured:
        if not path_parameters(operation) and operation is not plainest:
            draft.add(operation, "own resource", "what a limited key lists", role="scoped")
    named = [operation for operation in secured if path_parameters(operation)]
    for operation in named:
        draft.add(
            operation,
            "foreign resource",
            "a limited key asks for another resource",
            role="scoped",
            which="foreign",
            scheme=draft.turn(),
        )
    for operation in named[:1]:
        draft.add(operation, "own resource", "a limited key asks for its own resource", role="scoped")
    for scheme in range(len(plainest.security)):
        for variant in _variants(draft, plainest, scheme):
            draft.add(
                plainest,
                "other bad key",
                f"a bad key ({variant})",
                role=f"invalid:{variant}",
                scheme=scheme,
                shows=(f"bad key:{variant}",),
            )


def _variants(draft: Draft, operation: Operation, scheme: int) -> list[str]:
    key = draft.options.keys.get("main", "zv_A1")
    return [variant for variant in VARIANTS if broken(operation, variant, scheme, key) is not None]
