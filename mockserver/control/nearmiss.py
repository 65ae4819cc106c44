"""Near misses: the operations closest to an unmatched request, with the differences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from urllib.parse import unquote

from apicontract.contract import Contract
from apicontract.routes import Route
from mockserver.journal.entry import Entry

_SHOWN = 3
_TOO_FAR = 0.6  # the largest share of a path that may differ
_METHOD = 0.3
_ALIKE = 0.6
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class NearMiss:
    """An operation close to a request: `distance` from 0 (identical path) to 1, `why` the differences in words."""

    method: str
    path: str
    operation: str
    contract: str
    distance: float
    why: tuple[str, ...]


def near_misses(entry: Entry, contracts: Iterable[Contract]) -> list[NearMiss]:
    """Return the operations closest to an entry's request, closest first."""
    found: list[NearMiss] = []
    segments = [unquote(segment) for segment in entry.path.split("/")[1:]]
    if len(segments) > _LONGEST:
        return []
    for contract in contracts:
        for route in contract.router.routes:
            miss = _miss(entry.method, segments, route, contract)
            if miss is not None:
                found.append(miss)
    return sorted(found, key=lambda miss: miss.distance)[:_SHOWN]


def _miss(method: str, segments: list[str], route: Route, contract: Contract) -> NearMiss | None:
    wanted = route.path.split("/")[1:]
    if not _resembles(segments, wanted[len(contract.base_path.split("/")) - 1 :]):
        return None
    cost, why = _compare(segments, wanted)
    base = contract.base_path.split("/")[1:]
    if base and wanted[: len(base)] == base:
        short, reasons = _compare(segments, wanted[len(base) :])
        if short + 1 < cost:
            cost, why = short + 1, [f"the base path {contract.base_path} is missing", *reasons]
    distance = cost / max(len(wanted), len(segments))
    if distance > _TOO_FAR:
        return None
    operation = route.operations.get(method) or next(iter(route.operations.values()))
    if method not in route.operations:
        distance += _METHOD
        why = [*why, f"expected {' or '.join(route.operations)}, found {method}"]
    return NearMiss(
        operation.method, route.path, operation.id, contract.selector, round(min(distance, 1.0), 3), tuple(why)
    )


def _resembles(given: list[str], own: list[str]) -> bool:
    """Return whether a path resembles the route beyond the common base path."""
    words = [segment.lower() for segment in own if "{" not in segment]
    return any(_alike(segment.lower(), word) >= _ALIKE for segment in given for word in words)


def _compare(given: list[str], wanted: list[str]) -> tuple[float, list[str]]:
    """Return the edit distance between two paths in segments, and the differences in words."""
    rows = [[(float(column), [_surplus(one) for one in given[:column]]) for column in range(len(given) + 1)]]
    for template in wanted:
        previous, row = rows[-1], [(rows[-1][0][0] + 1.0, [*rows[-1][0][1], f"the segment {template!r} is missing"])]
        for column, segment in enumerate(given, 1):
            price, reason = _price(segment, template)
            options = [
                (previous[column - 1][0] + price, [*previous[column - 1][1], *([reason] if reason else [])]),
                (previous[column][0] + 1.0, [*previous[column][1], f"the segment {template!r} is missing"]),
                (row[column - 1][0] + 1.0, [*row[column - 1][1], _surplus(segment)]),
            ]
            row.append(min(options, key=lambda option: option[0]))
        rows.append(row)
    return rows[-1][-1]


def _surplus(segment: str) -> str:
    return f"unexpected segment {segment!r}" if segment else "unexpected trailing slash"


def _price(segment: str, template: str) -> tuple[float, str]:
    if segment == template or ("{" in template and segment):
        return 0.0, ""
    if not segment:
        return 1.0, f"{template} is empty"
    if segment.lower() == template.lower():
        return 0.1, f"expected {template!r}, found {segment!r}"
    return 1.0 - _alike(segment, template) / 2, f"expected {template!r}, found {segment!r}"


def _alike(segment: str, template: str) -> float:
    return SequenceMatcher(None, segment[:100], template).ratio()
