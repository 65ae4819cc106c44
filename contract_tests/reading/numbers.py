"""Numbers in headers, read strictly: Python reads more as a number than any document means by one."""

from __future__ import annotations

import re

_WHOLE = re.compile(r"-?[0-9]{1,15}")
_DECIMAL = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,9})?")


def whole(text: str | None) -> int | None:
    """Return a text of at most 15 ASCII digits as an integer; None for any other."""
    return int(text) if text is not None and _WHOLE.fullmatch(text.strip()) else None


def decimal(text: str | None) -> float | None:
    """Return a text of ASCII digits, with or without a fraction, as a number; None for any other."""
    return float(text) if text is not None and _DECIMAL.fullmatch(text.strip()) else None
