"""Header step: the response headers that the contract declares (`x-source`), filled from the client's quota."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from operator import attrgetter
from random import SystemRandom

from apicontract.operations import Header, Operation
from mockserver.clock import rfc3339
from mockserver.limits.quota import Quota
from mockserver.pipeline.lines import packed
from mockserver.pipeline.madeheaders import make_header

Source = Callable[[Quota], bytes | int]
Form = tuple[bytes, Callable[[Quota], tuple[int, ...]]]
_CHANGING = {"minute.remaining": "minute_remaining", "month.used": "month_used", "total.used": "total_used"}
"""Sources whose value changes with every request, and their attributes. The others stay the same for a minute."""
_settled = attrgetter("minute_limit", "minute_reset", "month_limit", "month_reset", "retry_after")
_MAX_FORMS = 64
_LIMITS = re.compile(r"(?:x-)?rate-?limit-(limit|remaining|reset)|retry-after")
_OF_THE_SERVER = frozenset(
    {
        "connection",
        "content-encoding",
        "content-length",
        "date",
        "keep-alive",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
    | {"access-control-allow-origin", "access-control-expose-headers"}
)
"""Headers that tell how an answer is sent, and so cannot be made up."""


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

    def __init__(self, headers: tuple[Header, ...], challenge: bytes = b"", fixed: bytes = b"") -> None:
        named = [(header.name.lower().encode(), header) for header in headers]
        self._fixed = fixed + packed(
            (name, challenge) for name, header in named if header.source == "challenge" and challenge
        )
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


def header_plan(operation: Operation, status: int, *, made: bool = False) -> HeaderPlan:
    """Compile the headers of a status, which need not be declared.

    `made`: all of them are sent, those without `x-source` with an example or a made value.
    """
    response = operation.response(status)
    headers = response.headers if response else ()
    if not made:
        return HeaderPlan(headers, _challenge(operation))
    sourced = tuple(_with_source(header) for header in headers)
    fixed = [
        (header.name.lower().encode("latin-1", "replace"), make_header(header, f"{operation.id}/{status}"))
        for header in sourced
        if not header.source and header.name.lower() not in _OF_THE_SERVER
    ]
    if status == 401 and operation.security and not any(name == b"www-authenticate" for name, _ in fixed):
        fixed.append((b"www-authenticate", _challenge(operation, ' realm="mock"')))
    return HeaderPlan(sourced, _challenge(operation), packed((name, value) for name, value in fixed if value))


def _with_source(header: Header) -> Header:
    """Return a header with the figure of the limiter that its name tells, if it has no source."""
    found = _LIMITS.fullmatch(header.name.lower())
    if header.source or found is None:
        return header
    return replace(header, source="retry-after" if found[1] is None else f"minute.{found[1]}")


def _challenge(operation: Operation, realm: str = "") -> bytes:
    """Return the value of `WWW-Authenticate`: the HTTP authentication schemes of an operation."""
    schemes = [scheme.prefix for requirement in operation.security for scheme in requirement if scheme.prefix]
    nonce = ', nonce="mock"' if realm else ""
    challenges = (f"{name.capitalize()}{realm}{nonce if name == 'digest' else ''}" for name in dict.fromkeys(schemes))
    return ", ".join(challenges).encode("ascii", "replace")
