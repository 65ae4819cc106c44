"""A known name that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def suggest(found: str, known: Iterable[str]) -> str:
    """Return a question that ends a message about an unknown name, or an empty text if no known one is similar."""
    near = get_close_matches(found, list(known), 1, 0.7)
    return f"; did you mean {near[0]!r}?" if near else ""
