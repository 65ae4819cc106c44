"""Page views and heartbeats without their effect."""

from __future__ import annotations

from tests.mutants.defects.bursts import _trimmed
from tests.mutants.defects.catalogue import Z25, Z26, mutant
from tests.mutants.edits import holder
from tests.mutants.server import Call

T = "tracking"
for _contract in (Z26, Z25):
    mutant(
        _contract,
        T,
        "tracking-does-nothing",
        "A page view raises the live count.",
        before=lambda c: c.state.update(skip=True) if False else None,
        after=lambda c: _frozen_live(c),
        profile="write",
    )
mutant(Z26, T, "tracking-counts-views", "A session counts once.", after=lambda c: _live_by_views(c), profile="write")
mutant(
    Z26,
    T,
    "tracking-never-ends",
    "Five minutes without a sign end a session.",
    after=lambda c: _live_forever(c),
    profile="write",
)
mutant(
    Z26,
    T,
    "tracking-heartbeat-ignored",
    "A heartbeat keeps a session alive.",
    before=lambda c: (
        setattr(c, "body", c.body.replace(b"contract-tests", b"another-tests"))
        if c.operation == "sendHeartbeat"
        else None
    ),
    profile="write",
)
mutant(
    Z26,
    T,
    "tracking-bad-input-accepted",
    "Broken JSON is refused.",
    after=lambda c: (
        (
            setattr(c, "status", 200),
            setattr(c, "raw", None),
            setattr(c, "data", {"success": True, "data": {"tracked": True}, "timestamp": "2026-02-07T12:00:00.000Z"}),
        )
        if c.operation == "trackEvent" and c.status == 400
        else None
    ),
    profile="write",
)
mutant(
    Z25,
    T,
    "tracking-500-on-garbage",
    "Broken JSON is no server error.",
    after=lambda c: setattr(c, "status", 500) if c.operation == "trackEvent" and c.status == 400 else None,
    profile="write",
)
mutant(
    Z26,
    T,
    "tracking-too-large-accepted",
    "A body over 1 MiB is refused.",
    before=_trimmed,
    profile="write",
)


def _frozen_live(call: Call) -> None:
    if call.operation == "getLiveVisitors" and call.good:
        node, name = holder(call, "visitors")
        node[name] = call.state.setdefault("live", node[name])


def _live_by_views(call: Call) -> None:
    if call.operation == "trackEvent" and call.good:
        call.state["views"] = call.state.get("views", 0) + 1
    if call.operation == "getLiveVisitors" and call.good:
        base = call.state.setdefault("base", call.inner["visitors"])
        call.inner["visitors"] = base + call.state.get("views", 0)


def _live_forever(call: Call) -> None:
    if call.operation == "getLiveVisitors" and call.good:
        call.state["most"] = max(call.state.get("most", 0), call.inner["visitors"])
        call.inner["visitors"] = call.state["most"]


def _early_end(call: Call) -> None:
    """A session ends two minutes after its last sign."""
    if call.operation == "trackEvent" and call.good:
        call.state["sign"] = call.now()
    if call.operation == "getLiveVisitors" and call.good:
        call.state.setdefault("base", call.inner["visitors"])
        if call.now() - call.state.get("sign", call.now()) > 120:
            call.inner["visitors"] = call.state["base"]


mutant(Z26, T, "tracking-ends-early", "A session lives for five minutes.", after=_early_end, profile="write")
