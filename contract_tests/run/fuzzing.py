"""Generated requests. The only module that uses Schemathesis (pinned, as its modules move) and Hypothesis.

Only data generation is used. The requests go through the run's own transport, so that the budget, the pace and the
checks are those of every other request; the engine and the probes of Schemathesis are never started.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

from apicontract import Operation
from contract_tests.checks.expectation import expectation
from contract_tests.checks.responses import judge_view
from contract_tests.client.credentials import MADE_UP, credential_of
from contract_tests.model.options import Options
from contract_tests.model.purposes import FUZZ
from contract_tests.plan.step import Step
from contract_tests.reading.traffic import Traffic, View

JSON = Any
Send = Callable[[Step], View | None]
Build = Callable[[Any], Step | None]
_LONGEST = 2000
_KEYS = 12
"""Made-up keys: they are tried on one operation only."""
_HEADER_TEXT = "".join(chr(code) for code in (*range(0x21, 0x7F), *range(0xA1, 0x100)))


class _BrokenError(AssertionError):
    """The answer to a generated request breaks a clause. Hypothesis looks for a simpler request."""


@dataclass(frozen=True)
class _Property:
    """The property that no answer to a generated request breaks a clause; `build` makes a step of an example."""

    strategy: Any
    build: Build
    least: int = 1


def fuzz(
    options: Options,
    traffic: Traffic,
    send: Send,
    may_go_on: Callable[[], bool],
    room: int,
    *,
    bodies: bool = False,
) -> None:
    """Send generated queries, ids and keys to every GET operation, valid and invalid, with at most `room` requests.

    `bodies`: generated bodies for the operations that take one instead, which may change something.
    """
    properties = list(_of_bodies(options) if bodies else _of_reads(options))
    share = max(1, room // max(1, len(properties)))
    for number, one in enumerate(properties):
        if may_go_on():
            _examples(one, options.seed + number, max(one.least, share), traffic, send, may_go_on)


def _of_reads(options: Options) -> Iterator[_Property]:
    from hypothesis import strategies as st
    from schemathesis import GenerationMode

    reads = [operation for operation in options.contract.operations if operation.method == "GET"]
    for operation, described in _described(options, reads):
        places = {parameter.location for parameter in operation.parameters}
        if "query" in places:
            yield _Property(described.as_strategy(), partial(_query_step, operation))
            names = [parameter.name for parameter in operation.parameters if parameter.location == "query"]
            odd = st.one_of(st.text(max_size=40), st.integers().map(str), st.floats().map(str), st.just("null"))
            one = st.tuples(st.sampled_from(names), odd)  # a single odd value is what most defects need
            wrong = described.as_strategy(generation_mode=GenerationMode.NEGATIVE)
            yield _Property(st.one_of(one, wrong), partial(_query_step, operation))
        if "path" in places:
            strategy = described.as_strategy(generation_mode=GenerationMode.NEGATIVE)
            yield _Property(strategy, partial(_path_step, operation))
    secured = next((operation for operation in reads if operation.security and not _names(operation)), None)
    if secured is not None and "main" in options.keys:
        texts = st.text(_HEADER_TEXT, min_size=1)
        long = texts.map(lambda text: (text * _LONGEST)[:_LONGEST])
        schemes = st.integers(0, len(secured.security) - 1)
        key = options.keys["main"]
        yield _Property(st.tuples(st.one_of(texts, long), schemes), partial(_key_step, secured, key), _KEYS)


def _of_bodies(options: Options) -> Iterator[_Property]:
    from schemathesis import GenerationMode

    takers = [operation for operation in options.contract.operations if operation.body is not None]
    for operation, described in _described(options, takers):
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            yield _Property(described.as_strategy(generation_mode=mode), partial(_body_step, operation))


def _described(options: Options, operations: list[Operation]) -> Iterator[tuple[Operation, Any]]:
    """List operations with what Schemathesis makes of them."""
    import schemathesis

    document = schemathesis.openapi.from_dict(options.contract.document.root)
    known = [found for found in map(_good, document.get_all_operations()) if found is not None]
    for operation in operations:
        described = next((found for found in known if _is(found, operation)), None)
        if described is not None:
            yield operation, described


def _names(operation: Operation) -> list[str]:
    return [parameter.name for parameter in operation.parameters if parameter.location == "path"]


def _step(operation: Operation, what: str, **more: Any) -> Step:
    role = more.pop("role", "main" if operation.security else "")
    path = more.pop("path", operation.path)
    return Step(f"{FUZZ}a generated {what}", operation.method, path, 400, operation.id, role=role, phase="fuzz", **more)


def _query_step(operation: Operation, example: Any) -> Step:
    """Return a step for a whole case, or for one parameter and its text. Parameters without a name are left out."""
    query = dict([example]) if isinstance(example, tuple) else example.query
    return _step(operation, "query", query=tuple(pair for pair in texts_of(query) if pair[0]))


def _path_step(operation: Operation, case: Any) -> Step | None:
    """Return a step with generated ids; None for ids that would change the path."""
    path = operation.path
    for name, text in texts_of(case.path_parameters):
        clean = "".join(character for character in text if character.isprintable())
        if clean in ("", ".", ".."):
            return None
        path = path.replace(f"{{{name}}}", quote(clean, safe=""))
    return _step(operation, "id", path=path)


def _key_step(operation: Operation, key: str, example: tuple[str, int]) -> Step | None:
    """Return a step with a made-up key; None for one that holds the good key."""
    text, scheme = example
    if key in text or "$" in text:
        return None
    credential = credential_of(operation, text, scheme)
    return _step(operation, "key", role=f"invalid:{MADE_UP}", headers=credential.headers, query=credential.query)


def _body_step(operation: Operation, case: Any) -> Step:
    body = case.body if isinstance(case.body, bytes) else json.dumps(_plain(case.body), default=str).encode()
    return _step(operation, "body", body=body, headers=(("Content-Type", "application/json"),))


def _plain(value: JSON) -> JSON:
    return value if isinstance(value, (dict, list, str, int, float, bool)) else None


def _good(found: Any) -> Any:
    """Return an operation, or None for one that Schemathesis cannot read."""
    ok = getattr(found, "ok", None)
    return ok() if ok is not None else None


def _is(described: Any, operation: Operation) -> bool:
    return described.method.upper() == operation.method and operation.path.endswith(described.path)


def _examples(
    one: _Property, seed: int, most: int, traffic: Traffic, send: Send, may_go_on: Callable[[], bool]
) -> None:
    """Find an example that breaks the property, and the simplest of its kind."""
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
    @given(one.strategy)
    def holds(example: Any) -> None:
        step = one.build(example)
        if step is None:
            reject()
        mark = step.path, step.query, step.headers, step.body
        if mark not in sent:
            if not may_go_on():
                reject()
            view = send(step)
            sent[mark] = _broken_clauses(traffic, view) if view is not None else frozenset()
            if view is not None:
                for clause in sent[mark]:
                    broken.setdefault(clause, []).append(view)
        if sent[mark]:
            raise _BrokenError(sorted(sent[mark])[0])

    with contextlib.suppress(_BrokenError, FlakyFailure, Unsatisfiable):
        holds()
    _keep_the_simplest(traffic, broken)


def _broken_clauses(traffic: Traffic, view: View) -> frozenset[str]:
    if expectation(traffic, view).open and view.status < 500:
        return frozenset()
    return frozenset(judgement.id for judgement in judge_view(traffic, view) if judgement.ok is False)


def _keep_the_simplest(traffic: Traffic, broken: dict[str, list[View]]) -> None:
    """Keep the shortest request that broke each clause; the others were steps on the way to it."""
    kept = {min(views, key=lambda view: (_length(view), view.number)).number for views in broken.values()}
    dropped = {view.number for views in broken.values() for view in views} - kept
    traffic.views[:] = [view for view in traffic.views if view.number not in dropped]


def _length(view: View) -> int:
    request = view.exchange.request
    return len(request.url) + len(request.body) + sum(len(value) for _, value in request.headers)


def texts_of(query: Any) -> tuple[tuple[str, str], ...]:
    """Return a generated query as texts; what has no text form is written as JSON."""
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
    """Return what can stand in a URL: no lone surrogates, no kilobytes."""
    return text.encode("utf-8", "replace").decode()[:_LONGEST]
