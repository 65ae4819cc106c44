"""Time ranges: a longer one holds what a shorter one does, and no record lies outside the one that was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Any

from apicontract import Operation, Parameter
from apicontract.provenance import Provenance, weakest
from contract_tests.checks.judgement import Judgement
from contract_tests.reading.figures import server_now
from contract_tests.reading.paging import hours_of, limit_of, paging_of, range_of, start_of
from contract_tests.reading.records import Path, identity_of, instant_of, is_count, lists_of, scalars_of
from contract_tests.reading.traffic import Traffic, View

JSON = Any
CONTAINED = "a longer range holds at least what a shorter one does"
_ENOUGH = 3
_HOUR = 3600.0
_CUT_DAY = 25.0
"""Hours that a range may begin earlier: at the beginning of its first day, in another time zone's clock change."""


def ranges(traffic: Traffic, operation: Operation) -> Iterator[Judgement]:
    """What the answers to different ranges of one operation say together, and each by itself."""
    parameter = range_of(operation)
    if parameter is not None:
        level = weakest(operation.provenance, parameter.provenance)
        yield from _containment(traffic, operation, parameter, level)
        yield from _within(traffic, operation, parameter, level)


def _within(traffic: Traffic, operation: Operation, parameter: Parameter, level: Provenance) -> Iterator[Judgement]:
    """A list that runs in the order of an instant runs no farther back than its range."""
    views = traffic.plain(operation.id)
    for path, name in _timelines(views):
        for view in views:
            hours = hours_of(view.params.get(parameter.name))
            items = lists_of(view.json).get(path, [])
            if hours is None or len(items) < _ENOUGH:
                continue
            oldest = min(items, key=lambda item: instant_of(item[name]) or 0.0)
            age = (server_now(view) - (instant_of(oldest[name]) or 0.0)) / _HOUR
            yield Judgement(
                "CT507",
                operation.id,
                f"{'.'.join(path)} {name}",
                f"every {name} lies in the range that was asked for",
                level,
                age <= hours + max(_CUT_DAY, hours * 0.05),
                (view.number,),
                f"{name} {oldest[name]} lies {age / 24:.1f} days back, asked was {view.params[parameter.name]}",
                f"no longer ago than {view.params[parameter.name]}",
                oldest[name],
            )


def _timelines(views: list[View]) -> list[tuple[Path, str]]:
    """Lists, and the instant by which every one that was seen of them is ordered."""
    orders: dict[tuple[Path, str], bool] = {}
    for view in views:
        for path, items in lists_of(view.json).items():
            if len(items) < _ENOUGH or not all(isinstance(item, dict) for item in items):
                continue
            for name in items[0]:
                moments = [instant_of(item.get(name)) for item in items]
                known = [moment for moment in moments if moment is not None]
                if len(known) == len(moments):
                    ordered = all(one >= two for one, two in pairwise(known)) and known[0] > known[-1]
                    orders[path, name] = orders.get((path, name), True) and ordered
    return [place for place, ordered in orders.items() if ordered]


def _containment(
    traffic: Traffic, operation: Operation, parameter: Parameter, level: Provenance
) -> Iterator[Judgement]:
    """A longer range holds at least what a shorter one does, and the same on every day that both show."""
    ignored = paging_of(operation).names | {parameter.name}
    for one, other in combinations(traffic.plain(operation.id), 2):
        a, b = hours_of(one.params.get(parameter.name)), hours_of(other.params.get(parameter.name))
        if a is None or b is None or a == b or one.resource != other.resource:
            continue
        if any(one.query.get(name) != other.query.get(name) for name in {*one.query, *other.query} - ignored):
            continue
        short, long = (one, other) if a < b else (other, one)
        found = _shrinks(short.json, long.json) or _shortens(short, long)
        yield Judgement(
            "CT504",
            operation.id,
            parameter.name,
            CONTAINED,
            level,
            found is None,
            (short.number, long.number),
            f"{found[0]} is {found[1]} for {short.params[parameter.name]} "
            f"and {found[2]} for {long.params[parameter.name]}"
            if found
            else "",
            f"at least {found[1]}" if found else None,
            found[2] if found else None,
            shifty=True,
        )


def _shrinks(short: JSON, long: JSON) -> tuple[str, JSON, JSON] | None:
    longer = dict(scalars_of(long))
    for path, value in scalars_of(short):
        other = longer.get(path)
        if path and is_count(path[-1], value) and is_count(path[-1], other) and other < value:
            return ".".join(path), value, other
    lists = lists_of(long)
    for path, items in lists_of(short).items():
        others = lists.get(path, [])
        key = identity_of([*items, *others])
        if key is None or key.lower() in ("id", "uuid", "_id") or not items:
            continue
        by = {item[key]: item for item in others}
        edges = {edge for shown in (items, others) if shown for edge in _edges(shown, key)}
        for item in items:
            twin = by.get(item[key])
            if twin is None:
                continue
            dated = key.lower() in ("date", "day")
            for name, value in item.items():
                other = twin.get(name)
                if not is_count(name, value) or not is_count(name, other):
                    continue
                if other < value or (dated and other != value and str(item[key]) not in edges):
                    return f"{'.'.join(path)}[{item[key]}].{name}", value, other
    return None


def _shortens(short: View, long: View) -> tuple[str, JSON, JSON] | None:
    """A list of a longer range that has fewer records, though its limit leaves room for more."""
    limit = limit_of(long)
    if limit is None or start_of(short) or start_of(long):
        return None
    lists = lists_of(long.json)
    for path, items in lists_of(short.json).items():
        seen = len(lists.get(path, items))
        if seen < min(len(items), limit):
            return f"the length of {'.'.join(path) or 'the list'}", len(items), seen
    return None


def _edges(items: list[JSON], key: str) -> tuple[str, str]:
    """The first and the last day: a range may begin or end in the middle of them."""
    days = [str(item[key]) for item in items]
    return min(days), max(days)
