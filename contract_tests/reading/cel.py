"""CEL, the language of a contract's rules: the one module that knows the library.

Beside standard CEL, rules may use the list functions of Kubernetes: `sum()`, `min()`, `max()`, `isSorted()`,
`distinct()`, `reverse()`, and `abs()`, `round()` for tolerances.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from itertools import pairwise
from typing import Any

import cel

JSON = Any
# The library warns of every function that fails; here that is a RuleError, whose reason is in the report.
logging.getLogger("cel").setLevel(logging.ERROR)


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


class Variables:
    """What rules refer to, by name. The values are converted once, on first use, for all rules about them."""

    def __init__(self, values: Mapping[str, JSON]) -> None:
        self._values = values

    @cached_property
    def context(self) -> Any:
        """The values and functions in the form that the library evaluates.

        Raises:
            RuleError: a value does not exist in CEL, such as a text with half a surrogate pair.
        """
        context = cel.Context()
        for name, function in _FUNCTIONS.items():
            context.add_function(name, function)
        try:
            context.update(dict(self._values))
        except ValueError as error:
            raise RuleError(f"a value that CEL cannot hold: {str(error).splitlines()[0]}") from None
        return context


def holds(expression: str, variables: Variables) -> bool:
    """Return whether a rule is true.

    Raises:
        RuleError: the rule cannot be evaluated.
    """
    program = _compiled(expression)
    try:
        value = program.execute(variables.context)
    except RuleError:
        raise
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        raise RuleError(str(error).splitlines()[0] if str(error) else type(error).__name__) from None
    if not isinstance(value, bool):
        raise RuleError(f"the rule is {value!r}, neither true nor false")
    return value
