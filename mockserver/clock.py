"""The only source of "now" in the whole program."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import formatdate


class Clock:
    """Epoch seconds, UTC: the machine's own, moved by an offset, or standing still."""

    __slots__ = ("_frozen", "_initial", "_offset")

    def __init__(self, frozen: float | None = None, offset: float = 0.0) -> None:
        self._initial = (frozen, offset)
        self._frozen, self._offset = frozen, offset

    def now(self) -> float:
        """Seconds since 1970, UTC."""
        return time.time() + self._offset if self._frozen is None else self._frozen

    @property
    def is_frozen(self) -> bool:
        """Whether the clock stands still."""
        return self._frozen is not None

    @property
    def standing(self) -> tuple[float | None, float]:
        """The instant at which it stands still, if it does, and by how many seconds it is moved."""
        return self._frozen, self._offset

    def restore(self, frozen: float | None, offset: float) -> None:
        """Be as another clock: see `standing`."""
        self._frozen, self._offset = frozen, offset

    def freeze(self, at: float | None = None) -> None:
        """Stand still: at an instant, or now."""
        self._frozen = self.now() if at is None else at

    def unfreeze(self) -> None:
        """Go on from where it stands."""
        if self._frozen is not None:
            self._offset, self._frozen = self._frozen - time.time(), None

    def set(self, at: float) -> None:
        """Be at an instant; a running clock goes on from there."""
        if self._frozen is not None:
            self._frozen = at
        else:
            self._offset = at - time.time()

    def advance(self, seconds: float) -> None:
        """Move by some seconds."""
        if self._frozen is not None:
            self._frozen += seconds
        else:
            self._offset += seconds

    def reset(self) -> None:
        """Be as at the start."""
        self._frozen, self._offset = self._initial


def rfc3339(instant: float) -> str:
    """`2026-02-07T12:00:00.000Z`."""
    return (
        datetime.fromtimestamp(int(instant), UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{int(instant * 1000) % 1000:03d}Z"
    )


class ClockText:
    """Instants as text, the second's part kept: a server writes the same second thousands of times."""

    __slots__ = ("_date", "_plain", "_quoted", "_second")

    def __init__(self) -> None:
        self._second, self._plain, self._quoted, self._date = -1, "", b"", b""

    def _turn(self, second: int) -> None:
        self._second = second
        self._plain = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S.")
        self._quoted = b'"%b' % self._plain.encode("ascii")
        self._date = formatdate(second, usegmt=True).encode("ascii")

    def plain(self, instant: float) -> str:
        """As `rfc3339`."""
        second = int(instant // 1)
        if second != self._second:
            self._turn(second)
        return f"{self._plain}{int(instant * 1000) % 1000:03d}Z"

    def quoted(self, instant: float) -> bytes:
        """The same as a JSON string."""
        second = int(instant // 1)
        if second != self._second:
            self._turn(second)
        return b'%b%03dZ"' % (self._quoted, int(instant * 1000) % 1000)

    def http_date(self, instant: float) -> bytes:
        """The value of a `Date` header."""
        second = int(instant // 1)
        if second != self._second:
            self._turn(second)
        return self._date


def parse_instant(text: str) -> float:
    """An RFC 3339 date-time, or a date (its midnight), as epoch seconds; UTC where it names no zone.

    Raises:
        ValueError: it is neither.
    """
    instant = datetime.fromisoformat(text)
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()


def next_month(instant: float) -> float:
    """The first instant of the calendar month after the one an instant lies in."""
    moment = datetime.fromtimestamp(instant, UTC)
    year, month = (moment.year + 1, 1) if moment.month == 12 else (moment.year, moment.month + 1)
    return datetime(year, month, 1, tzinfo=UTC).timestamp()


def month_start(instant: float) -> float:
    """The first instant of the calendar month that an instant lies in."""
    moment = datetime.fromtimestamp(instant, UTC)
    return datetime(moment.year, moment.month, 1, tzinfo=UTC).timestamp()
