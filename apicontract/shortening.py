"""A part of a huge value, small enough that all that is wrong with it can be listed."""

from __future__ import annotations

from typing import Any

JSON = Any
Path = tuple[str | int, ...]
MOST = 5_000
"""Members and items that a part has at most: a violation takes about 1.5 KB, and a body may have millions."""


def shorten(value: JSON, most: int = MOST) -> tuple[JSON, set[Path]]:
    """Return the first `most` members and items of a value, and the paths of the objects and arrays that lost some."""
    left, shortened = most, set[Path]()

    def keep(value: JSON, path: Path) -> JSON:
        nonlocal left
        if not isinstance(value, (dict, list)):
            return value
        kept: list[tuple[str | int, JSON]] = []
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            if left <= 0:
                shortened.add(path)
                break
            left -= 1
            kept.append((step, keep(inner, (*path, step))))
        return dict(kept) if isinstance(value, dict) else [inner for _, inner in kept]

    return keep(value, ()), shortened
