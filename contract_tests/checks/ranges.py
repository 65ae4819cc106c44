"""Time ranges: a longer one holds what a shorter one does, and no record is outside the requested one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Any

from apicontract import Operation, Parameter
from contract_tests.checks.guard import guarded
from contract_tests.checks.provenance import answer_facts
from contract_tests.model.clause import Clause, Judgement
from contract_tests.reading.paging import effect_of, hours_of, limit_of, paging_of, range_of, start_of
from contract_tests.reading.quota import server_now
from contract_tests.reading.records import Path, find_lists, identity_of, instant_of, is_count, scalars_of
from contract_tests.reading.traffic import Traffic, View

JSON = Any
CONTAINED = Clause("CT504", "{name}", "a longer range holds at least what a shorter one does", rests="values")
WITHIN = Clause("CT507", "{list} {member}", "every {member} is within the requested range", rests="values")
_ENOUGH = 3
_HOUR = 3600.0
_CUT_DAY = 25.0
"""Hours that a range may begin earlier: at the beginning of its first day, in another time zone's clock change."""


@guarded
def ranges(traffic: Traffic, operation: Operation) -> Iterator[Judgement]:
    """Judge what the answers to different ranges of one operation say together, and each by itself."""
    parameter = range_of(operation)
    if parameter is not None:
        yield from _containment(traffic, operation, parameter)
        yield from _within(traffic, operation, parameter)


def _within(traffic: Traffic, operation: Operation, parameter: Parameter) -> Iterator[Judgement]:
    """Judge that a list in the order of an instant runs no farther back than its range."""
    views = traffic.comparable(operation.id)
    facts = *answer_facts(operation), effect_of(parameter)
    for path, name in _timelines(views):
        clause = WITHIN.about(operation, *facts, list=".".join(path), member=name)
        for view in views:
            asked = view.params.get(parameter.name)
            hours = hours_of(asked)
            items = view.lists.get(path, [])
            if hours is None or len(items) < _ENOUGH:
                continue
            oldest = min(items, key=lambda item: instant_of(item[name]) or 0.0)[name]
            age = (server_now(view) - (instant_of(oldest) or 0.0)) / _HOUR
            yield clause.holds(
                age <= hours + max(_CUT_DAY, hours * 0.05),
                view,
                message=f"{name} {oldest} is {age / 24:.1f} days ago, the requested range is {asked}",
                expected=f"at most {asked} ago",
                seen=oldest,
            )


def _timelines(views: list[View]) -> list[tuple[Path, str]]:
    """Return the lists that are always in the order of an instant, newest first, with the instant's name."""
    orders: dict[tuple[Path, str], bool] = {}
    for view in views:
        for path, items in view.lists.items():
            if len(items) < _ENOUGH or not all(isinstance(item, dict) for item in items):
                continue
            for name in items[0]:
                moments = [instant_of(item.get(name)) for item in items]
                known = [moment for moment in moments if moment is not None]
                if len(known) == len(moments):
                    ordered = all(one >= two for one, two in pairwise(known)) and known[0] > known[-1]
                    orders[path, name] = orders.get((path, name), True) and ordered
    return [place for place, ordered in orders.items() if ordered]


def _containment(traffic: Traffic, operation: Operation, parameter: Parameter) -> Iterator[Judgement]:
    """Judge that a longer range holds at least what a shorter one does, and the same on every day that both show."""
    clause = CONTAINED.about(operation, *answer_facts(operation), effect_of(parameter), name=parameter.name)
    ignored = paging_of(operation).names | {parameter.name}
    for one, other in combinations(traffic.comparable(operation.id), 2):
        a, b = hours_of(one.params.get(parameter.name)), hours_of(other.params.get(parameter.name))
        if a is None or b is None or a == b or one.resource != other.resource:
            continue
        if any(one.query.get(name) != other.query.get(name) for name in {*one.query, *other.query} - ignored):
            continue
        short, long = (one, other) if a < b else (other, one)
        found = _shrinks(short.json, long.json) or _shortens(short, long)
        if found is None:
            yield clause.holds(True, short, long, may_be_concurrent_change=True)
            continue
        place, less, more = found
        yield clause.holds(
            False,
            short,
            long,
            message=f"{place} is {less} for {short.params[parameter.name]} "
            f"and {more} for {long.params[parameter.name]}",
            expected=f"at least {less}",
            seen=more,
            may_be_concurrent_change=True,
        )


def _shrinks(short: JSON, long: JSON) -> tuple[str, JSON, JSON] | None:
    """Return the first count that is lower in the longer range: its place and both values."""
    longer = dict(scalars_of(long))
    for path, value in scalars_of(short):
        other = longer.get(path)
        if path and is_count(path[-1], value) and is_count(path[-1], other) and other < value:
            return ".".join(path), value, other
    lists = find_lists(long)
    for path, items in find_lists(short).items():
        found = _shrinks_in_list(items, lists.get(path, []))
        if found:
            return f"{'.'.join(path)}{found[0]}", found[1], found[2]
    return None


def _shrinks_in_list(items: list[JSON], others: list[JSON]) -> tuple[str, JSON, JSON] | None:
    key = identity_of([*items, *others])
    if key is None or key.lower() in ("id", "uuid", "_id") or not items:
        return None
    by = {item[key]: item for item in others}
    dated = key.lower() in ("date", "day")
    # a range may begin or end in the middle of its first and last day
    edges = {edge for shown in (items, others) if shown for edge in _edges(shown, key)}
    for item in items:
        twin = by.get(item[key], {})
        for name, value in item.items():
            other = twin.get(name)
            if not is_count(name, value) or not is_count(name, other):
                continue
            if other < value or (dated and other != value and str(item[key]) not in edges):
                return f"[{item[key]}].{name}", value, other
    return None


def _edges(items: list[JSON], key: str) -> tuple[str, str]:
    days = [str(item[key]) for item in items]
    return min(days), max(days)


def _shortens(short: View, long: View) -> tuple[str, JSON, JSON] | None:
    """Return a list that has fewer records in the longer range, though its limit leaves room for more."""
    limit = limit_of(long)
    if limit is None or start_of(short) or start_of(long):
        return None
    lists = long.lists
    for path, items in short.lists.items():
        seen = len(lists.get(path, items))
        if seen < min(len(items), limit):
            return f"the length of {'.'.join(path) or 'the list'}", len(items), seen
    return None
