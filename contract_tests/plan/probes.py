"""The directed requests: all that a contract's clauses need."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from contract_tests.model.options import Options
from contract_tests.plan.answers import answers, rules
from contract_tests.plan.coverage_order import KINDS
from contract_tests.plan.draft import Draft
from contract_tests.plan.keys import keys, other_keys
from contract_tests.plan.pages import pages
from contract_tests.plan.paths import paths
from contract_tests.plan.refusals import odd_texts, refusals
from contract_tests.plan.step import Step

JSON = Any
_NEEDS = ("none", "first", "every")


def probes(options: Options) -> list[Step]:
    """Return every step of a contract, in no order yet."""
    draft = Draft(options)
    for index, operation in enumerate(draft.reads):
        answers(draft, operation)
        pages(draft, operation)
        refusals(draft, operation)
        odd_texts(draft, operation)
        keys(draft, operation, index)
    other_keys(draft)
    paths(draft)
    rules(draft)
    return _unique(draft.steps)


def _unique(steps: Iterable[Step]) -> list[Step]:
    """Return the steps without repetitions; of equal ones, the one that a complete run needs most."""
    found: dict[JSON, Step] = {}
    for step in steps:
        mark = (
            step.method,
            step.path,
            step.query,
            step.role,
            step.which,
            step.deferred_words,
            step.kind == "again",
            step.scheme if step.role.startswith("invalid") else 0,
        )
        known = found.setdefault(mark, step)
        if _NEEDS.index(KINDS[step.kind].needed) > _NEEDS.index(KINDS[known.kind].needed):
            found[mark] = step
    return list(found.values())
