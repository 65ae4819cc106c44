"""HEAD: what GET answers, without its body (RFC 9110, section 9.3.2)."""

from __future__ import annotations

from collections.abc import Iterator

from apicontract.provenance import INFERRED
from contract_tests.checks.judgement import Judgement
from contract_tests.reading.traffic import Traffic, View

_NOT_SERVED = frozenset({404, 405, 501})
_STATEMENT = "HEAD answers what GET answers, without a body"


def head(traffic: Traffic, view: View, name: str) -> Iterator[Judgement]:
    """HEAD is no operation of the contract: a server may not have it; one that has it keeps to what HTTP says of it."""
    body = view.exchange.response.body if view.exchange.response else b""
    yield _said(view, name, "HEAD", not body, f"HEAD was answered with {len(body)} bytes", 0, len(body))
    if view.status in _NOT_SERVED or view.status == 429:
        yield _said(view, name, "HEAD status", None, reason=f"the server answers {view.status} to HEAD")
        return
    got = _get(traffic, view)
    if got is None:
        yield _said(view, name, "HEAD status", None, reason="the same was not asked with GET")
        return
    seen, wanted = view.status, got.status
    yield _said(
        view, name, "HEAD status", seen == wanted, f"HEAD is answered {seen}, GET {wanted}", wanted, seen, other=got
    )
    if seen != wanted:
        return
    kinds = [(one.header("content-type") or "").partition(";")[0].strip().lower() for one in (got, view)]
    if kinds[1]:  # a server may leave out what it only knows once it has made the body
        message = f"HEAD says the content type {kinds[1]}, GET {kinds[0]}"
        yield _said(view, name, "HEAD content type", kinds[0] == kinds[1], message, kinds[0], kinds[1], other=got)
    response = got.operation.response(got.status) if got.operation else None
    for header in response.headers if response else ():
        if got.header(header.name) is not None and (header.required or header.source):
            there = view.header(header.name) is not None
            message = f"the answer to HEAD has no {header.name}, the one to GET has"
            yield _said(view, name, f"HEAD {header.name}", there, message, "present", None, other=got)


def _get(traffic: Traffic, view: View) -> View | None:
    """The same asked with GET by the same key, answered at all and not for lack of requests."""
    return next(
        (
            other
            for other in traffic.of(view.operation.id if view.operation else "")
            if other.method == "GET"
            and other.role == view.role
            and other.status not in (0, 429)
            and (other.resource, other.query, other.strangers) == (view.resource, view.query, view.strangers)
            and other.refusal == view.refusal
        ),
        None,
    )


def _said(
    view: View,
    name: str,
    detail: str,
    ok: bool | None,
    message: str = "",
    expected: object = None,
    seen: object = None,
    *,
    other: View | None = None,
    reason: str = "",
) -> Judgement:
    numbers = (other.number, view.number) if other is not None else (view.number,)
    return Judgement("CT115", name, detail, _STATEMENT, INFERRED, ok, numbers, message, expected, seen, reason=reason)
