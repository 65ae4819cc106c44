"""Validation of input objects: bodies of the control API, files and command-line values."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from apicontract.suggestion import suggest
from mockserver.clock import parse_instant

JSON = Any
EARLIEST, LATEST = 946_684_800.0, 4_102_444_800.0
"""The clock goes from 2000-01-01 to 2100-01-01."""


class BadInputError(Exception):
    """A member of the input is not valid; names the member, what is wrong, and what is valid."""

    def __init__(self, parameter: str, message: str, valid: Iterable[str]) -> None:
        super().__init__(message)
        self.parameter = parameter
        self.valid = list(valid)

    def __str__(self) -> str:
        return f"{super().__str__()}; valid: {', '.join(self.valid)}"

    @property
    def message(self) -> str:
        """What is wrong, without the valid values."""
        return super().__str__()

    def inside(self, place: str) -> BadInputError:
        """Return the error for an enclosing object, whose member `place` is this object."""
        return BadInputError(f"{place}.{self.parameter}".rstrip("."), self.message, self.valid)


class Form:
    """An object whose members are read by name and type; an unknown or null member is refused."""

    def __init__(self, value: JSON, members: Iterable[str]) -> None:
        known = tuple(members)
        if not isinstance(value, Mapping):
            raise BadInputError("", f"{_shown(value)} is not an object", [f"an object with {', '.join(known)}"])
        for name in value:
            if name not in known:
                raise BadInputError(
                    _short(name), f"there is no member {_shown(name)}{suggest(str(name), known)}", known
                )
            if value[name] is None:
                raise BadInputError(_short(name), f"{name} is null", ["a value, or the member left out"])
        self._value = value

    def __contains__(self, name: str) -> bool:
        return self._value.get(name) is not None

    def raw(self, name: str) -> JSON:
        """Return a member unchecked, or None if it is absent."""
        return self._value.get(name)

    def text(self, name: str, choices: Iterable[str] | None = None, *, longest: int = 200) -> str:
        """Return a text, or an empty one if the member is absent."""
        value = self._value.get(name)
        if value is None:
            return ""
        known = None if choices is None else list(choices)
        allowed = known is None or value in known
        if not isinstance(value, str) or not allowed or not 1 <= len(value) <= longest:
            near = suggest(str(value), known or ())
            valid = known or [f"1 to {longest} characters"]
            raise BadInputError(name, f"{name} {_shown(value)} is not valid{near}", valid)
        return value

    def number(self, name: str, low: float, high: float) -> float | None:
        """Return a number within bounds, or None if the member is absent."""
        value = self._value.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise BadInputError(name, f"{name} {_shown(value)} is not valid", [f"a number from {low:g} to {high:g}"])
        return float(value)

    def integer(self, name: str, low: int, high: int) -> int | None:
        """Return a whole number within bounds, or None if the member is absent."""
        value = self._value.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise BadInputError(name, f"{name} {_shown(value)} is not valid", [f"a whole number from {low} to {high}"])
        return value

    def boolean(self, name: str) -> bool | None:
        """Return true or false, or None if the member is absent."""
        value = self._value.get(name)
        if value is not None and not isinstance(value, bool):
            raise BadInputError(name, f"{name} {_shown(value)} is not valid", ["true", "false"])
        return value

    def instant(self, name: str) -> float | None:
        """Return an instant in epoch seconds, or None if the member is absent."""
        value = self._value.get(name)
        if value is None:
            return None
        try:
            at = parse_instant(value) if isinstance(value, str) else math.nan
        except (ValueError, OverflowError):
            at = math.nan
        if not EARLIEST <= at <= LATEST:
            valid = ["an RFC 3339 date-time like 2026-03-01T00:00:00Z, from 2000 to 2099"]
            raise BadInputError(name, f"{name} {_shown(value)} is not valid", valid)
        return at

    def items(self, name: str, most: int = 1_000) -> list[JSON]:
        """Return a list, or an empty one if the member is absent."""
        value = self._value.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or len(value) > most:
            raise BadInputError(name, f"{name} is not valid", [f"a list of at most {most}"])
        return value


def _shown(value: JSON) -> str:
    return _short(repr(value))


def _short(value: JSON) -> str:
    text = str(value)
    return text if len(text) <= 80 else text[:79] + "…"
