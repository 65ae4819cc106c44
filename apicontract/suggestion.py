"""A known name that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable


def find_similar(found: str, known: Iterable[str]) -> str:
    """Return the known name that is most similar to an unknown one, or an empty text if none is similar."""
    from difflib import get_close_matches  # an error is rare, and every start would wait for the import

    return next(iter(get_close_matches(found, list(known), 1, 0.7)), "")


def suggest(found: str, known: Iterable[str]) -> str:
    """Return a question that ends a message about an unknown name, or an empty text if no known one is similar."""
    near = find_similar(found, known)
    return f"; did you mean {near!r}?" if near else ""
