"""Patterns of schemas (ECMA 262): matched and turned into texts by Python's `re`."""

from __future__ import annotations

import re
from random import Random

import rstr


def make_text(pattern: str, random: Random, low: int = 0, high: int | None = None) -> str:
    """Return a text that matches a pattern, with a length within bounds if one is found; empty if it cannot be read."""
    source, made = rstr.Rstr(random), ""
    try:
        for _ in range(20):
            made = source.xeger(_python_pattern(pattern))
            if len(made) < low and not pattern.endswith("$"):
                made += "a" * (low - len(made))
            if low <= len(made) and (high is None or len(made) <= high):
                break
    except (re.error, ValueError, KeyError, OverflowError):
        return ""
    return made


def matches(pattern: str, text: str) -> bool:
    """Whether a text has a match of a pattern; False if the pattern cannot be read."""
    try:
        return re.search(_python_pattern(pattern), text) is not None
    except re.error:
        return False


def _python_pattern(pattern: str) -> str:
    """Return an ECMA pattern as Python's `re` understands it."""
    text = re.sub(r"\\p\{(?:L|Letter|Alphabetic)\}", "a-zA-Z" if "[" in pattern else "[a-zA-Z]", pattern)
    text = re.sub(r"\\p\{(?:N|Nd|Number)\}", "0-9" if "[" in pattern else "[0-9]", text)
    text = re.sub(r"\\u\{([0-9A-Fa-f]+)\}", lambda match: re.escape(chr(int(match[1], 16))), text)
    return re.sub(r"\(\?<(?=[A-Za-z])", "(?P<", text).replace(r"\/", "/")
