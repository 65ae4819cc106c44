"""Requests that show who may see what: without a key, with a bad one, with other keys."""

from __future__ import annotations

from apicontract import Operation
from contract_tests.client.credentials import VARIANTS, bad_credential
from contract_tests.plan.draft import Draft, path_parameters

_ABSENT = ("query", "empty")
"""Bad keys without a credential in its proper place."""


def keys(draft: Draft, operation: Operation, index: int) -> None:
    """Add requests without a key, with a bad key, and for a resource that nobody has."""
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
    """Add the requests of other keys, one each where that is enough."""
    secured = [operation for operation in draft.reads if operation.security]
    if not secured:
        return
    plainest = min(secured, key=lambda op: (len(path_parameters(op)), len(op.parameters)))
    for role, words in (
        ("revoked", "a revoked key"),
        ("exhausted", "a key with a used-up month"),
        ("free", "a key of the smallest plan"),
        ("noperm", "a key without permission"),
    ):
        draft.add(plainest, role, words, role=role, scheme=draft.turn())
    draft.add(plainest, "scoped list", "a list with a limited key", role="scoped")
    for operation in secured:
        if not path_parameters(operation) and operation is not plainest:
            draft.add(operation, "own resource", "a list with a limited key", role="scoped")
    named = [operation for operation in secured if path_parameters(operation)]
    for operation in named:
        draft.add(
            operation,
            "foreign resource",
            "another resource with a limited key",
            role="scoped",
            which="foreign",
            scheme=draft.turn(),
        )
    for operation in named[:1]:
        draft.add(operation, "own resource", "its own resource with a limited key", role="scoped")
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
    return [variant for variant in VARIANTS if bad_credential(operation, variant, scheme, key) is not None]
