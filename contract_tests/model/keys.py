"""The names that stand for keys wherever a key itself must not be written."""

from __future__ import annotations

import re

VARIABLE = "CONTRACT_TESTS_API_KEY"
"""The environment variable of the main key, and what every other key's variable begins with."""


OTHER_CASE = f"{VARIABLE}_IN_OTHER_CASE"
"""The shell variable of the main key with upper case for lower case: no expression of `sh` turns it."""
OTHER_CASE_ASSIGNED = f'{OTHER_CASE}=$(printf %s "${VARIABLE}" | tr A-Za-z a-zA-Z)'


def variable(role: str) -> str:
    """Return the environment variable that stands for the key of a role."""
    return VARIABLE if role in ("", "main") else f"{VARIABLE}_{re.sub(r'[^A-Z0-9]', '_', role.upper())}"


def placeholder(role: str = "main") -> str:
    """Return what stands for the key of a role in every report: a shell filled in with the key when pasted."""
    return f"${variable(role)}"


MARKS = (f"${VARIABLE}", f"${{{VARIABLE}")
"""What every shell expression for a key, whole or damaged on purpose, begins with."""


def names_a_key(text: str) -> bool:
    """Return whether a text holds the shell expression for a key."""
    return any(mark in text for mark in MARKS)
