"""The server as a Starlette application: contracts first, everything else by Starlette's own routes."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from pathlib import Path

from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from apicontract.catalogue import bundled, bundled_folder
from apicontract.contract import Contract
from apicontract.document import ContractError
from mockserver.clock import ClockText
from mockserver.connections import Connections
from mockserver.console import is_console
from mockserver.control import control_routes
from mockserver.control.access import refusal
from mockserver.control.calls import refuse_path, refuse_state, state_problem
from mockserver.control.contracts import is_contract
from mockserver.control.health import HEALTH
from mockserver.dataset import Dataset, FixtureError
from mockserver.faults.delivery import deliver
from mockserver.faults.disturbing import Delivery, disturb
from mockserver.faults.lab import Lab
from mockserver.metrics import Metrics
from mockserver.pipeline.accesslog import AccessLog
from mockserver.pipeline.api import Api, compile_api
from mockserver.pipeline.body import GoneError, TooLargeError, read_body
from mockserver.pipeline.problem import mock_problem, send_reply
from mockserver.pipeline.request import Request
from mockserver.pipeline.server import Pipeline
from mockserver.scenarios.setup import Setup, read_setup, rehearse
from mockserver.settings import Settings
from mockserver.state.memory import MemorySpace
from mockserver.state.opening import open_state
from mockserver.state.space import StateError
from mockserver.state.spaces import NAME_RULE, Spaces

_logger = logging.getLogger("uvicorn.error")


class MockServer(Starlette):
    """A Starlette application whose contract paths bypass routing and middleware: they have their own pipeline."""

    def __init__(
        self,
        apis: Sequence[Api],
        settings: Settings,
        log: AccessLog | None = None,
        setup: Setup | None = None,
    ) -> None:
        super().__init__(
            routes=control_routes(self),
            exception_handlers={404: refuse_path, 405: refuse_path, StateError: refuse_state},
        )
        self.setup = Setup() if setup is None else setup
        self.apis = apis
        self.settings = settings
        self.log = log
        self.store = open_state(settings, apis, self._first_lab)
        self.connections = Connections(settings)
        self.metrics = Metrics()
        self._text = ClockText()
        self.space = self.store.space()
        self.pipeline = Pipeline(apis, self.space)
        self.tests: Spaces[Pipeline] = Spaces(self._make)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request by the contracts, or by Starlette's routes below `/__mock` and for the lifespan."""
        if scope["type"] == "http" and not is_control(scope["raw_path"]):
            await self._answer(scope, receive, send)
            return
        if scope["type"] == "http" and not is_open(scope["raw_path"]):
            settings = self.settings
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
        pipeline = self.enter(request)
        if pipeline is None:
            await send_reply(mock_problem(400, f"X-Test-Id is {NAME_RULE}"), send)
            return
        pipeline.resolve(request)
        if request.reads_body:
            try:
                request.body = await read_body(receive, request.headers, self.settings.max_body)
            except TooLargeError:
                request.body = None
            except GoneError:
                return
        shared = not pipeline.space.local
        try:
            await self._begin(pipeline)
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
            self.note(request)

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
        if self.settings.state_failure == "open":
            pipeline.answer_apart(request)
            request.answer_headers.append((b"x-mock-state", str(error).encode("latin-1", "replace")))
            return
        request.quota = request.fault = None
        request.reply(state_problem(error))
        pipeline.finish(request)

    async def _note(self, request: Request) -> None:
        self.note(request)
        with suppress(StateError):  # it was answered; the outage is logged where it is noticed
            await request.space.publish()

    def note(self, request: Request) -> None:
        """Remember an answered request: after its last byte was handed over, whichever way it was answered."""
        if self.log is not None:
            self.log.add(request)
        if request.space.journal is not None:
            request.space.journal.add(request)
        self.metrics.count(request)

    def enter(self, request: Request) -> Pipeline | None:
        """The pipeline of the space that a request belongs to; None where its `X-Test-Id` names none."""
        test = request.headers.get(b"x-test-id")
        return self.pipeline if test is None else self.tests.find(test)

    def enter_straight(self, request: Request) -> Pipeline | None:
        """The same, unless something may go wrong with the request on purpose: in one step, as it is on every way."""
        headers = request.headers
        pipeline = self.tests.find(headers[b"x-test-id"]) if b"x-test-id" in headers else self.pipeline
        if (
            pipeline is None
            or pipeline.space.lab is not None
            or b"x-mock-fault" in headers
            or b"x-mock-delay" in headers
        ):
            return None
        return pipeline

    async def space_of_test(self, test: str | None) -> Pipeline | None:
        """The same for a control call."""
        pipeline = self.pipeline if test is None else self.tests.find(test.encode("latin-1"))
        if pipeline is not None:
            await self._begin(pipeline)
        return pipeline

    async def reset(self, pipeline: Pipeline) -> None:
        """Let a space begin anew, as at the server's start."""
        await pipeline.space.reset()
        await self._set_up(pipeline)

    async def every_space(self) -> list[Pipeline]:
        """The server's own space and those of tests."""
        names = await self.store.tests(self.tests)
        return [self.pipeline, *(found for name in names if (found := self.tests.find(name)) is not None)]

    def _make(self, test: bytes) -> Pipeline:
        """A space for a test, as the server's own was at its start."""
        return self.pipeline.beside(self.store.space(test))

    def _first_lab(self) -> Lab | None:
        """What was started with is done in a space before its first request: here nothing can be waited for."""
        return None if self.setup.is_empty else Lab(fresh=True)

    async def _begin(self, pipeline: Pipeline) -> None:
        """Know how the space is now; where it is new, set it up."""
        space = pipeline.space
        await space.refresh()
        if space.lab is not None and space.lab.fresh:
            async with space.alone():
                await self._set_up(pipeline)

    async def _set_up(self, pipeline: Pipeline) -> None:
        lab = pipeline.space.lab
        if lab is not None and lab.fresh:
            lab.fresh = False
            await self.setup.apply(pipeline)


def is_control(raw_path: bytes) -> bool:
    """Whether a path is the mock's own."""
    return raw_path.startswith(b"/__mock") and raw_path[7:8] in (b"", b"/")


def is_open(raw_path: bytes) -> bool:
    """Whether a path of the mock is for everybody, or judges for itself who may see it."""
    return raw_path == HEALTH.encode() or is_contract(raw_path) or is_console(raw_path)


def load_apis(settings: Settings) -> list[Api]:
    """Read the contracts and their fixtures.

    Raises:
        ContractError: a contract cannot be used, or two of them answer the same path.
        FixtureError: a fixture cannot be used.
    """
    catalogue = bundled()
    contracts = [catalogue.load(selector) for selector in settings.contracts or _chosen(settings.editions)]
    _refuse_overlap(contracts)
    folder = settings.fixtures or bundled_folder(Path(__file__).parent, "fixtures")
    return [compile_api(contract, _dataset(contract, folder, settings)) for contract in contracts]


def create_app(settings: Settings | None = None, log: AccessLog | None = None) -> MockServer:
    """The application, ready to serve.

    Raises:
        ContractError, FixtureError: see `load_apis`.
        SetupError: a scenario or fault that it is to start with cannot be used.
        StateError: what names a shared state names none.
    """
    settings = settings or Settings()
    apis = load_apis(settings)
    setup = read_setup(settings.scenarios, settings.faults, apis)
    app = MockServer(apis, settings, log, setup)
    rehearse(setup, app.pipeline.beside(MemorySpace(settings)))
    return app


def _chosen(editions: Sequence[str]) -> list[str]:
    """The newest edition of every bundled contract, or the one that was asked for by name."""
    known = bundled().editions()
    for edition in editions:
        if not any(edition in found for found in known.values()):
            names = ", ".join(sorted(edition for found in known.values() for edition in found))
            raise ContractError(f"no contract has an edition {edition!r}; there are {names}")
    return [
        f"{name}@{next((edition for edition in editions if edition in found), found[0])}"
        for name, found in known.items()
    ]


def _dataset(contract: Contract, folder: Path, settings: Settings) -> Dataset | None:
    if not contract.fixtures:
        return None
    folder = folder / contract.fixtures
    dataset = Dataset.load(folder, edition=contract.edition, scale=settings.scale, seed=settings.seed)
    dataset.check_against(contract.document.root)
    for key in dataset.keys:
        if key.plan not in contract.plans:
            plans = ", ".join(contract.plans)
            raise FixtureError(folder / "keys.yaml", key.line, f"'plan' must be one of {plans}, not '{key.plan}'")
    return dataset


def _refuse_overlap(contracts: Sequence[Contract]) -> None:
    seen: dict[str, Contract] = {}
    for contract in contracts:
        for route in contract.router.routes:
            if route.path in seen:
                other = seen[route.path]
                raise ContractError(
                    f"{contract.selector} and {other.selector} both answer {route.path}: serve one of them"
                )
            seen[route.path] = contract
