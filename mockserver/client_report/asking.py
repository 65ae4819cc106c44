"""Clauses about the requests of a client, and its use of the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from apicontract.schemas import Schema
from mockserver.client_report.knowledge import Knowledge, queries
from mockserver.client_report.ruling import Evidence
from mockserver.client_report.waiting import failed, saw_answer, waited
from mockserver.journal.entry import Entry

JSON = Any
Proof = tuple[list[Evidence], list[Evidence]]
_FRESH, _FRESH_LIVE = 60.0, 5.0  # seconds for which an answer may be cached
_WASTED = 3
_AGAIN = 60.0
_CHOOSERS = frozenset({"__code", "__example", "__dynamic", "__seed"})
_OFFSETS, _PAGES = ("offset", "skip", "start"), ("page", "page_number")
_SIZES = ("limit", "per_page", "page_size", "size")
_MORE, _LAST, _TOTAL = ("has_more", "hasMore"), ("total_pages", "totalPages"), ("total", "total_count", "totalCount")


def keys_only_in_headers(entries: Sequence[Entry], knowledge: Knowledge) -> Proof:
    """Check that no path, query or body holds a credential: these are logged."""
    kept: list[Evidence] = []
    broken: list[Evidence] = []
    for entry in entries:
        operation = knowledge.operation(entry)
        if entry.exposed:
            places = ", ".join(entry.exposed)
            broken.append(Evidence((entry.number,), f"{entry.line}: a credential in {places}"))
        elif entry.key and operation is not None and operation.security:
            kept.append(Evidence((entry.number,), f"{entry.line}: the key in a header"))
    return kept, broken


def polls_no_faster_than_data(entries: Sequence[Entry], knowledge: Knowledge) -> Proof:
    """Check that a GET is not repeated before its answer can have changed."""
    kept: list[Evidence] = []
    broken: list[Evidence] = []
    series: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        if entry.method == "GET" and 200 <= entry.status < 300 and not failed(entry) and entry.matched:
            series.setdefault((entry.question, entry.key), []).append(entry)
    for asked in series.values():
        if len(asked) < 2:
            continue
        fresh = _FRESH_LIVE if knowledge.is_live(asked[0]) else _FRESH
        wasted = [
            (one, other) for one, other in pairwise(asked) if one.data == other.data and waited(one, other) < fresh
        ]
        numbers = tuple(entry.number for entry in asked)
        if len(wasted) >= _WASTED and 2 * len(wasted) >= len(asked) - 1:
            says = f"{asked[0].line}: sent {len(asked)} times, {len(wasted)} answers were the same within {fresh:.0f} s"
            broken.append(Evidence(numbers, says))
        elif not wasted:
            kept.append(Evidence(numbers, f"{asked[0].line}: sent {len(asked)} times, never too soon"))
    return kept, broken


def honours_pagination(entries: Sequence[Entry], knowledge: Knowledge) -> Proof:
    """Check that each page of a list follows the previous one, and none is requested after the last."""
    kept: list[Evidence] = []
    broken: list[Evidence] = []
    before: dict[tuple[str, ...], tuple[Entry, _Page]] = {}
    for entry in entries:
        if not entry.matched or entry.method != "GET":
            continue
        page = _read_page(entry, knowledge)
        if page is None:
            continue
        name = (entry.contract, entry.operation, entry.key, *page.listing)
        known = before.get(name)
        if known is not None and page.start > known[1].start and saw_answer(known[0], entry):
            first, last = known
            evidence = Evidence((first.number, entry.number), f"{first.line}, then {entry.line}")
            if not last.more:
                broken.append(Evidence(evidence.entries, f"{evidence.says}: the first was the last page"))
            elif page.start != last.next:
                what = "skipped" if page.start > last.next else "requested twice"
                broken.append(Evidence(evidence.entries, f"{evidence.says}: part of the list was {what}"))
            else:
                kept.append(evidence)
        if 200 <= entry.status < 300:
            before[name] = (entry, page)
    return kept, broken


class _Page:
    """A page of a list. `start` and `next`: its offset or page number, and that of the next page."""

    __slots__ = ("listing", "more", "next", "start")

    def __init__(self, listing: tuple[str, ...], start: int, following: int, *, more: bool) -> None:
        self.listing, self.start, self.next, self.more = listing, start, following, more


def _read_page(entry: Entry, knowledge: Knowledge) -> _Page | None:
    """Return the page of a request, or None if its operation has no paging."""
    operation = knowledge.operation(entry)
    names = {parameter.name for parameter in queries(operation)} if operation is not None else set()
    size_name = next((name for name in _SIZES if name in names), "")
    size = entry.parameters.get(size_name)
    for kinds, is_offset in ((_OFFSETS, True), (_PAGES, False)):
        name = next((known for known in kinds if known in names), None)
        if name is None:
            continue
        start = entry.parameters.get(name, 0 if is_offset else 1)
        if not isinstance(start, int):
            return None
        step = size if is_offset and isinstance(size, int) else 1
        rest = sorted((key, str(value)) for key, value in entry.parameters.items() if key != name)
        listing = tuple(f"{key}={value}" for key, value in rest)
        return _Page(listing, start, start + step, more=_has_more(entry.answer, start, step, is_offset=is_offset))
    return None


def _has_more(answer: JSON, start: int, step: int, *, is_offset: bool) -> bool:
    """Whether a page follows according to an answer; True if the answer does not tell."""
    more = _member(answer, _MORE)
    if isinstance(more, bool):
        return more
    last = _member(answer, _LAST)
    if isinstance(last, int) and not is_offset:
        return start < last
    total = _member(answer, _TOTAL)
    return start + step < total if isinstance(total, int) and is_offset else True


def _member(value: JSON, names: Sequence[str], depth: int = 0) -> JSON:
    """Return the first member with one of the names, outside of lists."""
    if not isinstance(value, dict) or depth > 4:
        return None
    for name in names:
        if name in value:
            return value[name]
    return next((found for part in value.values() if (found := _member(part, names, depth + 1)) is not None), None)


def ignores_unknown_fields(entries: Sequence[Entry], knowledge: Knowledge) -> Proof:
    """Check that the client goes on after an answer with a member that the contract does not have."""
    kept: list[Evidence] = []
    broken: list[Evidence] = []
    for index, entry in enumerate(entries):
        unknown = _unknown_member(entry, knowledge)
        if not unknown:
            continue
        after = [then for then in entries[index + 1 :] if saw_answer(entry, then)]
        again = next((then for then in after if then.question == entry.question and waited(entry, then) < _AGAIN), None)
        if again is not None and again is after[0]:
            says = f"{entry.line} had the unknown field {unknown} and was sent again"
            broken.append(Evidence((entry.number, again.number), says))
        elif after:
            says = f"{entry.line} had the unknown field {unknown}; the next request was {after[0].line}"
            kept.append(Evidence((entry.number, after[0].number), says))
    return kept, broken


def _unknown_member(entry: Entry, knowledge: Knowledge) -> str:
    """Return the path of the first member that is not in the schema of a success, or an empty text."""
    operation = knowledge.operation(entry)
    response = operation.response(entry.status) if operation is not None else None
    if response is None or response.media is None or response.media.schema is None or not 200 <= entry.status < 300:
        return ""
    return _find_unknown(response.media.schema, response.media.schema.node, entry.answer, "", 0)


def _find_unknown(schema: Schema, raw: JSON, value: JSON, path: str, depth: int) -> str:
    node = schema.document.resolve(raw)
    if not isinstance(node, dict) or depth > 12:
        return ""
    if isinstance(value, list) and "items" in node:
        parts = (_find_unknown(schema, node["items"], item, f"{path}[]", depth + 1) for item in value[:5])
        return next((found for found in parts if found), "")
    if not isinstance(value, dict):
        return ""
    known, open_ended = _members(schema, node)
    for name, member in value.items():
        if name not in known:
            if not open_ended and known:
                return f"{path}.{name}".lstrip(".")
            continue
        found = _find_unknown(schema, known[name], member, f"{path}.{name}", depth + 1)
        if found:
            return found
    return ""


def _members(schema: Schema, node: Mapping[str, JSON]) -> tuple[dict[str, JSON], bool]:
    """Return the members of an object schema, and whether it allows others."""
    known = dict(node.get("properties") or {})
    extra = node.get("additionalProperties")
    open_ended = isinstance(extra, dict) or "patternProperties" in node
    for keyword in ("allOf", "anyOf", "oneOf"):
        for part in node.get(keyword) or ():
            resolved = schema.document.resolve(part)
            if isinstance(resolved, dict):
                more, is_open = _members(schema, resolved)
                known |= {name: value for name, value in more.items() if name not in known}
                open_ended = open_ended or is_open
    return known, open_ended


def uses_only_known_parameters(entries: Sequence[Entry], knowledge: Knowledge) -> Proof:
    """Check that the operation has every query parameter of a request: unknown ones are ignored without an error."""
    kept: list[Evidence] = []
    broken: list[Evidence] = []
    seen: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        operation = knowledge.operation(entry)
        if operation is None or not entry.names:
            continue
        schemes = {scheme.parameter for needed in operation.security for scheme in needed if scheme.location == "query"}
        known = {parameter.name for parameter in queries(operation)} | schemes | _CHOOSERS
        deep = tuple(f"{parameter.name}[" for parameter in queries(operation) if parameter.style == "deepObject")
        strange = [name for name in entry.names if name not in known and not (deep and name.startswith(deep))]
        for name in strange:
            seen.setdefault((entry.operation, name), []).append(entry)
        if not strange:
            kept.append(Evidence((entry.number,), entry.line))
    for (operation_id, name), asked in seen.items():
        editions = knowledge.elsewhere(asked[0], name)
        whose = f"; it belongs to {', '.join(editions)}" if editions else ""
        operation = knowledge.operation(asked[0])
        valid = ", ".join(parameter.name for parameter in queries(operation)) if operation is not None else ""
        says = f"{operation_id} of {asked[0].contract} has no parameter {name!r}{whose} (it has: {valid or 'none'})"
        broken.append(Evidence(tuple(entry.number for entry in asked), says))
    return kept, broken
