"""Lists and records in JSON answers, found by their form alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

JSON = Any
Path = tuple[str, ...]
MOMENTS = frozenset({"timestamp", "generated_at", "generatedAt", "request_id", "requestId", "server_time"})
"""Members that differ between two answers to one request, whatever the data does."""
_SAME_MOMENT = 3.0
_IDENTITIES = ("id", "uuid", "_id")
_GROUPS = (
    "date",
    "day",
    "country_code",
    "countrycode",
    "code",
    "pathname",
    "path",
    "url",
    "name",
    "browser",
    "country",
    "referrer",
    "key",
    "label",
)
_RATIO = re.compile(
    r"rate|avg|average|percent|score|duration|seconds|share|ratio|median|_ms$|limit|offset|page$|reset|"
    r"remaining|retention|per_|latency|size|version|rank|position|order$|total_?pages|page_?count|last_?page",
    re.IGNORECASE,
)


@lru_cache(maxsize=4_096)
def folded(name: str) -> str:
    """Return a name without its spelling: `trackingCode` and `tracking_code` are one name."""
    return name.replace("_", "").replace("-", "").lower()


def same_name(one: str, other: str) -> bool:
    """Return whether two names are spellings of one."""
    return folded(one) == folded(other)


def keyed(record: Mapping[str, JSON], name: str) -> JSON:
    """Return the member of this name, in any spelling; None where there is none."""
    return next((value for key, value in record.items() if same_name(key, name)), None)


def find_lists(body: JSON, path: Path = ()) -> dict[Path, list[JSON]]:
    """Return every list that is reached through members alone."""
    if isinstance(body, list):
        return {path: body}
    found: dict[Path, list[JSON]] = {}
    if isinstance(body, dict):
        for name, value in body.items():
            found.update(find_lists(value, (*path, str(name))))
    return found


def records_of(body: JSON, path: Path = ()) -> Iterator[tuple[Path, dict[str, JSON]]]:
    """List every object, with its place; a list's index is `*`."""
    if isinstance(body, dict):
        yield path, body
        for name, value in body.items():
            yield from records_of(value, (*path, str(name)))
    elif isinstance(body, list):
        for value in body:
            yield from records_of(value, (*path, "*"))


def scalars_of(body: JSON, path: Path = ()) -> Iterator[tuple[Path, JSON]]:
    """List every value outside lists, with its place."""
    if isinstance(body, dict):
        for name, value in body.items():
            yield from scalars_of(value, (*path, str(name)))
    elif not isinstance(body, list):
        yield path, body


def identity_of(items: Sequence[JSON]) -> str | None:
    """Return the member that tells the records of a list apart: an id, a date, a code or a name."""
    if not items or not all(isinstance(item, dict) for item in items):
        return None
    names = [
        name
        for name in items[0]
        if _may_identify(name) and all(isinstance(item.get(name), (str, int)) for item in items)
    ]
    for name in names:
        if name.lower() in _IDENTITIES:
            return str(name)
    for name in names:
        if name.lower().endswith("id") and _distinct(items, name):
            return str(name)
    for wanted in _GROUPS:
        for name in names:
            if name.lower() == wanted and isinstance(items[0][name], str):
                return str(name)
    return None


@lru_cache(maxsize=4_096)
def _may_identify(name: str) -> bool:
    return name.lower().endswith("id") or name.lower() in _GROUPS


def _distinct(items: Sequence[JSON], name: str) -> bool:
    values = [item[name] for item in items]
    return len(set(values)) == len(values)


def is_count(name: str, value: JSON) -> bool:
    """Return whether a member counts something that can only grow with a longer time range."""
    return isinstance(value, int) and not isinstance(value, bool) and not _RATIO.search(name)


def without(body: JSON, names: frozenset[str]) -> JSON:
    """Return the body without members of these names, at any depth."""
    if isinstance(body, dict):
        return {name: without(value, names) for name, value in body.items() if name not in names}
    if isinstance(body, list):
        return [without(value, names) for value in body]
    return body


def member(body: JSON, path: Sequence[str]) -> JSON:
    """Return the value at a path of members; None where it leads nowhere."""
    for name in path:
        if not isinstance(body, dict) or name not in body:
            return None
        body = body[name]
    return body


def find_member(body: JSON, names: Sequence[str], kind: type) -> tuple[Path, JSON] | None:
    """Return the first value outside lists that has one of these names and this type, with its place."""
    wanted = {folded(name) for name in names}
    for path, value in scalars_of(body):
        if (
            path
            and folded(path[-1]) in wanted
            and isinstance(value, kind)
            and (kind is bool or not isinstance(value, bool))
        ):
            return path, value
    return None


def difference(one: JSON, other: JSON, path: str = "", *, later: float = 0.0) -> tuple[str, JSON, JSON] | None:
    """Return the first place where two values differ: its path and both values; None when they are equal.

    `later`: seconds by which the second answer came later; an instant that moved on with the clock is the same.
    """
    if isinstance(one, dict) and isinstance(other, dict):
        for name in [*one, *(name for name in other if name not in one)]:
            if name not in one or name not in other:
                return f"{path}.{name}", one.get(name), other.get(name)
            found = difference(one[name], other[name], f"{path}.{name}", later=later)
            if found:
                return found
        return None
    if isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            return f"{path}.length", len(one), len(other)
        for index, (left, right) in enumerate(zip(one, other, strict=True)):
            found = difference(left, right, f"{path}[{index}]", later=later)
            if found:
                return found
        return None
    same = one == other and isinstance(one, bool) == isinstance(other, bool)
    return None if same or moved_on(one, other, later) else (path or ".", one, other)


def moved_on(one: JSON, other: JSON, later: float) -> bool:
    """Return whether two instants lie as far apart as the answers that name them."""
    first, second = instant_of(one), instant_of(other)
    return first is not None and second is not None and abs(second - first - later) <= _SAME_MOMENT


def instant_of(text: JSON) -> float | None:
    """Return an RFC 3339 instant as epoch seconds; None for any other value."""
    if not isinstance(text, str) or "T" not in text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


def mass(body: JSON, *, records: bool = True) -> int:
    """Return how much data an answer shows, by its counts; a record without any counts as one."""
    total: int = sum(value for path, value in scalars_of(body) if path and is_count(path[-1], value))
    for items in find_lists(body).values():
        for item in items:
            if isinstance(item, dict):
                total += sum(value for name, value in item.items() if is_count(name, value)) or int(records)
    return total


def excerpt(value: JSON, length: int = 160) -> str:
    """Return a value as it is shown in a message."""
    text = repr(value)
    return text if len(text) <= length else f"{text[: length - 1]}…"
