"""Tracking: what a page view, a heartbeat and silence do to the live count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from apicontract import Contract, Operation
from contract_tests.checks.guard import guarded
from contract_tests.checks.provenance import SERVED, fact_at
from contract_tests.model.clause import Clause, Ground, Guess, Judgement
from contract_tests.model.purposes import (
    BAD_INPUT,
    FIGURES,
    HEARTBEAT,
    LIVE,
    LIVE_AFTER_BAD_INPUT,
    LIVE_AFTER_END,
    LIVE_AFTER_OTHER_VISITOR,
    LIVE_AFTER_PAGE_VIEW,
    LIVE_AFTER_SAME_VISITOR,
    LIVE_BEFORE_END,
    OTHER_VISITOR,
    SAME_VISITOR,
    TRACKING,
)
from contract_tests.reading.records import is_count, scalars_of
from contract_tests.reading.traffic import Traffic, View

COUNTS = Clause("CT701", "live", "a page view raises the live count")
NO_EFFECT = Clause("CT702", "bad input", "refused input changes nothing")
REFUSED = Clause("CT703", "{input}", "bad input is refused with a 4xx")
COUNTS_ONCE = Clause("CT704", "same session", "a session counts once")
KEPT = Clause("CT705", "kept", "a heartbeat keeps a session live")
ENDS = Clause("CT706", "end", "a session ends {seconds:.0f} s after its last event or heartbeat")
LIVES = Clause("CT706", "not before", "a session is live for {seconds:.0f} s after its last event or heartbeat")
IN_FIGURES = Clause("CT707", "figures", "today's figures include a tracked page view")
_COUNTED = Guess("no document says that a page view is in today's figures at once")
_KINDS = {"wrong content type": "unsupported-media-type", "too large": "body-too-large"}
"""The kinds of error of bad inputs that are not merely an invalid body."""
_SLACK = 5.0
"""Seconds by which the end of a session may be seen earlier or later."""


@guarded
def judge(traffic: Traffic) -> Iterator[Judgement]:
    """Judge the requests of the tracking sequence, recognised by their purposes."""
    event, live = traffic.contract.tracking("event"), traffic.contract.tracking("live")
    if event is None or live is None:
        return
    rows = [view for view in traffic.views if _purpose(view).startswith(TRACKING)]
    before: View | None = None
    between: list[View] = []
    for view in rows:
        purpose = _purpose(view)
        if purpose.startswith(BAD_INPUT) and view.status:
            yield _refused(traffic.contract, view, purpose.removeprefix(BAD_INPUT))
        if purpose.startswith(LIVE) and count_of(view) is not None:
            if before is not None:
                yield from _change(event, purpose, before, view, between)
            before, between = view, []
        elif view.method == "POST":
            between.append(view)
    yield from _ends(live, traffic.contract.tracking("heartbeat"), rows)
    yield from _figures([view for view in rows if _purpose(view) == FIGURES])


def _purpose(view: View) -> str:
    return view.exchange.request.purpose


def count_of(view: View) -> int | None:
    """Return the live count of an answer: its one count."""
    if not view.succeeded or not view.has_json:
        return None
    return next((value for path, value in scalars_of(view.json) if path and is_count(path[-1], value)), None)


def _about(clause: Clause, operation: Operation) -> Clause:
    """Return a clause of an operation of tracking."""
    seconds = operation.tracking.seconds if operation.tracking else 0.0
    return clause.about(operation, *_grounds(operation), seconds=seconds)


def _grounds(operation: Operation) -> Iterator[Ground]:
    """List what says how an operation of tracking is used: its role, and the body that is sent to it."""
    yield operation
    if operation.tracking is not None:
        yield operation.tracking
    if operation.body is not None:
        yield operation.body
        media = operation.body.media("application/json")
        if media is not None and media.schema is not None:
            yield fact_at(media.schema, (), operation.body.provenance)


def _refused(contract: Contract, view: View, what: str) -> Judgement:
    kind = contract.errors.kinds[_KINDS.get(what, "invalid-body")]
    grounds = (SERVED,) if view.status >= 500 or view.operation is None else (*_grounds(view.operation), kind)
    return REFUSED.about(view.operation, *grounds, input=what).holds(
        400 <= view.status < 500,
        view,
        message=f"bad input: {what}: answered {view.status}",
        expected="a 4xx",
        seen=view.status,
        settled=True,
    )


def _change(event: Operation, purpose: str, before: View, view: View, between: Sequence[View]) -> Iterator[Judgement]:
    """Judge what was sent between two looks at the live count, provided that it was answered as it was meant to be."""
    was, count = count_of(before) or 0, count_of(view) or 0
    if purpose == LIVE_AFTER_PAGE_VIEW:
        clause, right, what, expected = _about(COUNTS, event), count > was, "a page view", was + 1
    elif purpose == LIVE_AFTER_SAME_VISITOR:
        what = "a second page view of the session"
        clause, right, expected = _about(COUNTS_ONCE, event), count <= was, was
    elif purpose == LIVE_AFTER_BAD_INPUT:
        clause, right, what, expected = _about(NO_EFFECT, event), count <= was, "refused input", was
    else:
        return
    if any(sent.succeeded == (purpose == LIVE_AFTER_BAD_INPUT) for sent in between):
        yield clause.unknown(f"{what} was answered {', '.join(str(sent.status) for sent in between)}", *between)
        return
    message = f"the live count was {was}, is {count} after {what}"
    yield clause.holds(right, before, view, message=message, expected=expected, seen=count, settled=True)


@guarded
def _ends(live: Operation, heartbeat: Operation | None, rows: Sequence[View]) -> Iterator[Judgement]:
    """Judge the end of two sessions, of which one sends a heartbeat after some minutes and the other falls silent.

    What may be expected at a look follows from the times at which the requests were really sent.
    """
    by = {_purpose(view): view for view in rows}
    both, early, late = (by.get(name) for name in (LIVE_AFTER_OTHER_VISITOR, LIVE_BEFORE_END, LIVE_AFTER_END))
    silent, other, beat = (by.get(name) for name in (SAME_VISITOR, OTHER_VISITOR, HEARTBEAT))
    if both is None or early is None or silent is None or other is None:
        return
    first, then = count_of(both), count_of(early)
    if first is None or then is None:
        return
    life = live.tracking.seconds if live.tracking else 0.0
    if _between(silent, early) < life - _SLACK:
        message = f"the live count was {first}, is {then} {_between(silent, early):.0f} s after a session's last event"
        clause = _about(LIVES, live)
        yield clause.holds(then >= first, both, early, message=message, expected=first, seen=then, settled=True)
    else:
        early, then = both, first
    last = count_of(late) if late is not None else None
    if late is None or last is None or _between(silent, late) < life + _SLACK:
        return
    seen = f"the live count was {then}, is {last}"
    ended = _about(ENDS, live)
    if beat is None and _between(other, late) > life + _SLACK:
        message = f"{seen} {_between(other, late):.0f} s after the last event of two sessions"
        yield ended.holds(last < then, early, late, message=message, expected=then - 2, seen=last, settled=True)
    elif heartbeat is not None and beat is not None and beat.succeeded and _between(beat, late) < life - _SLACK:
        message = f"{seen} {_between(silent, late):.0f} s after the last event of one session"
        yield ended.holds(last < then, early, late, message=message, expected=then - 1, seen=last, settled=True)
        message = f"{seen}, though a session sent a heartbeat {_between(beat, late):.0f} s before"
        kept = _about(KEPT, heartbeat)
        accepted = [view for view in rows if _purpose(view).startswith(BAD_INPUT) and view.succeeded]
        if accepted and last < then - 1:
            yield kept.unknown("bad input was accepted, so that further sessions may have ended", *accepted)
            return
        yield kept.holds(last >= then - 1, beat, late, message=message, expected=then - 1, seen=last, settled=True)


def _between(one: View, other: View) -> float:
    return other.exchange.started - one.exchange.started


@guarded
def _figures(views: Sequence[View]) -> Iterator[Judgement]:
    """Judge that a count of views is larger after a page view than before it."""
    if len(views) < 2 or not views[0].has_json or not views[1].has_json:
        return
    one, other = (
        {path: value for path, value in scalars_of(view.json) if path and is_count(path[-1], value)}
        for view in views[:2]
    )
    names = [path for path in one if "view" in path[-1].lower()]
    if names:
        first = names[0]
        yield IN_FIGURES.about(views[0].operation, _COUNTED).holds(
            any(other.get(path, 0) > one[path] for path in names),
            *views[:2],
            message=f"{first[-1]} was {one[first]}, is {other.get(first)} after a page view",
            expected=one[first] + 1,
            seen=other.get(first),
            settled=True,
        )


def universe(contract: Contract) -> Iterator[Clause]:
    """List every clause of this family that the contract holds."""
    event, live, heartbeat = (contract.tracking(kind) for kind in ("event", "live", "heartbeat"))
    if event is None or live is None:
        return
    yield _about(COUNTS, event)
    yield _about(NO_EFFECT, event)
    yield _about(COUNTS_ONCE, event)
    yield _about(ENDS, live)
    yield _about(LIVES, live)
    if heartbeat is not None:
        yield _about(KEPT, heartbeat)
