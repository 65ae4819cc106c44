"""Header step: the response headers that the contract declares (`x-source`), filled from the client's quota."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from random import Random, SystemRandom

from apicontract.operations import Header, Operation
from mockserver.clock import rfc3339
from mockserver.limits.quota import Quota

Source = Callable[[Quota], bytes]
_ids = Random(SystemRandom().getrandbits(64))


@lru_cache(maxsize=256)
def _instant(unit: str, at: float) -> bytes:
    if unit == "milliseconds":
        return b"%d" % round(at * 1000)
    if unit == "rfc3339":
        return rfc3339(at).replace(".000Z", "Z").encode()
    return b"%d" % round(at)


def request_id() -> bytes:
    """Return a random UUID (version 4)."""
    text = b"%032x" % ((_ids.getrandbits(128) & ~(0xF000 << 64) & ~(0xC000 << 48)) | (0x4000 << 64) | (0x8000 << 48))
    return b"-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def _source(header: Header) -> Source | None:
    """Return the function that computes a header from a quota, or None for a source that is no quota."""
    unit = header.unit
    sources: dict[str, Source] = {
        "minute.limit": lambda quota: b"%d" % quota.minute_limit,
        "minute.remaining": lambda quota: b"%d" % quota.minute_remaining,
        "minute.reset": lambda quota: _instant(unit, quota.minute_reset),
        "month.used": lambda quota: b"%d" % quota.month_used,
        "month.limit": lambda quota: b"" if quota.month_limit is None else b"%d" % quota.month_limit,
        "month.reset": lambda quota: _instant(unit, quota.month_reset),
        "total.used": lambda quota: b"%d" % quota.total_used,
        "retry-after": lambda quota: b"%d" % quota.retry_after if quota.retry_after else b"",
    }
    return sources.get(header.source)


class HeaderPlan:
    """The compiled headers of one operation and status."""

    __slots__ = ("_fixed", "_ids", "_quota_headers")

    def __init__(self, headers: tuple[Header, ...], challenge: bytes = b"") -> None:
        named = [(header.name.lower().encode(), header) for header in headers]
        self._ids = [name for name, header in named if header.source == "request-id"]
        self._fixed = [(name, challenge) for name, header in named if header.source == "challenge" and challenge]
        self._quota_headers = [(name, source) for name, header in named if (source := _source(header)) is not None]

    def fill(self, quota: Quota | None) -> list[tuple[bytes, bytes]]:
        """Return the headers of one answer; without a quota the rate-limit headers are left out."""
        made = [*self._fixed, *((name, request_id()) for name in self._ids)]
        if quota is not None:
            made += [(name, value) for name, source in self._quota_headers if (value := source(quota))]
        return made


def header_plan(operation: Operation, status: int) -> HeaderPlan:
    """Compile the headers of a status, which need not be declared."""
    response = operation.response(status)
    return HeaderPlan(response.headers if response else (), _challenge(operation))


def _challenge(operation: Operation) -> bytes:
    """Return the value of `WWW-Authenticate`: the HTTP authentication schemes of an operation."""
    schemes = (scheme for requirement in operation.security for scheme in requirement)
    return ", ".join(dict.fromkeys(scheme.prefix.capitalize() for scheme in schemes if scheme.prefix)).encode("ascii")
