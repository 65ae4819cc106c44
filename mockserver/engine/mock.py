"""The mock server as an object: its contracts, its spaces, and the record of answered requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mockserver.engine.batches import Batches
from mockserver.engine.callbacks import Callbacks
from mockserver.engine.connections import Connections
from mockserver.engine.inject import may_meet_fault
from mockserver.engine.setup import Setup
from mockserver.faults.fault import Fault
from mockserver.journal.accesslog import AccessLog
from mockserver.journal.metrics import Metrics
from mockserver.journal.redaction import Redaction
from mockserver.pipeline.answer import Answer
from mockserver.pipeline.api import Api
from mockserver.pipeline.lines import LastHeaders
from mockserver.pipeline.pipeline import Pipeline
from mockserver.pipeline.request import Request
from mockserver.scenarios.fault_state import FaultState
from mockserver.settings import Settings
from mockserver.state.opening import build_redaction, open_state
from mockserver.state.space import Space
from mockserver.state.spaces import Spaces


class Mock:
    """The domain object. It is independent of ASGI: the application and the HTTP protocol pass requests to it."""

    def __init__(
        self,
        apis: Sequence[Api],
        settings: Settings,
        log: AccessLog | None = None,
        setup: Setup | None = None,
    ) -> None:
        self.setup = Setup() if setup is None else setup
        self.apis = apis
        self.settings = settings
        self.log = log
        self.redaction = build_redaction(settings, apis)
        if log is not None:
            log.mask_with(self.redaction)
        self.store = open_state(settings, apis, self.redaction, self._first_fault_state)
        self.connections = Connections(settings)
        self.metrics = Metrics()
        self.last_headers = LastHeaders()
        self.callbacks = Callbacks(settings.callback_hosts, settings.seed) if settings.callbacks else None
        self.space = self.store.space()
        self.pipeline = Pipeline(apis, self.space)
        self.batches = Batches(settings, self.count, self.masking)
        self.tests: Spaces[Pipeline[Space]] = Spaces(self._create_test)

    def record(self, space: Space, request: Request, answer: Answer, fault: Fault | None = None) -> None:
        """Record an answered request in journal, access log and metrics."""
        if space.journal is not None:
            space.journal.add(request, answer, fault)
        self.count(request, answer, fault)

    def count(self, request: Request, answer: Answer, fault: Fault | None = None) -> None:
        """Record an answered request in access log and metrics, after its last byte was sent; send its callbacks."""
        if self.log is not None:
            self.log.add(request, answer, fault)
        self.metrics.count(request, answer, fault)
        if self.callbacks is not None:
            self.callbacks.send(request, answer, self.masking)

    def masking(self, request: Request) -> dict[str, Redaction]:
        """Return the `extra` of a log record that masks the credentials of a request."""
        return {"redaction": self.redaction.beside(self.redaction.unknown(request.raw_headers))}

    def find_pipeline(self, headers: Mapping[bytes, bytes]) -> Pipeline[Space] | None:
        """Return the pipeline of a request's space (`X-Test-Id`), or None if the name is invalid."""
        test = headers.get(b"x-test-id")
        return self.pipeline if test is None else self._find_test(test, headers)

    def fast_path_pipeline(self, headers: Mapping[bytes, bytes]) -> Pipeline[Space] | None:
        """Return the pipeline for the fast path (synchronous), or None if a fault may apply to the request."""
        pipeline = self.find_pipeline(headers)
        return None if pipeline is None or may_meet_fault(pipeline.space, headers) else pipeline

    def _find_test(self, test: bytes, headers: Mapping[bytes, bytes]) -> Pipeline[Space] | None:
        """Return the pipeline of a test, or None if its name is invalid or a credential, which must not be shown."""

        def is_secret() -> bool:
            return self.redaction.beside(self.redaction.unknown(headers.items())).mask.finds(test.decode("latin-1"))

        return self.tests.find(test, is_secret)

    def _find_addressed(self, test: str | None) -> Pipeline[Space] | None:
        """Return the pipeline of the space that a control call addresses, or None if the name is invalid."""
        return self.pipeline if test is None else self._find_test(test.encode("latin-1"), {})

    async def addressed_pipeline(self, test: str | None) -> Pipeline[Space] | None:
        """Return the pipeline of the space that a control call addresses, set up, or None if the name is invalid."""
        pipeline = self._find_addressed(test)
        if pipeline is not None:
            await self.set_up(pipeline)
        return pipeline

    async def repair(self, test: str | None) -> Pipeline[Space] | None:
        """Reset a space whose shared state cannot be read, and return its pipeline, or None if the name is invalid."""
        pipeline = self._find_addressed(test)
        if pipeline is not None:
            await self.reset(pipeline)
        return pipeline

    async def reset(self, pipeline: Pipeline[Space]) -> None:
        """Reset a space to its state at the server's start."""
        await pipeline.space.reset()
        await self._apply_setup(pipeline)

    async def every_space(self) -> list[Pipeline[Space]]:
        """Return the pipelines of the server's own space and of all tests."""
        names = await self.store.tests(self.tests)
        return [self.pipeline, *(found for name in names if (found := self.tests.find(name)) is not None)]

    def _create_test(self, test: bytes) -> Pipeline[Space]:
        """Return a pipeline with a new space for a test."""
        return self.pipeline.beside(self.store.space(test))

    def _first_fault_state(self) -> FaultState | None:
        """Return the fault state of a new space, which its first request sets up asynchronously."""
        return None if self.setup.is_empty else FaultState(needs_setup=True)

    async def set_up(self, pipeline: Pipeline[Space]) -> None:
        """Read the current state of a space; set the space up if it is new."""
        space = pipeline.space
        await space.refresh()
        if space.fault_state is not None and space.fault_state.needs_setup:
            async with space.transaction():
                await self._apply_setup(pipeline)

    async def _apply_setup(self, pipeline: Pipeline[Space]) -> None:
        fault_state = pipeline.space.fault_state
        if fault_state is not None and fault_state.needs_setup:
            fault_state.needs_setup = False
            await self.setup.apply(pipeline)
