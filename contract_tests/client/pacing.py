"""The pace of a run: even, as the target's own headers allow, and below its rate limit."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from contract_tests.model.options import ConfigurationError, Options
from contract_tests.reading.numbers import decimal, whole
from contract_tests.reading.quota import announced_by, reset_instant, server_now, sources_of
from contract_tests.reading.records import instant_of
from contract_tests.reading.traffic import View

_RATE = re.compile(r"(\d+)\s*/\s*(m|min|s)")
_MARGIN = 1.05
_UNKNOWN = 0.0


class GiveUpError(Exception):
    """The run must stop: the target is unreachable, wants too long a wait, or the quota is down to its reserve."""


@dataclass
class _Key:
    """What the answers to a key announced. A limit counts once two answers in a row agree on it.

    `remaining` counts until it grows within a window, which no limit does: `is_odd` from then on.
    """

    claimed: int | None = None
    limit: int | None = None
    remaining: int | None = None
    is_odd: bool = False
    reset: float | None = None
    last: float | None = None
    month_used: int | None = None
    month_limit: int | None = None


@dataclass
class Pacer:
    """Computes how long to wait before a request, by key. Requests that the target does not count need not wait."""

    options: Options
    longest_wait: float = 300.0
    _keys: dict[str, _Key] = field(default_factory=dict)
    _interval: float | None = None
    _latest: float | None = None

    def __post_init__(self) -> None:
        self._sources = sources_of(self.options.contract)
        limit = self.options.contract.rate_limit
        self._window = float(limit.window_seconds if limit else 60)
        if self.options.rate not in ("auto", "off"):
            match = _RATE.fullmatch(self.options.rate)
            if match is None or int(match[1]) == 0:
                raise ConfigurationError(
                    f"--rate is auto, off, or a number a minute such as 30/m; not {self.options.rate!r}"
                )
            self._interval = (60.0 if match[2] != "s" else 1.0) / int(match[1])

    def wait(self, role: str, counted: bool, together: bool = False) -> float:
        """Return the seconds to wait before the next request with a key.

        Raises:
            GiveUpError: the month's quota is down to its reserve.
        """
        now = self.options.clock.now()
        state = self._keys.get(role, _Key())
        self._guard_quota(role, state)
        if self._interval is not None:
            return max(0.0, self._latest + self._interval - now) if self._latest is not None else 0.0
        if self.options.rate == "off" or not counted or state.limit is None or state.last is None:
            return 0.0
        if state.remaining is not None and state.remaining <= 0:
            until = state.reset if state.reset is not None and state.reset > now else state.last + self._window
            return min(self._window, max(0.0, until - now)) + 0.5
        if together and (state.remaining or 0) > 3:
            return 0.0
        interval = self._window / max(1, state.limit) * _MARGIN
        if state.remaining is not None and state.reset is not None and state.reset > now:
            # another client may be using the key: share what is left over the rest of the window
            interval = max(
                interval,
                min(self._window, (state.reset - now) / max(1, state.remaining))
                if state.remaining < state.limit / 4
                else 0,
            )
        return max(0.0, state.last + interval - now)

    def _guard_quota(self, role: str, state: _Key) -> None:
        if (
            role != "main"
            or state.month_used is None
            or not state.month_limit
            or (self.options.rate == "off" and self.options.quota_reserve <= 0)
        ):
            return
        left = state.month_limit - state.month_used
        if left <= state.month_limit * self.options.quota_reserve:
            raise GiveUpError(
                f"the month's quota is down to {left} of {state.month_limit} requests, the reserve is "
                f"{self.options.quota_reserve:.0%} (--quota-reserve)"
            )

    def seen(self, view: View) -> None:
        """Learn from an answer."""
        self._latest = self.options.clock.now()
        role = view.role
        if not role or role.startswith("invalid"):
            return
        state = self._keys.setdefault(role, _Key())
        state.last = self.options.clock.now()
        figures = {
            source: figure if figure is not None and figure >= 0 else None
            for source in ("minute.limit", "minute.remaining", "month.used", "month.limit")
            for figure in [whole(announced_by(self._sources, view.header, source))]
        }
        claimed, remaining = figures["minute.limit"], figures["minute.remaining"]
        if claimed:
            state.limit = claimed if claimed == state.claimed else state.limit
            state.claimed = claimed
        if remaining is not None:
            self._count_down(state, remaining)
        if figures["month.used"] is not None and figures["month.limit"] is not None:
            state.month_used, state.month_limit = figures["month.used"], figures["month.limit"]
        header = self._sources.get("minute.reset")
        text = view.header(header.name) if header else None
        if header is not None and text is not None:
            instant, _ = reset_instant(header, text)
            if instant is not None and 0 <= instant - server_now(view) <= self._window * 2:
                state.reset = state.last + instant - server_now(view)

    @staticmethod
    def _count_down(state: _Key, remaining: int) -> None:
        """Learn how many requests a window has left, unless the figure is one that counts up."""
        has_grown = state.remaining is not None and remaining > state.remaining
        is_new_window = state.claimed is not None and remaining > state.claimed / 2
        state.is_odd = state.is_odd or (has_grown and not is_new_window)
        state.remaining = None if state.is_odd else remaining

    def limit_of(self, role: str) -> int | None:
        """Return the limit of a window that the answers to a key announced."""
        return self._keys.get(role, _Key()).limit

    def retry_after(self, view: View) -> float:
        """Return the seconds to wait after a 429, not more than a window of the contract.

        Raises:
            GiveUpError: the wait is too long.
        """
        text = view.header("retry-after")
        seconds = decimal(text)
        if seconds is None:
            instant = instant_of(text)
            seconds = instant - server_now(view) if instant is not None else self._window
        if seconds > self.longest_wait:
            raise GiveUpError(f"the target wants {seconds:.0f} s of waiting (429)")
        return max(1.0, min(seconds, self._window) if self.options.contract.rate_limit else seconds)

    def interval(self) -> float:
        """Return the seconds between two requests of the main key, as far as they are known."""
        if self._interval is not None:
            return self._interval
        state = self._keys.get("main")
        if self.options.rate == "off" or state is None or state.limit is None:
            return _UNKNOWN
        return self._window / max(1, state.limit) * _MARGIN
