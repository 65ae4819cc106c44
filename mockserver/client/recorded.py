"""A request that came, as a test looks at it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

JSON = Any


@dataclass(frozen=True, slots=True, repr=False)
class Recorded:
    """One exchange of the journal. `json` and `answer` are the bodies as JSON, None where they are none.

    `parameters` are the operation's, with their defaults; `problem` the kind of error that was answered; `fault` what
    went wrong on purpose.
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


def recorded_of(entry: Mapping[str, JSON]) -> Recorded:
    """An entry of the journal, read."""
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


def listed(entries: Iterable[Recorded], most: int = 30) -> str:
    """Requests as lines of a message, near misses below those that matched nothing."""
    lines: list[str] = []
    for entry in entries:
        lines.append(f"  {entry.number:>3}  {entry.line}")
        lines += [f"       probably meant: {miss}" for miss in entry.near_misses[:1]]
    if len(lines) > most:
        lines = [f"  (the first {len(lines) - most} lines left out)", *lines[-most:]]
    return "\n".join(lines) or "  nothing"
