"""The server as a Starlette application: contracts first, everything else by Starlette's own routes."""

from __future__ import annotations

import logging
import time
from contextlib import nullcontext, suppress

from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from mockserver.clock import ClockText
from mockserver.console import console_routes, is_console
from mockserver.control import control_routes
from mockserver.control.access import refusal
from mockserver.control.calls import refuse_path, refuse_state, state_problem
from mockserver.control.contracts import is_contract
from mockserver.control.health import HEALTH
from mockserver.engine.load import load_apis
from mockserver.engine.mock import Mock
from mockserver.faults.delivery import deliver
from mockserver.faults.disturbing import Delivery, disturb
from mockserver.pipeline.accesslog import AccessLog
from mockserver.pipeline.body import GoneError, TooLargeError, read_body
from mockserver.pipeline.problem import mock_problem, send_reply
from mockserver.pipeline.request import Request
from mockserver.pipeline.server import Pipeline
from mockserver.scenarios.setup import read_setup, rehearse
from mockserver.settings import Settings
from mockserver.state.memory import MemorySpace
from mockserver.state.space import StateError
from mockserver.state.spaces import NAME_RULE

_logger = logging.getLogger("uvicorn.error")


class MockServer(Starlette):
    """A Starlette application whose contract paths bypass routing and middleware: they have their own pipeline."""

    def __init__(self, mock: Mock) -> None:
        super().__init__(
            routes=[*control_routes(mock), *console_routes()],
            exception_handlers={404: refuse_path, 405: refuse_path, StateError: refuse_state},
        )
        self.mock = self.state.mock = mock
        self._text = ClockText()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request by the contracts, or by Starlette's routes below `/__mock` and for the lifespan."""
        if scope["type"] == "http" and not is_control(scope["raw_path"]):
            await self._answer(scope, receive, send)
            return
        if scope["type"] == "http" and not is_open(scope["raw_path"]):
            settings = self.mock.settings
            refused = refusal(dict(scope["headers"]), settings.control_token, public=settings.public)
            if refused is not None:
                await send_reply(refused, send)
                return
        await super().__call__(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(
            scope["method"],
            scope["raw_path"],
            scope["query_string"],
            list(scope["headers"]),
            scope.get("client"),
            time.perf_counter(),
        )
        pipeline = self.mock.enter(request)
        if pipeline is None:
            await send_reply(mock_problem(400, f"X-Test-Id is {NAME_RULE}"), send)
            return
        pipeline.resolve(request)
        if request.reads_body:
            try:
                request.body = await read_body(receive, request.headers, self.mock.settings.max_body)
            except TooLargeError:
                request.body = None
            except GoneError:
                return
        shared = not pipeline.space.local
        try:
            await self.mock.begin(pipeline)
            delivery = await self._work(pipeline, request)
        except StateError as error:
            self._do_without_state(pipeline, request, error)
            delivery, shared = None, False
        except Exception:
            _logger.exception("%s %s", request.method, request.raw_path)
            pipeline.fail(request)
            delivery = None
        if delivery is not None:
            await deliver(request, delivery, scope, receive, send)
            await self._note(request)
            return
        request.answer_headers.append((b"date", self._text.http_date(request.space.clock.now())))
        await send({"type": "http.response.start", "status": request.status, "headers": request.answer_headers})
        if shared:  # on its way to the others before the client can ask one of them for it
            await self._note(request)
        await send({"type": "http.response.body", "body": request.answer_body})
        if not shared:
            self.mock.note(request)

    async def _work(self, pipeline: Pipeline, request: Request) -> Delivery | None:
        """Answer a request. What a scenario or fault counts on is one request's alone while it is answered."""
        if not pipeline.is_disturbed(request):
            await pipeline.answer(request)
            return None
        space = pipeline.space
        async with space.alone() if space.lab is not None else nullcontext():
            delivery = await disturb(pipeline, request)
            if delivery is None:
                await pipeline.answer(request)
            if space.lab is not None:
                await space.lab.settle(pipeline)
        return delivery

    def _do_without_state(self, pipeline: Pipeline, request: Request, error: StateError) -> None:
        """As was chosen: refuse it, or answer without what processes share."""
        if self.mock.settings.state_failure == "open":
            pipeline.answer_apart(request)
            request.answer_headers.append((b"x-mock-state", str(error).encode("latin-1", "replace")))
            return
        request.quota = request.fault = None
        request.reply(state_problem(error))
        pipeline.finish(request)

    async def _note(self, request: Request) -> None:
        self.mock.note(request)
        with suppress(StateError):  # it was answered; the outage is logged where it is noticed
            await request.space.publish()


def is_control(raw_path: bytes) -> bool:
    """Whether a path is the mock's own."""
    return raw_path.startswith(b"/__mock") and raw_path[7:8] in (b"", b"/")


def is_open(raw_path: bytes) -> bool:
    """Whether a path of the mock is for everybody, or judges for itself who may see it."""
    return raw_path == HEALTH.encode() or is_contract(raw_path) or is_console(raw_path)


def create_app(settings: Settings | None = None, log: AccessLog | None = None) -> MockServer:
    """The application, ready to serve.

    Raises:
        ContractError, FixtureError: a contract or a fixture cannot be used.
        SetupError: a scenario or fault that it is to start with cannot be used.
        StateError: what names a shared state names none.
    """
    settings = settings or Settings()
    apis = load_apis(settings)
    setup = read_setup(settings.scenarios, settings.faults, apis)
    mock = Mock(apis, settings, log, setup)
    rehearse(setup, mock.pipeline.beside(MemorySpace(settings)))
    return MockServer(mock)
