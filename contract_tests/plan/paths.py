"""Requests that no operation takes: unknown paths, other methods, malformed ids, HEAD."""

from __future__ import annotations

from contract_tests.plan.draft import Draft, path_parameters
from contract_tests.plan.step import Step
from contract_tests.plan.values import node_of


def paths(draft: Draft) -> None:
    """Add an unknown path, methods that paths lack, malformed ids and HEAD."""
    role = "main" if any(operation.security for operation in draft.reads) else ""
    nowhere = f"{draft.contract.base_path}/contract-tests-no-such-path"
    draft.steps.append(Step("a path that does not exist", "GET", nowhere, 0, role=role, kind="unknown path"))
    gets = {operation.path for operation in draft.reads}
    for operation in draft.contract.operations:
        if operation.path not in gets:
            who = role if operation.security else ""
            words = "a method that the path does not have"
            draft.steps.append(Step(words, "GET", operation.path, 0, role=who, kind="wrong method"))
    for operation in draft.reads:
        if any("format" in node_of(parameter) for parameter in path_parameters(operation)):
            draft.add(operation, "malformed id", "a malformed id", which="malformed")
    for operation in [op for op in draft.reads if op.security][:1] or draft.reads[:1]:
        draft.steps.append(Step("HEAD", "HEAD", operation.path, 0, operation.id, role=role, kind="head"))
