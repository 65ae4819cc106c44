"""Tracking: what a page view, a heartbeat and five minutes of silence do to the live count."""

from __future__ import annotations

from collections.abc import Iterator

from contract_tests.checks.judgement import Judgement
from contract_tests.checks.records import is_count, scalars_of
from contract_tests.checks.traffic import Traffic, View
from mockserver.contract import Contract, Provenance
from mockserver.contract.provenance import DOCUMENTED, INFERRED

TRACK, LIVE, BEAT = "trackEvent", "getLiveVisitors", "sendHeartbeat"
_MARK = "tracking: "


def count_of(view: View) -> int | None:
    """The live count of an answer: its one count."""
    if not view.succeeded or not view.has_json:
        return None
    return next((value for path, value in scalars_of(view.json) if path and is_count(path[-1], value)), None)


def _level(traffic: Traffic, *names: str) -> Provenance:
    found = [operation.provenance for operation in traffic.contract.operations if operation.id in names]
    return found[0] if found else INFERRED


def judge(traffic: Traffic) -> Iterator[Judgement]:
    """The tracking sequence, recognised by its purposes."""
    rows = [view for view in traffic.views if view.exchange.request.purpose.startswith(_MARK)]
    before: View | None = None
    first: View | None = None
    for view in rows:
        purpose = view.exchange.request.purpose.removeprefix(_MARK)
        if purpose.startswith("bad input") and view.status:
            yield _refused(view, purpose)
        count = count_of(view)
        if purpose.startswith("live") and count is not None:
            base = count_of(before) if before is not None else None
            if base is not None and before is not None:
                yield from _change(traffic, purpose, before, base, view, count)
            if first is not None and purpose.endswith("after the end"):
                start = count_of(first)
                if start is not None:
                    yield Judgement(
                        "CT706",
                        LIVE,
                        "end",
                        "five minutes without a sign end a session",
                        _level(traffic, LIVE),
                        count <= start,
                        (first.number, view.number),
                        f"live was {start}, is {count} long after the last sign",
                        start,
                        count,
                        settled=True,
                    )
            first = first or view
            before = view
    yield from _figures(rows)


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


def _change(traffic: Traffic, purpose: str, before: View, base: int, view: View, count: int) -> Iterator[Judgement]:
    numbers = (before.number, view.number)
    level = _level(traffic, TRACK)
    if purpose.startswith("live after a page view"):
        yield Judgement(
            "CT701",
            TRACK,
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
            TRACK,
            "same session",
            "a session counts once",
            level,
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
            TRACK,
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
    elif purpose.startswith("live kept"):
        yield Judgement(
            "CT705",
            BEAT,
            "kept",
            "a heartbeat keeps a session alive",
            _level(traffic, BEAT),
            count >= base,
            numbers,
            f"live was {base}, is {count} although heartbeats came",
            base,
            count,
            settled=True,
        )


def _figures(rows: list[View]) -> Iterator[Judgement]:
    views = [view for view in rows if view.exchange.request.purpose.startswith(f"{_MARK}figures")]
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
    names = {operation.id: operation.provenance for operation in contract.operations}
    if TRACK in names and LIVE in names:
        yield Judgement("CT701", TRACK, "live", "a page view raises the live count", names[TRACK], None)
        yield Judgement("CT702", TRACK, "bad input", "refused input changes nothing", names[TRACK], None)
        yield Judgement("CT704", TRACK, "same session", "a session counts once", names[TRACK], None)
        yield Judgement("CT706", LIVE, "end", "five minutes without a sign end a session", names[LIVE], None)
    if BEAT in names:
        yield Judgement("CT705", BEAT, "kept", "a heartbeat keeps a session alive", names[BEAT], None)
