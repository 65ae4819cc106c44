"""Calls of the control API: their space and body, JSON handlers, and errors as problem details."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route

from apicontract.safetext.invisible import json_escaped
from mockserver.engine.mock import Mock
from mockserver.engine.outage import state_problem
from mockserver.form import BadInputError
from mockserver.pipeline.body import GoneError, TooLargeError, read_body
from mockserver.pipeline.pipeline import Pipeline
from mockserver.pipeline.problem import Reply, mock_problem
from mockserver.state.space import DamagedStateError, Space, StateError
from mockserver.state.spaces import NAME_RULE

JSON = Any
_JSON = ((b"content-type", b"application/json"),)


@dataclass(frozen=True, slots=True)
class Call:
    """One control call. `pipeline` is that of the addressed space; `body` is the parsed JSON, None if empty."""

    mock: Mock
    pipeline: Pipeline[Space]
    path: Mapping[str, str]
    body: JSON

    def refuse_body(self) -> None:
        """Refuse a body, which would otherwise be ignored silently.

        Raises:
            BadInputError: There is a body.
        """
        if self.body not in (None, {}):
            raise BadInputError("", "this call takes no body", ["no body"])


Handler = Callable[[Call], Awaitable[JSON]]


class NotFoundError(Exception):
    """The resource named in a path does not exist; `valid` lists the existing ones."""

    def __init__(self, message: str, valid: list[str]) -> None:
        super().__init__(message)
        self.valid = valid


def get_mock(request: Request) -> Mock:
    """Return the mock from the state of the Starlette application."""
    return cast("Mock", request.app.state.mock)


def control_route(mock: Mock, path: str, methods: Mapping[str, Handler], *, repairs: bool = False) -> Route:
    """Return a route whose handlers return JSON or a complete reply."""

    async def endpoint(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        reply = await _answer(mock, request, methods[method], reads_body=method != "GET", repairs=repairs)
        return as_response(reply)

    return Route(path, endpoint, methods=list(methods))


def as_response(reply: Reply) -> Response:
    """Return a reply as a Starlette response."""
    response = Response(reply.body, reply.status)
    response.raw_headers.extend(reply.headers)
    return response


async def _find_space(mock: Mock, test: str | None, *, repairs: bool) -> Pipeline[Space] | None:
    """Return the pipeline of the addressed space. `repairs` resets a space whose state cannot be read."""
    try:
        return await mock.addressed_pipeline(test)
    except DamagedStateError:
        if not repairs:
            raise
        return await mock.repair(test)


async def _answer(mock: Mock, request: Request, handler: Handler, *, reads_body: bool, repairs: bool) -> Reply:
    pipeline = await _find_space(mock, request.headers.get("x-test-id"), repairs=repairs)
    if pipeline is None:
        return mock_problem(400, f"X-Test-Id is {NAME_RULE}", parameter="X-Test-Id", valid=[NAME_RULE])
    body: JSON = None
    if reads_body:
        try:
            raw = await read_body(request.receive, dict(request.scope["headers"]), mock.settings.max_body)
        except TooLargeError:
            return mock_problem(413, f"The body exceeds {mock.settings.max_body} bytes")
        except GoneError:
            return Reply(400, (), b"")
        if raw:
            try:
                body = orjson.loads(raw)
            except orjson.JSONDecodeError as error:
                return mock_problem(400, f"The body is not JSON: {error}", valid=["a JSON object"])
    try:
        call = Call(mock, pipeline, request.path_params, body)
        made = await _execute(handler, call, reads=not reads_body, repairs=repairs)
    except BadInputError as error:
        return mock_problem(422, error.message, parameter=error.parameter, valid=error.valid)
    except NotFoundError as error:
        return mock_problem(404, str(error), valid=error.valid)
    return made if isinstance(made, Reply) else Reply(200, _JSON, json_escaped(orjson.dumps(made).decode()).encode())


async def _execute(handler: Handler, call: Call, *, reads: bool, repairs: bool) -> JSON:
    """Run a handler. `repairs` resets a space whose state cannot be changed."""
    try:
        return await execute(handler, call, reads=reads)
    except DamagedStateError:
        if not repairs:
            raise
        await call.mock.reset(call.pipeline)
    return await execute(handler, call, reads=reads)


async def execute(handler: Handler, call: Call, *, reads: bool = False) -> JSON:
    """Run a handler in a transaction of its space. `reads` marks a read-only call, which usually needs none.

    Raises:
        BadInputError: The input is invalid; nothing was changed.
        NotFoundError: A named resource does not exist; nothing was changed.
    """
    space = call.pipeline.space
    if reads and space.fault_state is None:  # with scenarios even reading may change their state, as time has passed
        return await handler(call)
    async with space.transaction():
        return await handler(call)


async def answer_state_error(_request: Request, error: Exception) -> Response:
    """Answer a control call when the shared state is unavailable."""
    return as_response(state_problem(error if isinstance(error, StateError) else StateError(str(error))))


async def answer_unknown_path(request: Request, error: Exception) -> Response:
    """Answer 404 or 405 below `/__mock`, with the existing paths or methods."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    routes = request.app.routes
    if status == 405:
        allowed = _allowed(request, routes)
        reply = mock_problem(405, f"{request.method} is not allowed here", valid=allowed)
        return as_response(Reply(405, (*reply.headers, (b"allow", ", ".join(allowed).encode())), reply.body))
    paths = sorted({route.path for route in routes if isinstance(route, Route)})
    return as_response(mock_problem(status, "The control API has no such path", valid=paths))


def _allowed(request: Request, routes: list[BaseRoute]) -> list[str]:
    matching = [
        route for route in routes if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE
    ]
    exact = [route for route in matching if route.path == request.url.path] or matching
    return sorted({method for route in exact for method in route.methods or ()})
