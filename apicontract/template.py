"""Templates with placeholders: `x-envelope`, `x-errors.body` and error messages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

JSON = Any
_WHOLE = re.compile(r"\{([a-z_]+)\}")
_QUOTED = re.compile(rb'"\{([a-z_]+)\}"')
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Template:
    """A JSON value in which `"{name}"` is replaced by a JSON value, and `{name}` within a longer text by text."""

    shape: JSON
    _parts: tuple[bytes, ...]
    _gaps: tuple[tuple[int, str], ...]

    @classmethod
    def compile(cls, shape: JSON) -> Template:
        """Split the shape into the bytes between its placeholders."""
        parts = _QUOTED.split(orjson.dumps(shape))
        return cls(shape, tuple(parts), tuple((at, parts[at].decode()) for at in range(1, len(parts), 2)))

    def render(self, values: Mapping[str, JSON]) -> JSON:
        """Return the value with its placeholders filled; members whose placeholder is missing or None are left out."""
        return _fill(self.shape, values)

    def values_in(self, body: JSON) -> dict[str, JSON]:
        """Return the values of the placeholders in a rendered body: the reverse of `render`."""
        found: dict[str, JSON] = {}
        _collect(self.shape, body, found)
        return found

    def refresh(self, body: JSON, values: Mapping[str, JSON]) -> JSON:
        """Return a body with the values of the given placeholders replaced."""
        return _refreshed(self.shape, body, values)

    def pieces(self, values: Mapping[str, bytes]) -> tuple[bytes, ...]:
        """Render as bytes in several pieces, from values that are JSON bytes; every `"{name}"` needs a value."""
        pieces = list(self._parts)
        for at, name in self._gaps:
            pieces[at] = values[name]
        return tuple(pieces)

    def find(self, pieces: tuple[bytes, ...], name: str) -> bytes | None:
        """Return the value of a placeholder in rendered pieces, or None if they were not rendered by this template."""
        if len(pieces) != len(self._parts) or pieces[0] is not self._parts[0]:
            return None
        return next((pieces[at] for at, gap in self._gaps if gap == name), None)


def fill_text(text: str, values: Mapping[str, JSON]) -> str:
    """Return a text with its placeholders filled; a placeholder without a value is kept."""
    return _WHOLE.sub(lambda match: _as_text(values.get(match[1], match[0])), text)


def placeholders(text: str) -> list[str]:
    """Return the names of the placeholders in a text."""
    return _WHOLE.findall(text)


def _as_text(value: JSON) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _fill(shape: JSON, values: Mapping[str, JSON]) -> JSON:
    if isinstance(shape, str):
        whole = _WHOLE.fullmatch(shape)
        if whole:
            value = values.get(whole[1])
            return _MISSING if value is None else value
        return fill_text(shape, values)
    if isinstance(shape, dict):
        filled = {name: _fill(member, values) for name, member in shape.items()}
        return {name: value for name, value in filled.items() if value is not _MISSING}
    if isinstance(shape, list):
        return [value for value in (_fill(item, values) for item in shape) if value is not _MISSING]
    return shape


def _collect(shape: JSON, body: JSON, found: dict[str, JSON]) -> None:
    if isinstance(shape, dict) and isinstance(body, dict):
        for name in shape.keys() & body.keys():
            _collect(shape[name], body[name], found)
    elif isinstance(shape, str) and (whole := _WHOLE.fullmatch(shape)) is not None:
        found[whole[1]] = body


def _refreshed(shape: JSON, body: JSON, values: Mapping[str, JSON]) -> JSON:
    if isinstance(shape, dict) and isinstance(body, dict):
        return {name: _refreshed(shape.get(name), value, values) for name, value in body.items()}
    whole = _WHOLE.fullmatch(shape) if isinstance(shape, str) else None
    return values[whole[1]] if whole is not None and whole[1] in values else body
