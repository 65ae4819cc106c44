"""HEAD: what GET answers, without its body (RFC 9110, section 9.3.2)."""

from __future__ import annotations

from collections.abc import Iterator

from apicontract.parameters import essence_of
from contract_tests.checks.provenance import HEAD
from contract_tests.model.clause import Clause, Judgement
from contract_tests.reading.traffic import Traffic, View

LIKE_GET = Clause("CT115", "HEAD{part}", "HEAD answers what GET answers, without a body")
_NOT_SERVED = frozenset({404, 405, 501})


def head(traffic: Traffic, view: View) -> Iterator[Judgement]:
    """Judge an answer to HEAD. No contract declares HEAD: a server may lack it; one that has it keeps to HTTP."""
    body = view.exchange.response.body if view.exchange.response else b""
    message = f"HEAD was answered with a body of {len(body)} bytes"
    yield _part(view, "").holds(not body, view, message=message, expected=0, seen=len(body))
    status = _part(view, " status")
    if view.status in _NOT_SERVED or view.status == 429:
        yield status.unknown(f"the server answers {view.status} to HEAD", view)
        return
    got = _get(traffic, view)
    if got is None:
        yield status.unknown("the same request was not sent with GET", view)
        return
    message = f"HEAD is answered {view.status}, GET {got.status}"
    yield status.holds(view.status == got.status, got, view, message=message, expected=got.status, seen=view.status)
    if view.status == got.status:
        yield from _headers(got, view)


def _headers(got: View, view: View) -> Iterator[Judgement]:
    wanted, seen = (essence_of(one.header("content-type") or "") for one in (got, view))
    if seen:  # a server may leave out what depends on the body
        message = f"HEAD says the content type {seen}, GET {wanted}"
        yield _part(view, " content type").holds(wanted == seen, got, view, message=message, expected=wanted, seen=seen)
    response = got.operation.response(got.status) if got.operation else None
    for header in response.headers if response else ():
        if got.header(header.name) is not None and (header.required or header.source):
            yield _part(view, f" {header.name}").holds(
                view.header(header.name) is not None,
                got,
                view,
                message=f"the answer to HEAD has no {header.name}, the one to GET has",
                expected="present",
            )


def _part(view: View, part: str) -> Clause:
    return LIKE_GET.about(view.operation, HEAD, part=part)


def _get(traffic: Traffic, view: View) -> View | None:
    """Return the same request with GET and the same key, if it was answered, and not for lack of requests."""
    return next(
        (
            other
            for other in traffic.of(view.operation.id if view.operation else "")
            if other.method == "GET"
            and other.role == view.role
            and other.status not in (0, 429)
            and (other.resource, other.query) == (view.resource, view.query)
            and (other.unknown_parameters, other.invalid) == (view.unknown_parameters, view.invalid)
        ),
        None,
    )
