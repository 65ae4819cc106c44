"""Lists: limits, prefixes, pages, ends, doubles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from apicontract import Operation, Parameter
from apicontract.provenance import Provenance, weakest
from contract_tests.checks.ends import containers, ends
from contract_tests.checks.judgement import Judgement, shown
from contract_tests.checks.provenance import told_by
from contract_tests.reading.growth import only_grew
from contract_tests.reading.paging import Page, limit_of, paging_of, start_of, words
from contract_tests.reading.records import Path, folded, identity_of, is_count, lists_of, scalars_of
from contract_tests.reading.traffic import Traffic, View

JSON = Any


def judge(traffic: Traffic) -> Iterator[Judgement]:
    """Every list of every operation."""
    for operation in traffic.contract.operations:
        if operation.method != "GET":
            continue
        for view in traffic.plain(operation.id):
            yield from _doubles(operation, view)
            yield from _echo(operation, view)
        limit = paging_of(operation).limit
        if limit is not None:
            yield from _paged(traffic, operation, limit)


def judge_one(operation: Operation, view: View) -> Iterator[Judgement]:
    """What one answer alone shows of its lists: their length, their doubles, what their pagination repeats."""
    yield from _doubles(operation, view)
    yield from _echo(operation, view)
    limit, parameter = limit_of(view), paging_of(operation).limit
    if limit is not None and parameter is not None:
        for path, items in lists_of(view.json).items():
            if _is_limited(items):
                yield from _limit(operation, parameter.provenance, path, Page(view, start_of(view), limit, items))


def _paged(traffic: Traffic, operation: Operation, parameter: Parameter) -> Iterator[Judgement]:
    paging = paging_of(operation)
    level = weakest(operation.provenance, parameter.provenance)
    groups: dict[JSON, list[Page]] = defaultdict(list)
    for view in traffic.plain(operation.id):
        limit = limit_of(view)
        if limit is None:
            continue
        rest = tuple(sorted((name, str(value)) for name, value in view.query.items() if name not in paging.names))
        for path, items in lists_of(view.json).items():
            if _is_limited(items):
                groups[view.resource, rest, path].append(Page(view, start_of(view), limit, items))
    for (_, _, path), pages in groups.items():
        for page in pages:
            yield from _limit(operation, level, path, page)
        yield from _index(operation, level, path, pages)
        yield from ends(operation, level, path, pages)


def _is_limited(items: list[JSON]) -> bool:
    return not items or all(isinstance(item, dict) for item in items)


def _limit(operation: Operation, level: Provenance, path: Path, page: Page) -> Iterator[Judgement]:
    name = path[-1] if path else "list"
    given = "limit" if paging_of(operation).limit.name in page.view.given else "default limit"  # type: ignore[union-attr]
    yield Judgement(
        "CT401",
        operation.id,
        f"{name} {given}",
        f"{name} holds no more than its {given}",
        level,
        len(page.items) <= page.limit,
        (page.view.number,),
        f"{name} holds {len(page.items)}, the {given} is {page.limit}",
        page.limit,
        len(page.items),
    )


def _label(item: JSON, key: str | None) -> JSON:
    return item.get(key) if key is not None and isinstance(item, dict) else repr(item)


def _counts(item: JSON) -> JSON:
    """What a record counts: figures of a part, such as a share, may depend on how much of the list is shown."""
    return {name: value for name, value in item.items() if is_count(name, value)} if isinstance(item, dict) else item


def _first_difference(left: list[JSON], right: list[JSON]) -> int:
    return next((index for index, (one, other) in enumerate(zip(left, right, strict=True)) if one != other), 0)


def _index(operation: Operation, level: Provenance, path: Path, pages: list[Page]) -> Iterator[Judgement]:
    """Every record has one place: the same in a short and a long list, and on one page only."""
    name = path[-1] if path else "list"
    key = identity_of([item for page in pages for item in page.items])
    for position, one in enumerate(pages):
        for other in pages[position + 1 :]:
            numbers = (one.view.number, other.view.number)
            low, high = max(one.start, other.start), min(one.end, other.end)
            if low < high and (one.start, one.limit) != (other.start, other.limit):
                here = one.items[low - one.start : high - one.start]
                there = other.items[low - other.start : high - other.start]
                left, right = [_label(item, key) for item in here], [_label(item, key) for item in there]
                if left == right and not (only_grew(here, there) or only_grew(there, here)):
                    left, right = [_counts(item) for item in here], [_counts(item) for item in there]
                prefix = one.start == other.start
                code, detail = ("CT403", f"{name} prefix") if prefix else ("CT405", f"{name} pages")
                statement = (
                    "a shorter list is the beginning of a longer one" if prefix else "the pages together are the list"
                )
                yield Judgement(
                    code,
                    operation.id,
                    detail,
                    statement,
                    level,
                    left == right,
                    numbers,
                    f"record {low + _first_difference(left, right)} of {name} differs between "
                    f"{words(one)} and {words(other)}",
                    shown(left[:8]),
                    shown(right[:8]),
                    shifty=True,
                )
            elif one.end <= other.start or other.end <= one.start:
                yield from _disjoint(operation, level, name, key, one, other, numbers)


def _disjoint(
    operation: Operation,
    level: Provenance,
    name: str,
    key: str | None,
    one: Page,
    other: Page,
    numbers: tuple[int, int],
) -> Iterator[Judgement]:
    if not one.items or not other.items or key is None:
        return
    double = {_label(item, key) for item in one.items} & {_label(item, key) for item in other.items}
    whole = double == {_label(item, key) for item in other.items} and one.limit == other.limit
    yield Judgement(
        "CT404",
        operation.id,
        f"{name} pages",
        "no record stands on two pages",
        level,
        not double,
        numbers,
        f"{words(one)} and {words(other)} {'are the same' if whole else 'share records'}: "
        f"{shown(sorted(map(str, double))[:3])}",
        "disjoint pages",
        shown(sorted(map(str, double))[:8]),
        shifty=True,
    )


def _doubles(operation: Operation, view: View) -> Iterator[Judgement]:
    for path, items in lists_of(view.json).items():
        key = identity_of(items)
        if key is None or len(items) < 2:
            continue
        if key.lower() not in ("id", "uuid", "_id") and not any(
            is_count(name, value) for name, value in items[0].items()
        ):
            continue
        values = [item[key] for item in items]
        double = (
            next((value for value in values if values.count(value) > 1), None)
            if len(set(values)) < len(values)
            else None
        )
        name = path[-1] if path else "list"
        yield Judgement(
            "CT408",
            operation.id,
            f"{name} {key}",
            f"{name} holds no {key} twice",
            told_by(operation),
            double is None,
            (view.number,),
            f"{name} holds {key} {double!r} twice",
            "different values",
            double,
        )


def _echo(operation: Operation, view: View) -> Iterator[Judgement]:
    for name, value in view.query.items():
        if name not in paging_of(operation).names:
            continue
        for container in containers(view.json):
            for path, seen in scalars_of(container):
                if path and folded(path[-1]) == folded(name):
                    yield Judgement(
                        "CT409",
                        operation.id,
                        name,
                        f"the pagination repeats {name}",
                        told_by(operation),
                        seen == value,
                        (view.number,),
                        f"{name} is {value}, the pagination says {seen!r}",
                        value,
                        seen,
                    )
