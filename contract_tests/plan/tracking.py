"""The tracking sequence: page views, heartbeats, silence. One of the few places that know what operations mean."""

from __future__ import annotations

import json
from typing import Any

from apicontract import Contract, Operation
from apicontract.values import make_value
from contract_tests.checks.paging import enum_of, hours_of
from contract_tests.checks.tracking import BEAT, LIVE, TRACK
from contract_tests.plan.step import Script, Step

JSON = Any
STILL, ENDED = 225.0, 80.0
"""Seconds from the last page view to the heartbeat, and from the heartbeat to where whoever sent none is gone."""
MINUTES = (STILL + ENDED + 25) / 60
"""What the sequence takes, on the target's clock."""


def has_tracking(contract: Contract) -> bool:
    """Whether the contract has the operations that the sequence is about."""
    names = {operation.id for operation in contract.operations}
    return TRACK in names and LIVE in names


def _body(operation: Operation, session: str, code: str) -> JSON:
    """A body that keeps the schema; the document's own example where there is one."""
    media = operation.body.media("application/json") if operation.body else None
    made = next((dict(value) for value in media.examples.values() if isinstance(value, dict)), None) if media else None
    if made is None:
        made = make_value(media.schema, "tracking") if media and media.schema else {}
    properties = media.schema.resolved.get("properties", {}) if media and media.schema else {}
    if "session_id" in properties or "session_id" in made:
        made["session_id"] = session
    if "tracking_code" in properties or "tracking_code" in made:
        made["tracking_code"] = code
    if "type" in properties:
        made["type"] = "pageview"
    return made


def tracking(contract: Contract, code: str, seed: int) -> Script:
    """The sequence. Its two pauses serve every expectation about time; other requests may be sent in them."""
    by = {operation.id: operation for operation in contract.operations}
    track, live, beat = by[TRACK], by[LIVE], by.get(BEAT)
    agent = (("User-Agent", "Mozilla/5.0 (contract-tests)"),)

    def post(operation: Operation, purpose: str, body: bytes, kind: str = "application/json", gap: float = 0.0) -> Step:
        headers = (*agent, ("Content-Type", kind)) if kind else agent
        return Step(
            f"tracking: {purpose}",
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
        return Step(f"tracking: live {purpose}", "GET", live.path, 200, live.id, phase="stateful", wait=gap)

    def encoded(operation: Operation, session: str) -> bytes:
        return json.dumps(_body(operation, session, code)).encode()

    one, two = f"contract-tests-{seed}-one", f"contract-tests-{seed}-two"
    figures = _figures_step(contract)
    yield look("at first")
    if figures:
        yield figures
    good = _body(track, one, code)
    yield from _bad_inputs(track, good, post)
    yield look("after bad input")
    yield post(track, "page view", json.dumps(good).encode())
    yield look("after a page view")
    yield post(track, "page view of the same visitor", encoded(track, one))
    yield look("after the same visitor")
    if figures:
        yield figures
    yield post(track, "page view of another visitor", encoded(track, two))
    yield look("after another visitor")
    yield look("before the end", gap=STILL)
    if beat is not None:
        yield post(beat, "heartbeat", encoded(beat, two))
    yield look("after the end", gap=ENDED)


def _bad_inputs(track: Operation, good: JSON, post: Any) -> Script:
    required = []
    media = track.body.media("application/json") if track.body else None
    if media and media.schema and isinstance(media.schema.resolved, dict):
        required = list(media.schema.resolved.get("required") or [])
    broken = json.dumps({**good, "session_id": "contract-tests-bad"})
    yield post(track, "bad input: broken JSON", broken[:-1].encode())
    yield post(track, "bad input: no body", b"")
    yield post(track, "bad input: wrong content type", broken.encode(), "text/xml")
    yield post(track, "bad input: a list", b"[]")
    for name in required[:2]:
        body = {key: value for key, value in good.items() if key != name}
        yield post(
            track,
            f"bad input: without {name}",
            json.dumps({**body, **({"session_id": "contract-tests-bad"} if name != "session_id" else {})}).encode(),
        )
    yield post(
        track, "bad input: too large", json.dumps({**good, "data": {"filler": "x" * (1024 * 1024 + 1)}}).encode()
    )


def _figures_step(contract: Contract) -> Step | None:
    """A request whose answer counts today's page views: the shortest range of an operation without a limit."""
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
                "tracking: figures",
                "GET",
                operation.path,
                200,
                operation.id,
                ((spans[0].name, str(value)),),
                role="main",
                phase="stateful",
            )
    return None
