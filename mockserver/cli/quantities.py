"""The types of option values: instants, durations, sizes, paths."""

from __future__ import annotations

import re
from typing import Any

import click

from mockserver.clock import parse_instant

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_SEGMENT = re.compile(r"(?!\.\.?\Z)[A-Za-z0-9._~-]+")
_LONGEST_PATH = 200
_SIZES = {"k": 1024, "m": 1024 * 1024}


class Instant(click.ParamType[float]):
    """An RFC 3339 date-time, or a date."""

    name = "INSTANT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the epoch seconds of a text."""
        if isinstance(value, float):
            return value
        try:
            return parse_instant(str(value))
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is not an instant like 2026-02-07T12:00:00Z", param, ctx)


class Duration(click.ParamType[float]):
    """A signed number of seconds, minutes, hours or days: `90`, `-1h`, `+30d`."""

    name = "DURATION"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the seconds of a text."""
        if isinstance(value, float):
            return value
        text = str(value)
        number, unit = (text[:-1], _UNITS[text[-1]]) if text[-1:] in _UNITS else (text, 1)
        try:
            seconds = float(number) * unit
        except ValueError:
            seconds = float("nan")
        if not abs(seconds) < 1e11:
            self.fail(f"{value!r} is not a duration like 90, -1h or +30d", param, ctx)
        return seconds


class Size(click.ParamType[int]):
    """A number of bytes: `65536`, `64k`, `1m`."""

    name = "SIZE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the bytes of a text."""
        text = str(value).lower()
        number, unit = (text[:-1], _SIZES[text[-1]]) if text[-1:] in _SIZES else (text, 1)
        if not (re.fullmatch(r"[0-9]{1,10}", number) and 0 < int(number) * unit <= 1 << 30):
            self.fail(f"{value!r} is not a size like 65536, 64k or 1m, of at most 1024m", param, ctx)
        return int(number) * unit


class BasePath(click.ParamType[str]):
    """A base path: `/analytics`."""

    name = "PATH"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the path without a trailing slash."""
        text = str(value).removesuffix("/")
        segments = text.split("/")[1:]
        if "__mock" in segments:
            self.fail(f"{value!r}: __mock is reserved for the mock's own pages", param, ctx)
        if len(text) > _LONGEST_PATH or text != "".join(f"/{one}" for one in segments if _SEGMENT.fullmatch(one)):
            rule = f"each part of letters, digits and . _ ~ -, {_LONGEST_PATH} characters at most"
            self.fail(f"{str(value)[:_LONGEST_PATH]!r} is not a path like /analytics: {rule}", param, ctx)
        return text
