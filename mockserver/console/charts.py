"""Charts of an operation's answer (`x-chart`), and the numbers in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from apicontract.contract import Contract
from apicontract.operations import METHODS, Operation

JSON = Any
LINE, BARS, NUMBER = "line", "bars", "number"
_MOST = 12
"""Maximum number of bars in a chart."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart. `rows`, `label`, `value`: paths of members, such as `data.pages`; a number has `value` only.

    `unit`: what the numbers count, such as `visitors`.
    """

    operation: Operation
    title: str
    kind: str
    rows: str
    label: str
    value: str
    unit: str


@dataclass(frozen=True, slots=True)
class Points:
    """The points of a chart: label and number. `left_out`: the number of rows that are not drawn."""

    points: tuple[tuple[str, float], ...]
    left_out: int = 0

    @property
    def most(self) -> float:
        """The largest number, at least 1."""
        return max((figure for _, figure in self.points), default=0) or 1


def list_charts(contract: Contract) -> Iterator[Chart]:
    """Yield the charts of a contract, in the order of its operations; invalid ones are skipped."""
    operations = {operation.id: operation for operation in contract.operations}
    for item in (contract.document.root.get("paths") or {}).values():
        for method in METHODS:
            node = item.get(method) if isinstance(item, dict) else None
            raw = node.get("x-chart") if isinstance(node, dict) else None
            operation = operations.get(str(node.get("operationId"))) if isinstance(node, dict) else None
            if operation is None or operation.method != "GET":
                continue
            for entry in raw if isinstance(raw, list) else []:
                chart = _chart(operation, entry)
                if chart is not None:
                    yield chart


def _chart(operation: Operation, entry: JSON) -> Chart | None:
    if not isinstance(entry, dict) or entry.get("kind") not in (LINE, BARS, NUMBER) or not entry.get("value"):
        return None
    if entry["kind"] != NUMBER and not (entry.get("rows") and entry.get("label")):
        return None
    texts = {name: str(entry.get(name, "")) for name in ("title", "kind", "rows", "label", "value", "unit")}
    return Chart(operation, **{**texts, "title": texts["title"] or operation.summary})


def read_points(chart: Chart, body: JSON) -> Points | None:
    """Return the points of an answer, or None if it lacks the members."""
    if chart.kind == NUMBER:
        figure = member(body, chart.value)
        return Points(((chart.title, figure),)) if _is_figure(figure) else None
    rows = member(body, chart.rows)
    if not isinstance(rows, list):
        return None
    pairs = [(str(member(row, chart.label)), member(row, chart.value)) for row in rows]
    found = tuple((label, figure) for label, figure in pairs if _is_figure(figure))
    if len(found) < len(rows):
        return None
    shown = found[:_MOST] if chart.kind == BARS else found
    return Points(shown, len(found) - len(shown))


def member(value: JSON, path: str) -> JSON:
    """Return a member by its dotted path, or None."""
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _is_figure(value: JSON) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
