"""CEL, the language of a contract's rules: the one module that knows the library.

Beside standard CEL, rules may use the list functions of Kubernetes: `sum()`, `min()`, `max()`, `isSorted()`,
`distinct()`, `reverse()`, and `abs()`, `round()` for tolerances.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from itertools import pairwise
from typing import Any

import cel

JSON = Any


class RuleError(Exception):
    """A rule that cannot be evaluated: it is not CEL, or the answer lacks what it refers to."""


def _distinct(items: list[JSON]) -> list[JSON]:
    found: list[JSON] = []
    for item in items:
        if item not in found:
            found.append(item)
    return found


_FUNCTIONS: Mapping[str, Callable[..., JSON]] = {
    "sum": lambda items: sum(items),
    "min": lambda items: min(items),
    "max": lambda items: max(items),
    "isSorted": lambda items: all(one <= two for one, two in pairwise(items)),
    "distinct": _distinct,
    "reverse": lambda items: list(reversed(items)),
    "abs": lambda value: abs(value),
    "round": lambda value: float(round(value)),
}


@cache
def _compiled(expression: str) -> Any:
    try:
        return cel.compile(expression)
    except Exception as error:  # noqa: BLE001 - the library raises ValueError, SyntaxError and panics alike
        raise RuleError(f"not CEL: {str(error).splitlines()[0]}") from None


def holds(expression: str, variables: Mapping[str, JSON]) -> bool:
    """Return whether a rule is true.

    Raises:
        RuleError: the rule cannot be evaluated.
    """
    context = cel.Context()
    for name, function in _FUNCTIONS.items():
        context.add_function(name, function)
    for name, value in variables.items():
        context.add_variable(name, value)
    program = _compiled(expression)
    try:
        value = program.execute(context)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        raise RuleError(str(error).splitlines()[0] if str(error) else type(error).__name__) from None
    if not isinstance(value, bool):
        raise RuleError(f"the rule is {value!r}, neither true nor false")
    return value
