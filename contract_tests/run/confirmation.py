"""Seeing a finding twice: its requests once more, and the same check again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from contract_tests.checks.judgement import Judgement
from contract_tests.checks.verdict import judgements_of
from contract_tests.model.exchange import Exchange
from contract_tests.reading.growth import has_grown
from contract_tests.reading.traffic import Traffic, read

Ask = Callable[[Iterable[int]], dict[int, Exchange]]
"""Sends exchanges of these numbers once more, in this order; fewer where the budget ends."""
_MOST = 12
_SANDWICH = 3


@dataclass
class Confirmation:
    """`doubtful`: clause → why its failure is not believed; `flaky`: clauses that failed once and not again."""

    doubtful: dict[str, str] = field(default_factory=dict)
    flaky: set[str] = field(default_factory=set)


def confirm(fails: Mapping[str, Judgement], traffic: Traffic, room: int, ask: Ask) -> Confirmation:
    """See what fails once more, as far as there is room for it: `room` in requests."""
    found = Confirmation()
    chosen = representatives(fails, traffic, room)
    steady = [judgement for judgement in chosen if not judgement.shifty]
    replays = ask(sorted({number for judgement in steady for number in judgement.exchanges}))
    again = _failing(traffic, replays) if replays else set()
    for judgement in steady:
        if set(judgement.exchanges) <= set(replays) and judgement.id not in again:
            found.flaky.add(judgement.id)
    seen: dict[str, Sight] = {}
    for judgement in chosen:
        if judgement.shifty:
            sight = _sandwich(judgement, traffic, ask)
            if sight is not None:
                seen[judgement.id] = sight
    found.doubtful.update((clause, sight.doubt) for clause, sight in seen.items() if sight.doubt)
    # One that holds while nothing grows stands for those that there is no room to see again.
    believed = any(not sight.doubt for sight in seen.values()) and not any(sight.grown for sight in seen.values())
    for judgement in fails.values():
        if judgement.shifty and not judgement.settled and judgement.id not in seen and not believed:
            found.doubtful[judgement.id] = f"seen once, and growing data may look like this: {judgement.message}"
    return found


def representatives(fails: Mapping[str, Judgement], traffic: Traffic, room: int) -> list[Judgement]:
    """The failing clauses to see again, the gravest first, until there is no room for more."""
    chosen: list[Judgement] = []
    numbers: set[int] = set()
    left = min(room, _MOST)
    codes: Counter[str] = Counter()
    spent = {view.number for view in traffic.views if view.status == 429 and view.role != "exhausted"}
    safe = {view.number for view in traffic.views if view.method in ("GET", "HEAD")}
    for judgement in fails.values():
        if judgement.settled or not judgement.exchanges or (codes[judgement.code] >= 2 and not judgement.shifty):
            continue
        if not set(judgement.exchanges) <= safe - spent:
            continue  # one more request does not bring a spent limit back
        cost = _SANDWICH if judgement.shifty else len(set(judgement.exchanges) - numbers)
        if cost > left:
            continue
        codes[judgement.code] += 1
        left -= cost
        if not judgement.shifty:
            numbers |= set(judgement.exchanges)
        chosen.append(judgement)
    return chosen


@dataclass(frozen=True)
class Sight:
    """A failure seen again. `doubt`: why it is not believed, if so; `grown`: the data was seen to grow."""

    doubt: str = ""
    grown: bool = False


def _sandwich(judgement: Judgement, traffic: Traffic, ask: Ask) -> Sight | None:
    """See a failure again; None where there were no requests left for it.

    The exchanges are asked for the other way round: what grew between them looks broken in one order only. Where they
    have grown since, the first is asked for again: what then grew in between may look broken in every order.
    """
    first = {view.number: view for view in traffic.views}
    numbers = sorted(set(judgement.exchanges), reverse=True)
    replays = ask(numbers)
    if set(replays) != set(numbers):
        return None
    if judgement.id not in _failing(traffic, replays):
        return Sight(f"seen once and not again: {judgement.message}")
    views = {number: read(traffic.contract, traffic.base, exchange) for number, exchange in replays.items()}
    if not any(has_grown(first[number].json, view.json) for number, view in views.items()):
        return Sight()
    last = ask(numbers[:1])
    if not last:
        return None
    if has_grown(views[numbers[0]].json, read(traffic.contract, traffic.base, last[numbers[0]]).json):
        return Sight(f"the data grows while it is asked for, which may look like this: {judgement.message}", True)
    return Sight()


def _failing(traffic: Traffic, replays: Mapping[int, Exchange]) -> set[str]:
    fresh = {exchange.number for exchange in replays.values()}
    return {
        judgement.id
        for judgement in judgements_of(traffic.substituted(replays))
        if judgement.ok is False and set(judgement.exchanges) <= fresh
    }
