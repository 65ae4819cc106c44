"""The server's clock, the only source of "now", and instants as text."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import formatdate


class Clock:
    """A clock in epoch seconds, UTC: the machine's time moved by an offset, or frozen at an instant."""

    __slots__ = ("_frozen", "_initial", "_offset")

    def __init__(self, frozen: float | None = None, offset: float = 0.0) -> None:
        self._initial = (frozen, offset)
        self._frozen, self._offset = frozen, offset

    def now(self) -> float:
        """Return the seconds since 1970, UTC."""
        return time.time() + self._offset if self._frozen is None else self._frozen

    @property
    def is_frozen(self) -> bool:
        """Whether the clock is frozen."""
        return self._frozen is not None

    @property
    def standing(self) -> tuple[float | None, float]:
        """The instant at which the clock is frozen, or None, and its offset in seconds."""
        return self._frozen, self._offset

    def restore(self, frozen: float | None, offset: float) -> None:
        """Take over the state of another clock, as `standing` returned it."""
        self._frozen, self._offset = frozen, offset

    def freeze(self, at: float | None = None) -> None:
        """Freeze the clock at an instant, or now."""
        self._frozen = self.now() if at is None else at

    def unfreeze(self) -> None:
        """Let a frozen clock run on from its instant."""
        if self._frozen is not None:
            self._offset, self._frozen = self._frozen - time.time(), None

    def set(self, at: float) -> None:
        """Set the clock to an instant; a running clock runs on from there."""
        if self._frozen is not None:
            self._frozen = at
        else:
            self._offset = at - time.time()

    def advance(self, seconds: float) -> None:
        """Move the clock by some seconds."""
        if self._frozen is not None:
            self._frozen += seconds
        else:
            self._offset += seconds

    def reset(self) -> None:
        """Restore the state of the start."""
        self._frozen, self._offset = self._initial


def rfc3339(instant: float) -> str:
    """Return an instant as text: `2026-02-07T12:00:00.000Z`."""
    second, millisecond = divmod(int(instant * 1000), 1000)
    return f"{_second_text(second)}{millisecond:03d}Z"


def _second_text(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S.")


class ClockText:
    """Formats instants; the texts of a millisecond are cached, because a busy server writes each of them many times."""

    __slots__ = ("_date", "_millisecond", "_plain", "_quoted", "_second", "_start")

    def __init__(self) -> None:
        self._millisecond = self._second = -1
        self._start, self._plain, self._quoted, self._date = "", "", b"", b""

    def _turn(self, millisecond: int) -> None:
        self._millisecond = millisecond
        second, rest = divmod(millisecond, 1000)
        if second != self._second:
            self._second = second
            self._start = _second_text(second)
            self._date = formatdate(second, usegmt=True).encode("ascii")
        self._plain = f"{self._start}{rest:03d}Z"
        self._quoted = b'"%b"' % self._plain.encode("ascii")

    def plain(self, instant: float) -> str:
        """Return an instant as `rfc3339` does."""
        millisecond = int(instant * 1000)
        if millisecond != self._millisecond:
            self._turn(millisecond)
        return self._plain

    def quoted(self, instant: float) -> bytes:
        """Return an instant as a JSON string, `"2026-02-07T12:00:00.000Z"`."""
        millisecond = int(instant * 1000)
        if millisecond != self._millisecond:
            self._turn(millisecond)
        return self._quoted

    def http_date(self, instant: float) -> bytes:
        """Return an instant as the value of a `Date` header."""
        millisecond = int(instant * 1000)
        if millisecond != self._millisecond:
            self._turn(millisecond)
        return self._date


def parse_instant(text: str) -> float:
    """Return an RFC 3339 date-time, or the midnight of a date, as epoch seconds; without a zone it is UTC.

    Raises:
        ValueError: the text is neither.
    """
    instant = datetime.fromisoformat(text)
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()


def next_month(instant: float) -> float:
    """Return the first instant of the next calendar month."""
    moment = datetime.fromtimestamp(instant, UTC)
    year, month = (moment.year + 1, 1) if moment.month == 12 else (moment.year, moment.month + 1)
    return datetime(year, month, 1, tzinfo=UTC).timestamp()


def month_start(instant: float) -> float:
    """Return the first instant of an instant's calendar month."""
    moment = datetime.fromtimestamp(instant, UTC)
    return datetime(moment.year, moment.month, 1, tzinfo=UTC).timestamp()
