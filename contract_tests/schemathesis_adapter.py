"""The one module that knows Schemathesis (pinned: its inner modules move) and Hypothesis: generated requests, shrunk.

Only data generation is used. The requests go through the run's own transport, so that the budget, the pace and the
checks are those of every other request; Schemathesis's own probes and its engine are never started.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from typing import Any

from contract_tests.checks.expectation import expectation
from contract_tests.checks.responses import judge_view
from contract_tests.checks.traffic import Traffic, View
from contract_tests.options import Options
from contract_tests.plan.step import Step
from mockserver.contract import Operation

JSON = Any
Send = Callable[[Step], View | None]
_LONGEST = 2000


class _BrokenError(AssertionError):
    """A generated request whose answer breaks a clause. Hypothesis looks for a simpler one of its kind."""


def fuzz(options: Options, traffic: Traffic, send: Send, may_go_on: Callable[[], bool], room: int) -> None:
    """Generated queries for every GET operation, valid and invalid, as far as `room` requests go."""
    import schemathesis
    from schemathesis import GenerationMode

    document = schemathesis.openapi.from_dict(options.contract.document.root)
    operations = [
        operation
        for operation in options.contract.operations
        if operation.method == "GET" and any(p.location == "query" for p in operation.parameters)
    ]
    if not operations:
        return
    share = max(1, room // (2 * len(operations)))
    for number, operation in enumerate(operations):
        described = next(
            (
                found
                for found in map(_good, document.get_all_operations())
                if found is not None and _is(found, operation)
            ),
            None,
        )
        if described is None:
            continue
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            if may_go_on():
                _examples(
                    described.as_strategy(generation_mode=mode),
                    operation,
                    options.seed + number,
                    share,
                    traffic,
                    send,
                    may_go_on,
                )


def _good(found: Any) -> Any:
    """An operation, or None for one that Schemathesis cannot read."""
    ok = getattr(found, "ok", None)
    return ok() if ok is not None else None


def _is(described: Any, operation: Operation) -> bool:
    return described.method.upper() == operation.method and operation.path.endswith(described.path)


def _examples(
    strategy: Any,
    operation: Operation,
    seed: int,
    most: int,
    traffic: Traffic,
    send: Send,
    may_go_on: Callable[[], bool],
) -> None:
    """One property: no answer to a generated query breaks a clause of its own."""
    from hypothesis import HealthCheck, Phase, given, reject, settings
    from hypothesis import seed as seeded
    from hypothesis.errors import FlakyFailure, Unsatisfiable

    sent: dict[JSON, frozenset[str]] = {}
    broken: dict[str, list[View]] = {}

    @seeded(seed)
    @settings(
        max_examples=most,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def holds(case: Any) -> None:
        query = texts_of(case.query)
        if query not in sent:
            if not may_go_on():
                reject()
            view = send(
                Step(
                    "fuzz: a generated query",
                    "GET",
                    operation.path,
                    400,
                    operation.id,
                    query,
                    role="main" if operation.security else "",
                    phase="fuzz",
                )
            )
            sent[query] = _broken_clauses(traffic, view) if view is not None else frozenset()
            if view is not None:
                for clause in sent[query]:
                    broken.setdefault(clause, []).append(view)
        if sent[query]:
            raise _BrokenError(sorted(sent[query])[0])

    with contextlib.suppress(_BrokenError, FlakyFailure, Unsatisfiable):
        holds()
    _keep_the_simplest(traffic, broken)


def _broken_clauses(traffic: Traffic, view: View) -> frozenset[str]:
    if expectation(traffic, view).open and view.status < 500:
        return frozenset()
    return frozenset(judgement.id for judgement in judge_view(traffic, view) if judgement.ok is False)


def _keep_the_simplest(traffic: Traffic, broken: dict[str, list[View]]) -> None:
    """Of all requests that broke a clause only the shortest is shown; the others were steps on the way to it."""
    kept = {
        min(views, key=lambda view: (len(view.exchange.request.url), view.number)).number for views in broken.values()
    }
    dropped = {view.number for views in broken.values() for view in views} - kept
    traffic.views[:] = [view for view in traffic.views if view.number not in dropped]


def texts_of(query: Any) -> tuple[tuple[str, str], ...]:
    """A generated query as texts; what has no text form stands as JSON."""
    found: list[tuple[str, str]] = []
    for name, value in (query or {}).items():
        for item in value if isinstance(value, list) else [value]:
            text = (
                item
                if isinstance(item, str)
                else "true"
                if item is True
                else "false"
                if item is False
                else json.dumps(item)
                if isinstance(item, (dict, list))
                else "null"
                if item is None
                else str(item)
            )
            found.append((_clean(str(name)), _clean(text)))
    return tuple(found)


def _clean(text: str) -> str:
    """What can stand in a URL: no lone surrogates, no kilobytes."""
    return text.encode("utf-8", "replace").decode()[:_LONGEST]
