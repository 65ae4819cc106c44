"""Answers from what a contract declares, for operations without fixtures and documents without `x-errors`."""

from __future__ import annotations

import sys
from typing import Any

from apicontract.document import ContractError
from apicontract.expressions import Exchanged
from apicontract.operations import Operation
from apicontract.parameters import parse_query
from mockserver.limits.quota import Quota
from mockserver.pipeline.answer import Answer, Judged
from mockserver.pipeline.api import Endpoint
from mockserver.pipeline.declared import refuse_as_declared
from mockserver.pipeline.lines import content_type
from mockserver.pipeline.links import link_lines
from mockserver.pipeline.negotiation import Chosen, negotiate
from mockserver.pipeline.problem import Problem, Reply, mock_problem
from mockserver.pipeline.representation import encode, represent
from mockserver.pipeline.request import Request
from mockserver.pipeline.success import Made, example_value


class ByContract:
    """Answers successes. The bodies depend on the seed and the request alone, so that every space shares them."""

    def __init__(self, seed: int) -> None:
        self._seed, self._made = seed, Made()

    def succeed(self, request: Request, endpoint: Endpoint, judged: Judged, quota: Quota | None) -> Answer:
        """Answer an example or a made value, in the media type that the client prefers."""
        lines = endpoint.headers(endpoint.success).fill(quota)
        chosen = choose(endpoint, request)
        if chosen is None:
            return Answer(judged, endpoint.success, lines, (), quota)
        target = (request.raw_path, request.query)
        if endpoint.reads_headers:
            target = (encode(dict(request.resolved.parameters), sort_keys=True), b"")
        name = (endpoint.operation.id, chosen.content_type, *target)
        made = self._made.find(name)
        if made is None:
            value = example_value(endpoint.operation, chosen, request.resolved.parameters, self._seed)
            sent_type, body = represent(value, chosen.content_type, chosen.media.schema)
            made = (content_type(sent_type) + _link_lines(request, endpoint, value), body)
            self._made.keep(name, made)
        return Answer(judged, endpoint.success, lines + made[0], (made[1],), quota)


def refuse(request: Request, endpoint: Endpoint, judged: Judged, problem: Problem, quota: Quota | None) -> Answer:
    """Answer an error with the response that the operation declares for it, else with a problem (RFC 9457)."""
    kind = endpoint.api.contract.errors.kinds[problem.kind]
    made = refuse_as_declared(_declaring(request, kind.status), kind, problem, accept_of(request))
    lines = endpoint.headers(made.status).fill(quota)
    if made.content_type:
        lines += content_type(made.content_type)
    answer = Answer(judged, made.status, lines, (made.body,), quota)
    answer.add_header(b"x-mock-rule", made.rule)
    if quota is not None and quota.refused and b"retry-after: " not in lines:
        answer.add_header(b"retry-after", b"%d" % (quota.retry_after or 1))
    return answer


def choose(endpoint: Endpoint, request: Request) -> Chosen | None:
    """Return the media type for a success; that of an operation with fixtures is not negotiated."""
    accept = request.headers.get(b"accept") if endpoint.content else None
    return endpoint.choice if accept is None else negotiate(endpoint.content, accept.decode("latin-1"))


def _link_lines(request: Request, endpoint: Endpoint, value: Any) -> bytes:
    """Return the headers of the declared links of a success, unless it declares a header `Link` itself."""
    response = endpoint.operation.response(endpoint.success)
    if response is None or not endpoint.content or not response.links:
        return b""
    if any(header.name.lower() == "link" for header in response.headers):
        return b""
    query = {name: texts[0] for name, texts in parse_query(request.query).items()}
    path = request.raw_path.decode("latin-1")
    exchanged = Exchanged(
        path, request.method, endpoint.success, query, request.resolved.parameters, response_body=value
    )
    return link_lines(response.links, endpoint.api.contract.operations, exchanged)


def accept_of(request: Request) -> str:
    """Return the header `Accept`; empty if it is absent."""
    return request.headers.get(b"accept", b"").decode("latin-1")


def _declaring(request: Request, status: int) -> Operation | None:
    """Return the operation whose responses answer an error: for 405 any of the path that declares it."""
    resolved = request.resolved
    if resolved.endpoint is not None:
        return resolved.endpoint.operation
    others = resolved.route.operations.values() if resolved.route is not None else ()
    return next((operation for operation in others if str(status) in operation.responses), None)


def not_served(request: Request, endpoint: Endpoint) -> Reply:
    """Return the reply of an operation that its document leaves unclear."""
    operation, document = endpoint.operation, endpoint.api.contract.document
    title = f"{operation.method} {operation.path} is not served"
    if operation.broken is None:
        error = sys.exception()
        reason = str(error) if isinstance(error, ContractError) else request.resolved.failure
        return mock_problem(501, title, reason=reason or "it cannot be made; see the log", document=document.name)
    reason, pointer = operation.broken.reason, operation.broken.pointer
    return mock_problem(501, title, reason=reason, document=document.name, pointer=f"#{pointer.rpartition('#')[2]}")
