"""Fault injection: answer a request with the fault that applies to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate

import orjson

from mockserver.engine.choose import choose_fault
from mockserver.faults import fault as words
from mockserver.faults.documented import find_error, is_applicable
from mockserver.faults.fault import Fault
from mockserver.faults.reading import EXEMPT, BadInputError, read_request_fault
from mockserver.pipeline.answer import NOBODY, Answer
from mockserver.pipeline.api import Endpoint
from mockserver.pipeline.chosen import possible_errors
from mockserver.pipeline.pipeline import Pipeline
from mockserver.pipeline.problem import Reply, mock_problem
from mockserver.pipeline.request import Request
from mockserver.state.space import Space

_ADDED = "x_mock_unknown_field"
_LIMITER = ("minute.", "month.", "total.")
_HTML = b"<html>\r\n<head><title>%s</title></head>\r\n<body>\r\n<h1>%s</h1>\r\n</body>\r\n</html>\r\n"
_GATEWAY = {502: b"502 Bad Gateway", 503: b"503 Service Temporarily Unavailable", 504: b"504 Gateway Time-out"}


@dataclass(frozen=True, slots=True)
class Delivery:
    """How to deliver an answer: its fault, and a delay in seconds."""

    fault: Fault
    seconds: float


def may_meet_fault(space: Space, headers: Mapping[bytes, bytes]) -> bool:
    """Return whether a fault may apply to a request with these headers."""
    return space.fault_state is not None or b"x-mock-fault" in headers or b"x-mock-delay" in headers


async def answer_request(pipeline: Pipeline[Space], request: Request) -> tuple[Answer, Delivery | None]:
    """Return the answer to a request, and how to deliver it; None if no fault applies.

    The request's own fault comes first, then the rules for its route or key, then those for every request. Error, delay
    and dribble are each taken from the first of them that has one.
    """
    endpoint = request.resolved.endpoint
    if endpoint is None or not may_meet_fault(pipeline.space, request.headers):
        return await _process(pipeline, request), None
    try:
        own = _requested_fault(request, endpoint)
    except BadInputError as error:
        refusal = mock_problem(400, error.message, parameter=error.parameter, valid=error.valid)
        return pipeline.reply(request, NOBODY, refusal), None
    if own is EXEMPT:
        return await _process(pipeline, request), None
    fault, seconds = own, own.delay.sample(own.seed, 1) if own.delay is not None else 0.0
    fault_state = pipeline.space.fault_state
    if fault_state is not None:
        fault, seconds = await choose_fault(fault_state, pipeline, request, endpoint, own, seconds)
    if not fault.word and fault.delay is None and fault.dribble is None:
        return await _process(pipeline, request), None
    answer = await _answer(pipeline, request, endpoint, fault)
    _alter(answer, endpoint, fault, pipeline.space.clock.now())
    return answer, Delivery(fault, seconds)


def _requested_fault(request: Request, endpoint: Endpoint) -> Fault:
    """Return the fault that a request asks for in its headers.

    Raises:
        BadInputError: The fault is invalid, or cannot apply to this operation.
    """
    own = read_request_fault(request.headers)
    if not is_applicable(own, endpoint):
        title = f"{own.error or own.status or 429} is neither a fault nor a documented error of {endpoint.operation.id}"
        raise BadInputError("X-Mock-Fault", title, [*words.WORDS, *possible_errors(endpoint)])
    return own


async def _process(pipeline: Pipeline[Space], request: Request) -> Answer:
    """Answer a request without changing the answer: counted, with all side effects."""
    space = pipeline.space
    judged = pipeline.judge(request)
    quota = None if judged.spending is None else await space.spend(judged.spending)
    answer = pipeline.complete(request, judged, quota)
    await space.publish()
    return answer


async def _answer(pipeline: Pipeline[Space], request: Request, endpoint: Endpoint, fault: Fault) -> Answer:
    if fault.usable:
        return await _process(pipeline, request)
    if fault.word in words.ANSWERLESS:
        return Answer(pipeline.identify(request), 0, b"")
    if fault.word == words.GATEWAY_ERROR:
        title = _GATEWAY[fault.status]
        page = Reply(fault.status, ((b"content-type", b"text/html"),), _HTML % (title, title))
        return pipeline.reply(request, pipeline.identify(request), page)
    chosen = find_error(fault, endpoint) if fault.word in words.ERRORS else None
    judged = pipeline.judge(request, dry=True) if chosen is None else pipeline.identify(request)
    quota = None if judged.spending is None else await pipeline.space.read_quota(judged.spending)
    if chosen is None:
        return pipeline.complete(request, judged, quota)
    return pipeline.force(request, judged, chosen, quota)


def _alter(answer: Answer, endpoint: Endpoint, fault: Fault, now: float) -> None:
    """Apply a fault to the headers and the body of an answer; an answer that is not sent stays unchanged."""
    if not answer.status:
        return
    headers = answer.headers
    if fault.word == words.NO_LIMIT_HEADERS:
        headers = _without(headers, _limit_headers(endpoint, answer.status))
    elif fault.word == words.NO_RETRY_AFTER:
        headers = _without(headers, frozenset({b"retry-after"}))
    elif fault.word == words.WRONG_TYPE:
        headers = [*_without(headers, frozenset({b"content-type"})), (b"content-type", b"text/html; charset=utf-8")]
    elif fault.word == words.BROKEN_JSON:
        answer.body = _broken(answer.body)
    elif fault.word == words.UNKNOWN_FIELDS:
        answer.body = _with_unknown_fields(answer.body)
        length = b"%d" % len(answer.body)
        headers = [(name, length if name == b"content-length" else value) for name, value in headers]
    if fault.retry_after is not None and fault.word in (words.ERROR, words.GATEWAY_ERROR):
        value = b"%d" % fault.retry_after
        headers = [*_without(headers, frozenset({b"retry-after"})), (b"retry-after", value)]
    elif fault.word == words.SKEWED_RETRY_AFTER:
        wait = answer.quota.retry_after if answer.quota is not None else 1
        date = formatdate(now + wait + fault.skew, usegmt=True).encode("ascii")
        headers = [*_without(headers, frozenset({b"retry-after"})), (b"retry-after", date)]
    answer.headers = [*headers, (b"x-mock-fault", str(fault).encode("latin-1", "replace"))]


def _without(headers: list[tuple[bytes, bytes]], names: frozenset[bytes]) -> list[tuple[bytes, bytes]]:
    return [pair for pair in headers if pair[0] not in names]


def _limit_headers(endpoint: Endpoint, status: int) -> frozenset[bytes]:
    response = endpoint.operation.response(status)
    return frozenset(
        header.name.lower().encode()
        for header in (response.headers if response else ())
        if header.source.startswith(_LIMITER)
    )


def _with_unknown_fields(body: bytes) -> bytes:
    """Return a JSON body with an unknown field in its object and in the objects that this contains."""
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
    """Return a body of the same length that is not JSON: its second half is replaced by spaces."""
    kept = body[: len(body) // 2]
    return kept + b" " * (len(body) - len(kept))
