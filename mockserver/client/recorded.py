"""A recorded request, as tests read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

JSON = Any


@dataclass(frozen=True, slots=True, repr=False)
class Recorded:
    """An exchange of the journal. `json` and `answer`: the bodies, or None if they are not JSON.

    `parameters`: those of the operation, with defaults. `problem`: the kind of error that was answered. `fault`: the
    injected fault.
    """

    number: int
    line: str
    method: str
    path: str
    query: str
    status: int
    operation: str
    parameters: Mapping[str, JSON]
    key: str
    problem: str
    fault: str
    headers: Mapping[str, str]
    json: JSON
    answer_headers: Mapping[str, str]
    answer: JSON
    near_misses: tuple[str, ...] = field(default=())

    def __repr__(self) -> str:
        return f"<{self.number}: {self.line}>"


def read_entry(entry: Mapping[str, JSON]) -> Recorded:
    """Read a journal entry of the control API."""
    request, response = entry["request"], entry["response"]
    return Recorded(
        number=entry["number"],
        line=entry["line"],
        method=request["method"],
        path=request["path"],
        query=request["query"],
        status=response["status"],
        operation=entry["operation"],
        parameters=entry["parameters"],
        key=entry["key"],
        problem=entry["problem"],
        fault=entry["fault"],
        headers=_headers(request["headers"]),
        json=request.get("json"),
        answer_headers=_headers(response["headers"]),
        answer=response.get("json"),
        near_misses=tuple(
            f"{miss['method']} {miss['path']}: {'; '.join(miss['why'])}" for miss in entry.get("near_misses", ())
        ),
    )


def _headers(pairs: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {pair["name"]: pair["value"] for pair in pairs}


def format_entries(entries: Iterable[Recorded], most: int = 30) -> str:
    """Return entries as lines of a message, each unmatched one followed by its nearest operation."""
    lines: list[str] = []
    for entry in entries:
        lines.append(f"  {entry.number:>3}  {entry.line}")
        lines += [f"       probably meant: {miss}" for miss in entry.near_misses[:1]]
    if len(lines) > most:
        lines = [f"  (the first {len(lines) - most} lines left out)", *lines[-most:]]
    return "\n".join(lines) or "  nothing"
