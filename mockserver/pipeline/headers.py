"""Header step: the response headers that the contract declares (`x-source`), filled from the client's quota."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import count
from operator import attrgetter
from random import SystemRandom

from apicontract.operations import Header, Operation
from mockserver.clock import rfc3339
from mockserver.limits.quota import Quota
from mockserver.pipeline.lines import packed

Source = Callable[[Quota], bytes | int]
Form = tuple[bytes, Callable[[Quota], tuple[int, ...]]]
_CHANGING = {"minute.remaining": "minute_remaining", "month.used": "month_used", "total.used": "total_used"}
"""Sources whose value changes with every request, and their attributes. The others stay the same for a minute."""
_settled = attrgetter("minute_limit", "minute_reset", "month_limit", "month_reset", "retry_after")
_MAX_FORMS = 64


class RequestIds:
    """Generates UUIDs (version 4) that no other process generates: a random start, then counting."""

    def __init__(self) -> None:
        self.restart()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self.restart)

    def restart(self) -> None:
        """Continue from another random start."""
        random = SystemRandom()
        text = b"%032x" % random.getrandbits(128)
        variant = random.choice((b"8", b"9", b"a", b"b"))
        self._prefix = b"%b-%b-4%b-%b%b-" % (text[:8], text[8:12], text[12:15], variant, text[15:18])
        self._next = count(random.getrandbits(47)).__next__

    def __call__(self) -> bytes:
        """Return the next ID."""
        return b"%b%012x" % (self._prefix, self._next())


request_id = RequestIds()


def _instant(unit: str, at: float) -> bytes:
    if unit == "milliseconds":
        return b"%d" % round(at * 1000)
    if unit == "rfc3339":
        return rfc3339(at).replace(".000Z", "Z").encode()
    return b"%d" % round(at)


def _source(header: Header) -> Source | None:
    """Return the function that computes a header from a quota, or None for a source that is no quota."""
    unit = header.unit
    sources: dict[str, Source] = {
        "minute.limit": lambda quota: quota.minute_limit,
        "minute.remaining": lambda quota: quota.minute_remaining,
        "minute.reset": lambda quota: _instant(unit, quota.minute_reset),
        "month.used": lambda quota: quota.month_used,
        "month.limit": lambda quota: b"" if quota.month_limit is None else quota.month_limit,
        "month.reset": lambda quota: _instant(unit, quota.month_reset),
        "total.used": lambda quota: quota.total_used,
        "retry-after": lambda quota: quota.retry_after or b"",
    }
    return sources.get(header.source)


class HeaderPlan:
    """The compiled headers of one operation and status."""

    __slots__ = ("_fixed", "_forms", "_ids", "_quota_headers")

    def __init__(self, headers: tuple[Header, ...], challenge: bytes = b"") -> None:
        named = [(header.name.lower().encode(), header) for header in headers]
        self._fixed = packed((name, challenge) for name, header in named if header.source == "challenge" and challenge)
        self._ids = [name for name, header in named if header.source == "request-id"]
        self._quota_headers = [
            (name, source, _CHANGING.get(header.source, ""))
            for name, header in named
            if (source := _source(header)) is not None
        ]
        self._forms: dict[tuple[float | None, ...], Form] = {}

    def fill(self, quota: Quota | None) -> bytes:
        """Return the headers of one answer as lines; without a quota the rate-limit headers are left out."""
        lines = self._fixed
        for name in self._ids:
            lines += b"%b: %b\r\n" % (name, request_id())
        if quota is None:
            return lines
        settled = _settled(quota)
        form = self._forms.get(settled)
        if form is None:
            if len(self._forms) >= _MAX_FORMS:
                self._forms.clear()
            form = self._forms[settled] = self._form(quota)
        text, changing = form
        return lines + text % changing(quota)

    def _form(self, quota: Quota) -> Form:
        """Return the rate-limit headers as a format string, and what returns from a quota the values that change."""
        text, attributes = b"", []
        for name, source, attribute in self._quota_headers:
            value, escaped = source(quota), name.replace(b"%", b"%%")
            if attribute:
                text += b"%b: %%d\r\n" % escaped
                attributes.append(attribute)
            elif value != b"":
                text += b"%b: %b\r\n" % (escaped, value if isinstance(value, bytes) else b"%d" % value)
        return text, _getter(attributes)


def _getter(attributes: list[str]) -> Callable[[Quota], tuple[int, ...]]:
    if len(attributes) > 1:
        return attrgetter(*attributes)
    return lambda quota: tuple(getattr(quota, attribute) for attribute in attributes)


def header_plan(operation: Operation, status: int) -> HeaderPlan:
    """Compile the headers of a status, which need not be declared."""
    response = operation.response(status)
    return HeaderPlan(response.headers if response else (), _challenge(operation))


def _challenge(operation: Operation) -> bytes:
    """Return the value of `WWW-Authenticate`: the HTTP authentication schemes of an operation."""
    schemes = (scheme for requirement in operation.security for scheme in requirement)
    return ", ".join(dict.fromkeys(scheme.prefix.capitalize() for scheme in schemes if scheme.prefix)).encode("ascii")
