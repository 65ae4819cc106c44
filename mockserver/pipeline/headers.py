"""Step: the headers that the contract declares for an answer (`x-source`), with the figures of this request."""

from __future__ import annotations

from collections.abc import Callable
from random import Random, SystemRandom

from mockserver.clock import rfc3339
from mockserver.contract.operations import Header, Operation
from mockserver.limits.quota import Quota

Source = Callable[[Quota], bytes | None]
_ids = Random(SystemRandom().getrandbits(64))


def _instant(unit: str, at: float) -> bytes:
    if unit == "milliseconds":
        return b"%d" % round(at * 1000)
    if unit == "rfc3339":
        return rfc3339(at).replace(".000Z", "Z").encode()
    return b"%d" % round(at)


def request_id() -> bytes:
    """A random UUID, version 4."""
    text = b"%032x" % ((_ids.getrandbits(128) & ~(0xF000 << 64) & ~(0xC000 << 48)) | (0x4000 << 64) | (0x8000 << 48))
    return b"-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


SOURCES: dict[str, Callable[[Quota, str], bytes | None]] = {
    "minute.limit": lambda quota, _unit: b"%d" % quota.minute_limit,
    "minute.remaining": lambda quota, _unit: b"%d" % quota.minute_remaining,
    "minute.reset": lambda quota, unit: _instant(unit, quota.minute_reset),
    "month.used": lambda quota, _unit: b"%d" % quota.month_used,
    "month.limit": lambda quota, _unit: None if quota.month_limit is None else b"%d" % quota.month_limit,
    "month.reset": lambda quota, unit: _instant(unit, quota.month_reset),
    "total.used": lambda quota, _unit: b"%d" % quota.total_used,
    "retry-after": lambda quota, _unit: b"%d" % quota.retry_after if quota.retry_after else None,
}


class HeaderPlan:
    """The declared headers of one operation and status, ready to be filled."""

    __slots__ = ("_figures", "_has_id")

    def __init__(self, headers: tuple[Header, ...]) -> None:
        self._has_id = [header.name.lower().encode() for header in headers if header.source == "request-id"]
        self._figures = [
            (header.name.lower().encode(), SOURCES[header.source], header.unit)
            for header in headers
            if header.source in SOURCES
        ]

    def fill(self, quota: Quota | None) -> list[tuple[bytes, bytes]]:
        """The headers of one answer; those of the limiter only where there is a key to speak of."""
        made = [(name, request_id()) for name in self._has_id]
        if quota is not None:
            for name, source, unit in self._figures:
                value = source(quota, unit)
                if value is not None:
                    made.append((name, value))
        return made


def header_plan(operation: Operation, status: int) -> HeaderPlan:
    """The plan for a status, declared or not."""
    response = operation.response(status)
    return HeaderPlan(response.headers if response else ())
