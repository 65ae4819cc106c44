"""The mock server below HTTP: the contracts it serves, its spaces, and what it keeps of answered requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mockserver.engine.connections import Connections
from mockserver.engine.inject import may_meet_fault
from mockserver.engine.setup import Setup
from mockserver.faults.fault import Fault
from mockserver.metrics import Metrics
from mockserver.pipeline.accesslog import AccessLog
from mockserver.pipeline.answer import Answer
from mockserver.pipeline.api import Api
from mockserver.pipeline.pipeline import Pipeline
from mockserver.pipeline.request import Request
from mockserver.scenarios.fault_state import FaultState
from mockserver.settings import Settings
from mockserver.state.opening import open_state, redaction_of
from mockserver.state.redaction import Redaction
from mockserver.state.space import Space
from mockserver.state.spaces import Spaces


class Mock:
    """The domain object. It knows no ASGI: `mockserver.app` and `mockserver.serving.protocol` bring it requests."""

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
        self.redaction = redaction_of(settings, apis)
        if log is not None:
            log.mask_with(self.redaction)
        self.store = open_state(settings, apis, self.redaction, self._first_fault_state)
        self.connections = Connections(settings)
        self.metrics = Metrics()
        self.space = self.store.space()
        self.pipeline = Pipeline(apis, self.space)
        self.tests: Spaces[Pipeline[Space]] = Spaces(self._make)

    def note(self, space: Space, request: Request, answer: Answer, fault: Fault | None = None) -> None:
        """Remember an answered request: after its last byte was handed over, whichever way it was answered."""
        if self.log is not None:
            self.log.add(request, answer, fault)
        if space.journal is not None:
            space.journal.add(request, answer, fault)
        self.metrics.count(request, answer, fault)

    def masking(self, request: Request) -> dict[str, Redaction]:
        """Return the `extra` of a log record that keeps the credentials of a request out of it."""
        return {"redaction": self.redaction.beside(self.redaction.unknown(request.raw_headers))}

    def enter(self, headers: Mapping[bytes, bytes]) -> Pipeline[Space] | None:
        """Return the pipeline of the space that a request belongs to; None where its `X-Test-Id` names none."""
        test = headers.get(b"x-test-id")
        return self.pipeline if test is None else self._space_of(test, headers)

    def fast_path_pipeline(self, headers: Mapping[bytes, bytes]) -> Pipeline[Space] | None:
        """Return the pipeline for the synchronous path, or None where a request may meet a fault: ASGI's way."""
        pipeline = self.enter(headers)
        return None if pipeline is None or may_meet_fault(pipeline.space, headers) else pipeline

    def _space_of(self, test: bytes, headers: Mapping[bytes, bytes]) -> Pipeline[Space] | None:
        """Return the pipeline of a test; None where its name is none, or a credential: it would be shown everywhere."""

        def is_secret() -> bool:
            return self.redaction.beside(self.redaction.unknown(headers.items())).mask.finds(test.decode("latin-1"))

        return self.tests.find(test, is_secret)

    async def space_of_test(self, test: str | None) -> Pipeline[Space] | None:
        """Return the pipeline of the space that a control call means, ready to be asked."""
        pipeline = self.pipeline if test is None else self._space_of(test.encode("latin-1"), {})
        if pipeline is not None:
            await self.begin(pipeline)
        return pipeline

    async def reset(self, pipeline: Pipeline[Space]) -> None:
        """Let a space begin anew, as at the server's start."""
        await pipeline.space.reset()
        await self._set_up(pipeline)

    async def every_space(self) -> list[Pipeline[Space]]:
        """The server's own space and those of tests."""
        names = await self.store.tests(self.tests)
        return [self.pipeline, *(found for name in names if (found := self.tests.find(name)) is not None)]

    def _make(self, test: bytes) -> Pipeline[Space]:
        """A space for a test, as the server's own was at its start."""
        return self.pipeline.beside(self.store.space(test))

    def _first_fault_state(self) -> FaultState | None:
        """What was started with is done in a space before its first request: here nothing can be waited for."""
        return None if self.setup.is_empty else FaultState(needs_setup=True)

    async def begin(self, pipeline: Pipeline[Space]) -> None:
        """Know how the space is now; where it is new, set it up."""
        space = pipeline.space
        await space.refresh()
        if space.fault_state is not None and space.fault_state.needs_setup:
            async with space.alone():
                await self._set_up(pipeline)

    async def _set_up(self, pipeline: Pipeline[Space]) -> None:
        fault_state = pipeline.space.fault_state
        if fault_state is not None and fault_state.needs_setup:
            fault_state.needs_setup = False
            await self.setup.apply(pipeline)
