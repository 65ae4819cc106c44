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
from mockserver.control.access import check_access
from mockserver.control.calls import answer_state_error, answer_unknown_path
from mockserver.control.contracts import is_contract
from mockserver.control.health import HEALTH
from mockserver.engine.choose import advance_scenarios
from mockserver.engine.deliver import answer_early, deliver
from mockserver.engine.inject import Delivery, answer_request
from mockserver.engine.load import load_apis
from mockserver.engine.mock import Mock
from mockserver.engine.outage import answer_without_state
from mockserver.engine.setup import check_setup, read_setup
from mockserver.faults.fault import Fault
from mockserver.journal.accesslog import AccessLog
from mockserver.pipeline.answer import Answer
from mockserver.pipeline.body import GoneError, TooLargeError, read_body, skip_body
from mockserver.pipeline.pipeline import Pipeline
from mockserver.pipeline.problem import mock_problem, send_reply
from mockserver.pipeline.request import Request
from mockserver.settings import Settings
from mockserver.state.memory import MemorySpace
from mockserver.state.space import Space, StateError
from mockserver.state.spaces import NAME_RULE

_logger = logging.getLogger("uvicorn.error")


class MockServer(Starlette):
    """A Starlette application whose contract paths bypass routing and middleware: they have their own pipeline."""

    def __init__(self, mock: Mock) -> None:
        super().__init__(
            routes=[*control_routes(mock), *console_routes()],
            exception_handlers={404: answer_unknown_path, 405: answer_unknown_path, StateError: answer_state_error},
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
            refused = check_access(dict(scope["headers"]), settings.control_token, public=settings.public)
            if refused is not None:
                await send_reply(refused, send)
                return
        await super().__call__(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        raw_headers, headers = self.mock.last_headers.find(list(scope["headers"]))
        pipeline = self.mock.find_pipeline(headers)
        if pipeline is None:
            await send_reply(mock_problem(400, f"X-Test-Id is {NAME_RULE}"), send)
            return
        request = pipeline.receive(
            scope["method"],
            scope["raw_path"],
            scope["query_string"],
            raw_headers,
            headers,
            scope.get("client"),
            started,
        )
        try:
            if request.reads_body:
                request.body = await read_body(receive, request.headers, self.mock.settings.max_body)
            else:
                await skip_body(receive, request.headers)
        except TooLargeError:
            request.body = None
            answer_early(scope)
        except GoneError:
            return
        answer, delivery, shared = await self._respond(pipeline, request)
        space = pipeline.space
        if delivery is not None:
            await deliver(request.method, answer, delivery, space.clock, scope, receive, send)
            await self._note(space, request, answer, delivery.fault)
            return
        answer.add_header(b"date", self._text.http_date(space.clock.now()))
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        if shared:  # on its way to the others before the client can ask one of them for it
            await self._note(space, request, answer)
        await send({"type": "http.response.body", "body": answer.body})
        if not shared:
            self.mock.record(space, request, answer)

    async def _respond(self, pipeline: Pipeline[Space], request: Request) -> tuple[Answer, Delivery | None, bool]:
        """Answer a request, whatever happens, and tell whether other processes must know first."""
        space = pipeline.space
        try:
            await self.mock.set_up(pipeline)
            async with (
                space.transaction() if space.fault_state is not None else nullcontext()
            ):  # fault counters must not change meanwhile
                answer, delivery = await answer_request(pipeline, request)
                await advance_scenarios(pipeline)
        except StateError as error:
            return answer_without_state(self.mock.settings, pipeline, request, error), None, False
        except Exception:
            _logger.exception("%s %s", request.method, request.raw_path, extra=self.mock.masking(request))
            return pipeline.fail(request), None, not space.local
        return answer, delivery, not space.local

    async def _note(self, space: Space, request: Request, answer: Answer, fault: Fault | None = None) -> None:
        self.mock.record(space, request, answer, fault)
        with suppress(StateError):  # it was answered; the outage is logged where it is noticed
            await space.publish()


def is_control(raw_path: bytes) -> bool:
    """Return whether a path is the mock's own."""
    return raw_path.startswith(b"/__mock") and raw_path[7:8] in (b"", b"/")


def is_open(raw_path: bytes) -> bool:
    """Return whether a path of the mock is open to everybody, or checks access itself."""
    return raw_path == HEALTH.encode() or is_contract(raw_path) or is_console(raw_path)


def create_app(settings: Settings | None = None, log: AccessLog | None = None) -> MockServer:
    """Return the application, ready to serve.

    Raises:
        ContractError: a contract cannot be used.
        FixtureError: a fixture cannot be used.
        SetupError: a scenario or fault in the settings cannot be used.
        StateError: the URL of the shared state names no Redis.
    """
    settings = settings or Settings()
    apis = load_apis(settings)
    setup = read_setup(settings.scenarios, settings.faults, apis)
    mock = Mock(apis, settings, log, setup)
    check_setup(setup, mock.pipeline.beside(MemorySpace(settings)))
    return MockServer(mock)
