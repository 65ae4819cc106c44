"""The tracking sequence: page views, heartbeats and silence, sent to the operations that `x-tracking` marks."""

from __future__ import annotations

import json
from typing import Any

from apicontract import Contract, Operation
from apicontract.values import make_value
from contract_tests.model.purposes import (
    BAD_INPUT,
    FIGURES,
    HEARTBEAT,
    LIVE_AFTER_BAD_INPUT,
    LIVE_AFTER_END,
    LIVE_AFTER_OTHER_VISITOR,
    LIVE_AFTER_PAGE_VIEW,
    LIVE_AFTER_SAME_VISITOR,
    LIVE_AT_FIRST,
    LIVE_BEFORE_END,
    OTHER_VISITOR,
    PAGE_VIEW,
    SAME_VISITOR,
)
from contract_tests.plan.step import Script, Step
from contract_tests.reading.paging import enum_of, hours_of

JSON = Any
_SLACK = 5.0
"""Seconds after the end of a session until the live count must show it."""
_REQUESTS = 25.0
"""Seconds that the requests of the sequence take beside its pauses, about."""


def minutes_of_tracking(contract: Contract) -> float:
    """Return the minutes that the sequence takes; 0.0 where the contract lacks the operations that it needs."""
    if contract.tracking("event") is None or contract.tracking("live") is None:
        return 0.0
    return (sum(_pauses(contract)) + _REQUESTS) / 60


def _pauses(contract: Contract) -> tuple[float, float]:
    """Return the seconds from the last page view to the heartbeat, and from there until the silent session is over."""
    live = contract.tracking("live")
    life = live.tracking.seconds if live and live.tracking else 0.0
    return 0.75 * life, 0.25 * life + _SLACK


def _body(operation: Operation, session: str, code: str) -> JSON:
    """Return a body that keeps the schema: the document's own example where there is one."""
    media = operation.body.media("application/json") if operation.body else None
    made = next((dict(value) for value in media.examples.values() if isinstance(value, dict)), None) if media else None
    if made is None:
        made = make_value(media.schema, "tracking") if media and media.schema else {}
    tracking = operation.tracking
    if tracking is None:
        return made
    named = {tracking.session: session, tracking.code: code}
    return {**made, **{name: value for name, value in named.items() if name}, **tracking.page_view}


def tracking(contract: Contract, code: str, seed: int) -> Script:
    """Send the sequence. Its two pauses serve every expectation about time; other requests may be sent in them."""
    track, live, beat = (contract.tracking(kind) for kind in ("event", "live", "heartbeat"))
    if track is None or live is None:
        return
    agent = (("User-Agent", "Mozilla/5.0 (contract-tests)"),)

    def post(operation: Operation, purpose: str, body: bytes, kind: str = "application/json", gap: float = 0.0) -> Step:
        headers = (*agent, ("Content-Type", kind)) if kind else agent
        return Step(
            purpose,
            "POST",
            operation.path,
            200,
            operation.id,
            headers=headers,
            body=body,
            phase="stateful",
            wait=gap,
        )

    def look(purpose: str, gap: float = 0.0) -> Step:
        return Step(purpose, "GET", live.path, 200, live.id, phase="stateful", wait=gap)

    def encoded(operation: Operation, session: str) -> bytes:
        return json.dumps(_body(operation, session, code)).encode()

    one, two = f"contract-tests-{seed}-one", f"contract-tests-{seed}-two"
    figures = _figures_step(contract)
    yield look(LIVE_AT_FIRST)
    if figures:
        yield figures
    good = _body(track, one, code)
    yield from _bad_inputs(track, good, post)
    yield look(LIVE_AFTER_BAD_INPUT)
    yield post(track, PAGE_VIEW, json.dumps(good).encode())
    yield look(LIVE_AFTER_PAGE_VIEW)
    yield post(track, SAME_VISITOR, encoded(track, one))
    yield look(LIVE_AFTER_SAME_VISITOR)
    if figures:
        yield figures
    yield post(track, OTHER_VISITOR, encoded(track, two))
    yield look(LIVE_AFTER_OTHER_VISITOR)
    still, ended = _pauses(contract)
    yield look(LIVE_BEFORE_END, gap=still)
    if beat is not None:
        yield post(beat, HEARTBEAT, encoded(beat, two))
    yield look(LIVE_AFTER_END, gap=ended)


def _bad_inputs(track: Operation, good: JSON, post: Any) -> Script:
    required = []
    media = track.body.media("application/json") if track.body else None
    if media and media.schema and isinstance(media.schema.resolved, dict):
        required = list(media.schema.resolved.get("required") or [])
    session = track.tracking.session if track.tracking else ""
    stranger = {session: "contract-tests-bad"} if session else {}
    broken = json.dumps({**good, **stranger})
    yield post(track, f"{BAD_INPUT}broken JSON", broken[:-1].encode())
    yield post(track, f"{BAD_INPUT}no body", b"")
    yield post(track, f"{BAD_INPUT}wrong content type", broken.encode(), "text/xml")
    yield post(track, f"{BAD_INPUT}a list", b"[]")
    for name in required[:2]:
        body = {key: value for key, value in good.items() if key != name}
        yield post(
            track,
            f"{BAD_INPUT}without {name}",
            json.dumps({**body, **(stranger if name != session else {})}).encode(),
        )
    large = {**good, **stranger, "data": {"filler": "x" * (1024 * 1024 + 1)}}
    yield post(track, f"{BAD_INPUT}too large", json.dumps(large).encode())


def _figures_step(contract: Contract) -> Step | None:
    """Return a request whose answer counts today's page views: the shortest range of an operation without a limit."""
    for operation in contract.operations:
        spans = [
            p
            for p in operation.parameters
            if p.location == "query" and enum_of(p) and all(hours_of(v) for v in enum_of(p))
        ]
        if (
            operation.method == "GET"
            and operation.security
            and spans
            and not any(p.name == "limit" for p in operation.parameters)
        ):
            value = min(enum_of(spans[0]), key=lambda v: hours_of(v) or 0)
            return Step(
                FIGURES,
                "GET",
                operation.path,
                200,
                operation.id,
                ((spans[0].name, str(value)),),
                role="main",
                phase="stateful",
            )
    return None
