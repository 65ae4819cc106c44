"""Lists: limits, prefixes, pages, ends, records listed twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from apicontract import Operation
from contract_tests.checks.ends import containers, ends
from contract_tests.checks.guard import guarded
from contract_tests.checks.provenance import answer_facts
from contract_tests.model.clause import Clause, Ground, Guess, Judgement
from contract_tests.reading.growth import only_grew
from contract_tests.reading.paging import Page, effect_of, limit_of, page_name, paging_of, start_of
from contract_tests.reading.records import Path, excerpt, folded, identity_of, is_count, scalars_of
from contract_tests.reading.ties import shared_count, sorting_count
from contract_tests.reading.traffic import Traffic, View

JSON = Any
LIMIT = Clause("CT401", "{list} {bound}", "{list} holds no more than its {bound}", rests="values")
PREFIX = Clause("CT403", "{list} prefix", "a shorter list is the beginning of a longer one", rests="values")
DISJOINT = Clause("CT404", "{list} pages", "no record is on two pages", rests="values")
PAGES = Clause("CT405", "{list} pages", "the pages together make up the list", rests="values")
_ONCE = Guess("no document says that a list holds a record once")
NO_DOUBLES = Clause("CT408", "{list} {key}", "{list} holds no {key} twice")
ECHO = Clause("CT409", "{name}", "the pagination repeats {name}", rests="values")


@guarded
def judge(traffic: Traffic) -> Iterator[Judgement]:
    """Judge every list of every operation."""
    for operation in traffic.contract.operations:
        if operation.method != "GET":
            continue
        for view in traffic.comparable(operation.id):
            yield from _doubles(operation, view)
            yield from _echo(operation, view)
        if paging_of(operation).limit is not None:
            yield from _paged(traffic, operation, _facts(operation))


def judge_one(operation: Operation, view: View) -> Iterator[Judgement]:
    """Judge what one answer alone shows of its lists: their length, records listed twice, the pagination."""
    yield from _doubles(operation, view)
    yield from _echo(operation, view)
    for path, page in _pages_of(view):
        yield _limit(operation, _facts(operation), path, page)


def _facts(operation: Operation) -> tuple[Ground, ...]:
    """Return what says that the operation shows a part of a list, and which."""
    return *answer_facts(operation), *map(effect_of, paging_of(operation).parameters)


def _paged(traffic: Traffic, operation: Operation, facts: tuple[Ground, ...]) -> Iterator[Judgement]:
    paging = paging_of(operation)
    groups: dict[JSON, list[Page]] = defaultdict(list)
    for view in traffic.comparable(operation.id):
        rest = tuple(sorted((name, str(value)) for name, value in view.query.items() if name not in paging.names))
        for path, page in _pages_of(view):
            groups[view.resource, rest, path].append(page)
    for (_, _, path), pages in groups.items():
        for page in pages:
            yield _limit(operation, facts, path, page)
        yield from _places(operation, facts, path, pages)
        yield from ends(operation, facts, path, pages)


def _pages_of(view: View) -> Iterator[tuple[Path, Page]]:
    """List the limited lists of an answer: those of records, and empty ones."""
    limit = limit_of(view)
    if limit is not None:
        for path, items in view.lists.items():
            if all(isinstance(item, dict) for item in items):
                yield path, Page(view, start_of(view), limit, items)


def _limit(operation: Operation, facts: tuple[Ground, ...], path: Path, page: Page) -> Judgement:
    name, parameter = path[-1] if path else "list", paging_of(operation).limit
    bound = "limit" if parameter is not None and parameter.name in page.view.given else "default limit"
    return LIMIT.about(operation, *facts, list=name, bound=bound).holds(
        len(page.items) <= page.limit,
        page.view,
        message=f"{name} holds {len(page.items)} records, the {bound} is {page.limit}",
        expected=page.limit,
        seen=len(page.items),
    )


def _label(item: JSON, key: str | None) -> JSON:
    return item.get(key) if key is not None and isinstance(item, dict) else repr(item)


def _counts(item: JSON) -> JSON:
    """Return what a record counts: figures of a part, such as a share, may depend on how much of the list is shown."""
    return {name: value for name, value in item.items() if is_count(name, value)} if isinstance(item, dict) else item


def _first_difference(left: list[JSON], right: list[JSON]) -> int:
    return next((index for index, (one, other) in enumerate(zip(left, right, strict=True)) if one != other), 0)


def _places(operation: Operation, facts: tuple[Ground, ...], path: Path, pages: list[Page]) -> Iterator[Judgement]:
    """Judge that every record has one place: the same in a short and a long list, and on one page only."""
    name = path[-1] if path else "list"
    key = identity_of([item for page in pages for item in page.items])
    for one, other in combinations(pages, 2):
        low, high = max(one.start, other.start), min(one.end, other.end)
        if low < high and (one.start, one.limit) != (other.start, other.limit):
            here = one.items[low - one.start : high - one.start]
            there = other.items[low - other.start : high - other.start]
            left, right = [_label(item, key) for item in here], [_label(item, key) for item in there]
            if left != right and shared_count(here, there) is not None:
                right = left
            elif left == right and not (only_grew(here, there) or only_grew(there, here)):
                left, right = [_counts(item) for item in here], [_counts(item) for item in there]
            clause = PREFIX if one.start == other.start else PAGES
            yield clause.about(operation, *facts, list=name).holds(
                left == right,
                one.view,
                other.view,
                message=f"record {low + _first_difference(left, right)} of {name} differs between "
                f"{page_name(one)} and {page_name(other)}",
                expected=excerpt(left[:8]),
                seen=excerpt(right[:8]),
                may_be_concurrent_change=True,
            )
        elif key is not None and one.items and other.items and (one.end <= other.start or other.end <= one.start):
            yield _disjoint(DISJOINT.about(operation, *facts, list=name), key, one, other)


def _disjoint(clause: Clause, key: str, one: Page, other: Page) -> Judgement:
    labels = {_label(item, key) for item in other.items}
    double = {_label(item, key) for item in one.items} & labels
    first, second = (one, other) if one.start < other.start else (other, one)
    if shared_count(first.items[-1:], second.items[:1]) is not None and sorting_count([*first.items, *second.items]):
        double = set()  # records with equal counts may stand on either side of the cut
    how = "are the same" if double == labels and one.limit == other.limit else "share records"
    names = sorted(map(str, double))
    return clause.holds(
        not double,
        one.view,
        other.view,
        message=f"{page_name(one)} and {page_name(other)} {how}: {excerpt(names[:3])}",
        expected="disjoint pages",
        seen=excerpt(names[:8]),
        may_be_concurrent_change=True,
    )


@guarded
def _doubles(operation: Operation, view: View) -> Iterator[Judgement]:
    for path, items in view.lists.items():
        key = identity_of(items)
        if key is None or len(items) < 2:
            continue
        if key.lower() not in ("id", "uuid", "_id") and not any(
            is_count(name, value) for name, value in items[0].items()
        ):
            continue
        values = [item[key] for item in items]
        is_distinct = len(set(values)) == len(values)
        double = None if is_distinct else next((value for value in values if values.count(value) > 1), None)
        name = path[-1] if path else "list"
        yield NO_DOUBLES.about(operation, *answer_facts(operation), _ONCE, list=name, key=key).holds(
            double is None,
            view,
            message=f"{name} holds {key} {double!r} twice",
            expected="different values",
            seen=double,
        )


@guarded
def _echo(operation: Operation, view: View) -> Iterator[Judgement]:
    for name, value in view.query.items():
        if name not in paging_of(operation).names:
            continue
        for container in containers(view.json):
            for path, seen in scalars_of(container):
                if path and folded(path[-1]) == folded(name):
                    yield ECHO.about(operation, *_facts(operation), name=name).holds(
                        seen == value,
                        view,
                        message=f"{name} is {value}, the pagination says {seen!r}",
                        expected=value,
                        seen=seen,
                    )
