"""Reproducing failures: their requests are sent again and judged by the same checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from contract_tests.checks.verdict import judgements_of
from contract_tests.model.clause import Judgement
from contract_tests.model.exchange import Exchange
from contract_tests.reading.growth import has_grown
from contract_tests.reading.quota import server_now
from contract_tests.reading.records import MOMENTS, difference, without
from contract_tests.reading.ties import in_order_of
from contract_tests.reading.traffic import Traffic, View, read

Ask = Callable[[Iterable[int]], dict[int, Exchange]]
"""Sends the requests of exchanges with these numbers again, in this order; fewer where the budget ends."""
_MOST = 12
_CONCURRENT = 4
"""Requests that it takes to reproduce a failure that may be a concurrent change."""


@dataclass
class Confirmation:
    """`doubtful` says by clause why a failure is not believed; `flaky` names clauses that failed once and not again."""

    doubtful: dict[str, str] = field(default_factory=dict)
    flaky: set[str] = field(default_factory=set)


def confirm(fails: Mapping[str, Judgement], traffic: Traffic, room: int, ask: Ask) -> Confirmation:
    """Reproduce failures, with at most `room` requests."""
    found = Confirmation()
    chosen = representatives(fails, traffic, room)
    steady = [judgement for judgement in chosen if not judgement.may_be_concurrent_change]
    replays = ask(sorted({number for judgement in steady for number in judgement.exchanges}))
    again = _failing(traffic, replays) if replays else set()
    found.flaky |= {each.id for each in steady if set(each.exchanges) <= set(replays) and each.id not in again}
    changing = [judgement for judgement in chosen if judgement.may_be_concurrent_change]
    attempts = {judgement.id: _reproduce(judgement, traffic, ask) for judgement in changing}
    tried = {clause: attempt for clause, attempt in attempts.items() if attempt is not None}
    found.doubtful |= {clause: attempt.doubt for clause, attempt in tried.items() if attempt.doubt}
    # One failure that was reproduced while no data changed makes the others credible as well.
    is_quiet = not any(attempt.has_changed for attempt in tried.values())
    if not (is_quiet and any(not attempt.doubt for attempt in tried.values())):
        for judgement in fails.values():
            if judgement.may_be_concurrent_change and not judgement.settled and judgement.id not in tried:
                why = "not reproduced for lack of requests, and data that changes between requests can explain it"
                found.doubtful[judgement.id] = f"{why}: {judgement.message}"
    return found


def representatives(fails: Mapping[str, Judgement], traffic: Traffic, room: int) -> list[Judgement]:
    """Return the failures to reproduce, the gravest first, until there is no room for more."""
    chosen: list[Judgement] = []
    numbers: set[int] = set()
    left = min(room, _MOST)
    codes: Counter[str] = Counter()
    spent = {view.number for view in traffic.views if view.status == 429 and view.role != "exhausted"}
    safe = {view.number for view in traffic.views if view.method in ("GET", "HEAD")}
    for judgement in fails.values():
        code, own = judgement.clause.code, set(judgement.exchanges)
        is_steady = not judgement.may_be_concurrent_change
        if judgement.settled or not own or (codes[code] >= 2 and is_steady):
            continue
        if not own <= safe - spent:
            continue  # one more request does not bring a spent limit back
        cost = len(own - numbers) if is_steady else _CONCURRENT
        if cost > left:
            continue
        codes[code] += 1
        left -= cost
        if is_steady:
            numbers |= own
        chosen.append(judgement)
    return chosen


@dataclass(frozen=True, slots=True)
class Reproduction:
    """An attempt to reproduce a failure. `doubt`: why the failure is not believed; `has_changed`: the data did."""

    doubt: str = ""
    has_changed: bool = False


def _reproduce(judgement: Judgement, traffic: Traffic, ask: Ask) -> Reproduction | None:
    """Reproduce a failure that changing data can explain; None where the budget ended before.

    The requests are sent in reverse order, because data that grew between them breaks the clause in one order only,
    and then once more in their order: where one request is answered differently every time (a random member, two nodes
    of which one is behind, data that grows), a difference between two requests shows nothing.
    """
    first = {view.number: view for view in traffic.views}
    numbers = sorted(set(judgement.exchanges), reverse=True)
    rounds: list[dict[int, View]] = [{number: first[number] for number in numbers}]
    for order in (numbers, numbers[::-1]):
        replays = ask(order)
        if set(replays) != set(order):
            return None
        if judgement.id not in _failing(traffic, replays):
            return Reproduction(f"not reproduced: {judgement.message}")
        rounds.append({number: read(traffic.contract, traffic.base, replay) for number, replay in replays.items()})
    before, between, after = rounds
    has_changed = any(_changed(between[number], after[number]) for number in numbers)
    is_steady = not any(
        _changed(before[number], between[number]) and not has_grown(before[number].json, between[number].json)
        for number in numbers
    )
    if has_changed or not is_steady:
        why = "the same request is answered with other data each time, which can explain it"
        return Reproduction(f"{why}: {judgement.message}", has_changed=True)
    return Reproduction()


def _changed(one: View, other: View) -> bool:
    """Return whether two answers to one request differ in more than moments and the order of equal records."""
    left, right = without(one.json, MOMENTS), without(other.json, MOMENTS)
    later = server_now(other) - server_now(one)
    return difference(left, in_order_of(left, right), later=later) is not None


def _failing(traffic: Traffic, replays: Mapping[int, Exchange]) -> set[str]:
    """Return the clauses that the repeated exchanges break by themselves."""
    fresh = {exchange.number for exchange in replays.values()}
    return {
        judgement.id
        for judgement in judgements_of(traffic.substituted(replays))
        if judgement.ok is False and set(judgement.exchanges) <= fresh
    }
