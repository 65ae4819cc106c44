"""One request that something may go wrong with: which fault strikes, and the answer as the fault leaves it."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import formatdate

import orjson

from mockserver.faults import fault as words
from mockserver.faults.fault import CALM, Fault
from mockserver.faults.reading import EXEMPT, BadInputError, read_request_fault
from mockserver.pipeline.api import Endpoint
from mockserver.pipeline.chosen import ChosenError, declared_error, possible_errors
from mockserver.pipeline.problem import mock_problem
from mockserver.pipeline.request import Request
from mockserver.pipeline.server import Pipeline

_ADDED = "x_mock_unknown_field"
_LIMITER = ("minute.", "month.", "total.")
_HTML = b"<html>\r\n<head><title>%s</title></head>\r\n<body>\r\n<h1>%s</h1>\r\n</body>\r\n</html>\r\n"
_GATEWAY = {502: b"502 Bad Gateway", 503: b"503 Service Temporarily Unavailable", 504: b"504 Gateway Time-out"}


@dataclass(frozen=True, slots=True)
class Delivery:
    """A fault that strikes, and how long its answer waits."""

    fault: Fault
    seconds: float


async def disturb(pipeline: Pipeline, request: Request) -> Delivery | None:
    """Choose what goes wrong and make the answer; None where nothing does, and nothing was done yet.

    What the request asks for itself comes first, then what is set for its route or key, then what is set for the
    server; each of answer, delay and pace is taken from the first that says something about it.
    """
    endpoint = request.resolved.endpoint
    if endpoint is None:
        return None
    try:
        own = read_request_fault(request.headers)
    except BadInputError as error:
        request.dry = True
        request.reply(mock_problem(400, error.message, parameter=error.parameter, valid=error.valid))
        pipeline.finish(request)
        return Delivery(CALM, 0.0)
    if not fits(own, endpoint):
        valid = [*words.WORDS, *possible_errors(endpoint)]
        title = f"{endpoint.operation.id} documents no error {own.error or own.status or 429}, and it is no fault"
        request.dry = True
        request.reply(mock_problem(400, title, parameter="X-Mock-Fault", valid=valid))
        pipeline.finish(request)
        return Delivery(CALM, 0.0)
    if own is EXEMPT:
        return None
    fault, seconds = own, own.delay.sample(own.seed, 1) if own.delay is not None else 0.0
    lab = pipeline.space.lab
    if lab is not None:
        fault, seconds = await lab.choose(request, endpoint, own, seconds, pipeline)
    if not fault.word and fault.delay is None and fault.dribble is None:
        return None
    request.fault = fault
    await _answer(pipeline, request, endpoint, fault)
    return Delivery(fault, seconds)


def error_of(fault: Fault, endpoint: Endpoint) -> ChosenError | None:
    """The documented error that a fault answers at an endpoint; None where it documents none such."""
    status = 429 if fault.word in (words.NO_RETRY_AFTER, words.SKEWED_RETRY_AFTER) else fault.status
    found = declared_error(endpoint, status, fault.error)
    return None if found is None else ChosenError(found, fault.retry_after)


def fits(fault: Fault, endpoint: Endpoint) -> bool:
    """Whether a fault can strike at an endpoint: an error must be one that is documented there."""
    if fault.word in (words.ERROR, words.NO_RETRY_AFTER, words.SKEWED_RETRY_AFTER):
        return error_of(fault, endpoint) is not None
    return True


async def _answer(pipeline: Pipeline, request: Request, endpoint: Endpoint, fault: Fault) -> None:
    if fault.word in words.ANSWERLESS:
        request.dry = True
        await pipeline.figures(request, endpoint)
        request.status = 0
        return
    if fault.word == words.GATEWAY_ERROR:
        request.dry = True
        await pipeline.figures(request, endpoint)
        request.status = fault.status
        title = _GATEWAY[fault.status]
        request.answer_body = _HTML % (title, title)
        request.answer_headers = [(b"content-type", b"text/html")]
        pipeline.finish(request)
    elif fault.word in words.ERRORS:
        chosen = error_of(fault, endpoint)
        assert chosen is not None  # noqa: S101 - it fits, or it was refused
        await pipeline.answer_error(request, endpoint, chosen)
    elif fault.usable:
        await pipeline.answer(request)
    else:
        await pipeline.answer_dry(request)
    _tamper(request, endpoint, fault)


def _tamper(request: Request, endpoint: Endpoint, fault: Fault) -> None:
    """Change the headers and the body of a finished answer."""
    headers = request.answer_headers
    if fault.word == words.NO_LIMIT_HEADERS:
        headers = _without(headers, _limit_headers(endpoint, request.status))
    elif fault.word == words.NO_RETRY_AFTER:
        headers = _without(headers, frozenset({b"retry-after"}))
    elif fault.word == words.WRONG_TYPE:
        headers = [*_without(headers, frozenset({b"content-type"})), (b"content-type", b"text/html; charset=utf-8")]
    elif fault.word == words.BROKEN_JSON:
        request.answer_body = _broken(request.answer_body)
    elif fault.word == words.UNKNOWN_FIELDS:
        request.answer_body = _extended(request.answer_body)
        length = b"%d" % len(request.answer_body)
        headers = [(name, length if name == b"content-length" else value) for name, value in headers]
    if fault.retry_after is not None and fault.word in (words.ERROR, words.GATEWAY_ERROR):
        value = b"%d" % fault.retry_after
        headers = [*_without(headers, frozenset({b"retry-after"})), (b"retry-after", value)]
    elif fault.word == words.SKEWED_RETRY_AFTER:
        wait = request.quota.retry_after if request.quota is not None else 1
        date = formatdate(request.space.clock.now() + wait + fault.skew, usegmt=True).encode("ascii")
        headers = [*_without(headers, frozenset({b"retry-after"})), (b"retry-after", date)]
    request.answer_headers = [*headers, (b"x-mock-fault", str(fault).encode("latin-1", "replace"))]


def _without(headers: list[tuple[bytes, bytes]], names: frozenset[bytes]) -> list[tuple[bytes, bytes]]:
    return [pair for pair in headers if pair[0] not in names]


def _limit_headers(endpoint: Endpoint, status: int) -> frozenset[bytes]:
    response = endpoint.operation.response(status)
    return frozenset(
        header.name.lower().encode()
        for header in (response.headers if response else ())
        if header.source.startswith(_LIMITER)
    )


def _extended(body: bytes) -> bytes:
    """With a field that no contract names: in the object that the body is, and in the objects it holds."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body
    if not isinstance(value, dict):
        return body
    for part in (value, *value.values()):
        if isinstance(part, dict):
            part[_ADDED] = "no contract names this field"
    return orjson.dumps(value)


def _broken(body: bytes) -> bytes:
    """As long as before, and no JSON: its second half is blanks."""
    kept = body[: len(body) // 2]
    return kept + b" " * (len(body) - len(kept))
