"""Tracking: what a page view, a heartbeat and five minutes of silence do to the live count."""

from __future__ import annotations

from collections.abc import Iterator

from apicontract import Contract, Operation, Provenance
from apicontract.provenance import DOCUMENTED, INFERRED, weakest
from contract_tests.checks.judgement import Judgement
from contract_tests.reading.records import is_count, scalars_of
from contract_tests.reading.traffic import TRACKING, Traffic, View

_SLACK = 5.0


def count_of(view: View) -> int | None:
    """The live count of an answer: its one count."""
    if not view.succeeded or not view.has_json:
        return None
    return next((value for path, value in scalars_of(view.json) if path and is_count(path[-1], value)), None)


def _level(operation: Operation) -> Provenance:
    """Return the provenance of what a contract says that an operation does to the live count."""
    return weakest(operation.provenance, operation.tracking.provenance) if operation.tracking else operation.provenance


def judge(traffic: Traffic) -> Iterator[Judgement]:
    """The tracking sequence, recognised by its purposes."""
    event, live = traffic.contract.tracking("event"), traffic.contract.tracking("live")
    if event is None or live is None:
        return
    rows = [view for view in traffic.views if view.exchange.request.purpose.startswith(TRACKING)]
    before: View | None = None
    for view in rows:
        purpose = view.exchange.request.purpose.removeprefix(TRACKING)
        if purpose.startswith("bad input") and view.status:
            yield _refused(view, purpose)
        count = count_of(view)
        if purpose.startswith("live") and count is not None:
            base = count_of(before) if before is not None else None
            if base is not None and before is not None:
                yield from _change(event, purpose, before, base, view, count)
            before = view
    yield from _ends(live, traffic.contract.tracking("heartbeat"), rows)
    yield from _figures(rows)


def _ends(live: Operation, heartbeat: Operation | None, rows: list[View]) -> Iterator[Judgement]:
    """Two sessions begin; one of them sends a heartbeat after some minutes, the other falls silent.

    What may be expected at a look follows from the times at which the requests were really sent.
    """
    by = {view.exchange.request.purpose.removeprefix(TRACKING): view for view in rows}
    both, early, late = (
        by.get(f"live {when}") for when in ("after another visitor", "before the end", "after the end")
    )
    silent, other, beat = (
        by.get(name) for name in ("page view of the same visitor", "page view of another visitor", "heartbeat")
    )
    if both is None or early is None or silent is None or other is None:
        return
    first, then = count_of(both), count_of(early)
    if first is None or then is None:
        return
    level, life = _level(live), live.tracking.seconds if live.tracking else 0.0
    if _between(silent, early) < life - _SLACK:
        message = f"live was {first}, is {then} only {_between(silent, early):.0f} s after the last sign of a session"
        yield _said("CT706", live.id, "not before", _LIVES, level, then >= first, (both, early), message, first, then)
    else:
        early, then = both, first
    last = count_of(late) if late is not None else None
    if late is None or last is None or _between(silent, late) < life + _SLACK:
        return
    gone = then - last
    if beat is None and _between(other, late) > life + _SLACK:
        message = f"live was {then}, is {last} {_between(other, late):.0f} s after the last sign of two sessions"
        yield _said("CT706", live.id, "end", _ENDS, level, gone >= 1, (early, late), message, then - 2, last)
    elif heartbeat is not None and beat is not None and beat.succeeded and _between(beat, late) < life - _SLACK:
        message = f"live was {then}, is {last} {_between(silent, late):.0f} s after the last sign of one session"
        yield _said("CT706", live.id, "end", _ENDS, level, gone >= 1, (early, late), message, then - 1, last)
        message = f"live was {then}, is {last}, though a session sent a heartbeat {_between(beat, late):.0f} s before"
        level = _level(heartbeat)
        yield _said("CT705", heartbeat.id, "kept", _KEPT, level, gone <= 1, (beat, late), message, then - 1, last)


_LIVES = "a session lives for five minutes after its last sign"
_ENDS = "five minutes without a sign end a session"
_KEPT = "a heartbeat keeps a session alive"


def _between(one: View, other: View) -> float:
    return other.exchange.started - one.exchange.started


def _said(
    code: str,
    operation: str,
    detail: str,
    statement: str,
    level: Provenance,
    ok: bool,
    views: tuple[View, View],
    message: str,
    expected: int,
    seen: int,
) -> Judgement:
    numbers = (views[0].number, views[1].number)
    return Judgement(code, operation, detail, statement, level, ok, numbers, message, expected, seen, settled=True)


def _refused(view: View, purpose: str) -> Judgement:
    name = view.operation.id if view.operation else ""
    return Judgement(
        "CT703",
        name,
        purpose.removeprefix("bad input: "),
        "bad input is refused with a 4xx",
        INFERRED if view.status < 500 else DOCUMENTED,
        400 <= view.status < 500,
        (view.number,),
        f"{purpose}: answered {view.status}",
        "a 4xx",
        view.status,
        settled=True,
    )


def _change(event: Operation, purpose: str, before: View, base: int, view: View, count: int) -> Iterator[Judgement]:
    numbers = (before.number, view.number)
    level = event.provenance
    if purpose.startswith("live after a page view"):
        yield Judgement(
            "CT701",
            event.id,
            "live",
            "a page view raises the live count",
            level,
            count > base,
            numbers,
            f"live was {base}, is {count} after a page view",
            base + 1,
            count,
            settled=True,
        )
    elif purpose.startswith("live after the same visitor"):
        yield Judgement(
            "CT704",
            event.id,
            "same session",
            "a session counts once",
            _level(event),
            count <= base,
            numbers,
            f"live was {base}, is {count} after a second page view of the session",
            base,
            count,
            settled=True,
        )
    elif purpose.startswith("live after bad input"):
        yield Judgement(
            "CT702",
            event.id,
            "bad input",
            "refused input changes nothing",
            level,
            count <= base,
            numbers,
            f"live was {base}, is {count} after refused input",
            base,
            count,
            settled=True,
        )


def _figures(rows: list[View]) -> Iterator[Judgement]:
    views = [view for view in rows if view.exchange.request.purpose.startswith(f"{TRACKING}figures")]
    if len(views) < 2 or not views[0].has_json or not views[1].has_json:
        return
    one, other = (
        {path: value for path, value in scalars_of(view.json) if path and is_count(path[-1], value)}
        for view in views[:2]
    )
    names = [path for path in one if "view" in path[-1].lower()]
    if names:
        grown = any(other.get(path, 0) > one[path] for path in names)
        operation = views[0].operation
        yield Judgement(
            "CT707",
            operation.id if operation else "",
            "figures",
            "a tracked page view is in today's figures",
            INFERRED,
            grown,
            (views[0].number, views[1].number),
            f"{names[0][-1]} was {one[names[0]]} and still is after a page view",
            one[names[0]] + 1,
            other.get(names[0]),
            settled=True,
        )


def universe(contract: Contract) -> Iterator[Judgement]:
    """Every clause of this family that the contract holds."""
    event, live, heartbeat = (contract.tracking(kind) for kind in ("event", "live", "heartbeat"))
    if event is None or live is None:
        return
    yield Judgement("CT701", event.id, "live", "a page view raises the live count", event.provenance, None)
    yield Judgement("CT702", event.id, "bad input", "refused input changes nothing", event.provenance, None)
    yield Judgement("CT704", event.id, "same session", "a session counts once", _level(event), None)
    yield Judgement("CT706", live.id, "end", _ENDS, _level(live), None)
    yield Judgement("CT706", live.id, "not before", _LIVES, _level(live), None)
    if heartbeat is not None:
        yield Judgement("CT705", heartbeat.id, "kept", _KEPT, _level(heartbeat), None)
