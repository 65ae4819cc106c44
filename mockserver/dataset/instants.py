"""Instants and dates as milliseconds and days since 1970, converted from and to RFC 3339; always UTC."""

import re
from datetime import date, datetime
from functools import lru_cache

DAY_MS = 86_400_000
_EPOCH = date(1970, 1, 1).toordinal()
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z")


def is_instant(value: object) -> bool:
    """Return whether a value is a string such as 2026-02-07T12:00:00.000Z, fraction optional."""
    return isinstance(value, str) and _INSTANT.fullmatch(value) is not None


def to_ms(value: str) -> int:
    """Return an instant as milliseconds since 1970.

    Raises:
        ValueError: The value is no instant.
    """
    if not is_instant(value):
        raise ValueError("must be an instant such as 2026-02-07T12:00:00.000Z")
    moment = datetime.fromisoformat(value)
    return round(moment.timestamp() * 1000)


def to_day(value: str) -> int:
    """Return a date as days since 1970.

    Raises:
        ValueError: The value is no date.
    """
    try:
        if len(value) != 10:
            raise ValueError(value)
        return date.fromisoformat(value).toordinal() - _EPOCH
    except ValueError:
        raise ValueError("must be a date such as 2026-02-07") from None


def to_time(value: str) -> int:
    """Return a time of day such as 09:15 or 24:00 in milliseconds.

    Raises:
        ValueError: The value is no time of day.
    """
    match = re.fullmatch(r"(\d\d):(\d\d)", value)
    if not match or int(match[2]) > 59 or (minutes := int(match[1]) * 60 + int(match[2])) > 1440:
        raise ValueError("must be a time of day from 00:00 to 24:00")
    return minutes * 60_000


@lru_cache(maxsize=4096)
def day_text(day: int) -> str:
    """Return a date such as 2026-02-07."""
    return date.fromordinal(day + _EPOCH).isoformat()


def instant_text(ms: int) -> str:
    """Return an instant such as 2026-02-07T12:00:00.000Z."""
    seconds, rest = divmod(ms % DAY_MS, 1000)
    return f"{day_text(ms // DAY_MS)}T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}Z"


def whole_second_text(ms: int) -> str:
    """Return an instant such as 2026-02-07T12:00:00Z."""
    return instant_text(ms)[:19] + "Z"
