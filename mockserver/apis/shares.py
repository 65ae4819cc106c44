"""Shares and averages, rounded as in the documents."""


def percent(part: int, whole: int) -> float:
    """Return a percentage with one decimal, rounded half up: 456 of 1247 is 36.6."""
    return (2000 * part + whole) // (2 * whole) / 10 if whole else 0.0


def whole_percent(part: int, whole: int) -> int:
    """Return a whole percentage, rounded half up."""
    return (200 * part + whole) // (2 * whole) if whole else 0


def mean(total: int, number: int) -> float:
    """Return an average with two decimals, rounded half up."""
    return (200 * total + number) // (2 * number) / 100 if number else 0.0
