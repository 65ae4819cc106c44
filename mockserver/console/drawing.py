"""The geometry of line charts, drawn as SVG without text, so that it can stretch."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mockserver.console.charts import Points

WIDTH, HEIGHT = 1_000, 240
_TICKS = 4


@dataclass(frozen=True, slots=True)
class Column:
    """The area of one point, for its tooltip."""

    x: float
    width: float
    label: str
    figure: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line chart. `path` and `area`: SVG paths in units of the view box. `ticks`: from top to bottom.

    `labels`: one for each point, and whether narrow screens show it.
    """

    path: str
    area: str
    ticks: tuple[float, ...]
    lines: tuple[float, ...]
    labels: tuple[tuple[str, bool], ...]
    columns: tuple[Column, ...]
    width: int = WIDTH
    height: int = HEIGHT


def draw_line(points: Points) -> Line:
    """Return the line chart of points."""
    step = nice_step(points.most / _TICKS)
    top = step * math.ceil(points.most / step)
    ticks = tuple(tidy(top - step * number) for number in range(round(top / step) + 1))
    count = len(points.points)
    gap = WIDTH / (count - 1) if count > 1 else WIDTH
    places = [(gap * number, HEIGHT * (1 - figure / top)) for number, (_, figure) in enumerate(points.points)]
    if count == 1:
        places.append((float(WIDTH), places[0][1]))
    path = "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in places) if places else ""
    return Line(
        path=path,
        area=f"{path} L{WIDTH} {HEIGHT} L0 {HEIGHT} Z" if path else "",
        ticks=ticks,
        lines=tuple(HEIGHT * number / (len(ticks) - 1) for number in range(len(ticks))),
        labels=_spread([label for label, _ in points.points]),
        columns=tuple(
            Column(max(0.0, gap * (number - 0.5)), gap, label, figure)
            for number, (label, figure) in enumerate(points.points)
        ),
    )


def nice_step(rough: float) -> float:
    """Return 1, 2, 2.5 or 5 times a power of ten that is at least `rough`, a whole number if possible."""
    power = 10.0 ** math.floor(math.log10(rough)) if rough > 0 else 1.0
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough - 1e-9)
    return max(step, 1.0) if rough >= 0.2 else step


def tidy(figure: float) -> float:
    """Round floating-point noise off; return a whole number as int."""
    rounded = round(figure, 9)
    return int(rounded) if rounded == int(rounded) else rounded


def _spread(labels: list[str]) -> tuple[tuple[str, bool], ...]:
    """Return a label for each point, empty for most of them."""
    last = len(labels) - 1
    always = {0, round(last / 2), last}
    shown = always | {round(last / 4), round(last * 3 / 4)}
    return tuple((label if place in shown else "", place in always) for place, label in enumerate(labels))
