"""Requests to shared spaces, answered in batches: one round trip to the shared state serves all that wait for it.

A request takes two round trips. The first counts it. The second publishes what its answer leaves behind (tracked
events, a journal entry), and counts the next batch. Only then is the answer sent: whatever its client asks next, of
whichever process, includes it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, Protocol

from mockserver.engine.inject import may_meet_fault
from mockserver.engine.outage import answer_without_state
from mockserver.limits.quota import Quota
from mockserver.pipeline.answer import Answer, Judged
from mockserver.pipeline.pipeline import Pipeline
from mockserver.pipeline.request import Request
from mockserver.settings import Settings
from mockserver.state.space import Space, StateError

_logger = logging.getLogger("uvicorn.error")


class Client(Protocol):
    """A client that waits for the answer to one request."""

    def respond(self, answer: Answer) -> None:
        """Send the answer."""
        ...

    def decline(self) -> None:
        """Have the request answered by the application instead."""
        ...


class _Waiting(NamedTuple):
    """A request that is not counted. `since` is the performance counter when it was complete."""

    request: Request
    client: Client
    since: float


class _Counted(NamedTuple):
    """A request whose answer is not published."""

    request: Request
    client: Client
    since: float
    answer: Answer


class Batches:
    """The requests of a process that wait for shared state.

    `told` is called with each answered request, `masking` returns the `extra` of a log record about a request.
    """

    def __init__(
        self,
        settings: Settings,
        told: Callable[[Request, Answer], None],
        masking: Callable[[Request], Mapping[str, Any]],
    ) -> None:
        self._settings, self._told, self._masking = settings, told, masking
        self._waiting: dict[Pipeline[Space], list[_Waiting]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, pipeline: Pipeline[Space], request: Request, client: Client) -> None:
        """Answer a complete request with the next batch of its space."""
        waiting = self._waiting.get(pipeline)
        if waiting is None:
            waiting = self._waiting[pipeline] = []
            task = asyncio.get_running_loop().create_task(self._run(pipeline, waiting))
            self._tasks.add(task)  # the event loop itself keeps no reference
            task.add_done_callback(self._tasks.discard)
        waiting.append(_Waiting(request, client, time.perf_counter()))

    async def _run(self, pipeline: Pipeline[Space], waiting: list[_Waiting]) -> None:
        counted: list[_Counted] = []
        try:
            while waiting or counted:
                batch = waiting[:]
                waiting.clear()
                counted = await self._exchange(pipeline, batch, counted)
        finally:
            del self._waiting[pipeline]

    async def _exchange(
        self, pipeline: Pipeline[Space], batch: Sequence[_Waiting], counted: Sequence[_Counted]
    ) -> list[_Counted]:
        """Count a batch and publish the one before, in one round trip; return what was counted."""
        judged = [(one, found) for one in batch if (found := self._judge(pipeline, one)) is not None]
        oldest: Sequence[_Counted | _Waiting] = counted or [one for one, _ in judged]
        if not oldest:
            return []
        try:
            quotas = await pipeline.space.exchange([found.spending for _, found in judged], oldest[0].since)
        except Exception as error:  # noqa: BLE001 - whatever it is, no client may wait forever
            unanswered: list[_Counted | _Waiting] = [*counted, *(one for one, _ in judged)]
            for each in unanswered:
                self._respond(each, self._give_up(pipeline, each.request, error))
            return []
        for done in counted:
            self._respond(done, done.answer)
        if quotas is None:
            for one, _ in judged:
                one.client.decline()
            return []
        return [self._complete(pipeline, *pair, quota) for pair, quota in zip(judged, quotas, strict=True)]

    def _judge(self, pipeline: Pipeline[Space], one: _Waiting) -> Judged | None:
        """Judge a request, or leave it to the application (None) if a fault may apply to it, or if judging it fails."""
        with suppress(Exception):  # the application will meet the error again, and report it
            if not may_meet_fault(pipeline.space, one.request.headers):
                return pipeline.judge(one.request)
        one.client.decline()
        return None

    def _complete(self, pipeline: Pipeline[Space], one: _Waiting, judged: Judged, quota: Quota | None) -> _Counted:
        try:
            answer = pipeline.complete(one.request, judged, quota)
        except Exception as error:  # noqa: BLE001 - it is logged
            answer = self._fail(pipeline, one.request, error)
        if pipeline.space.journal is not None:
            pipeline.space.journal.add(one.request, answer)
        return _Counted(*one, answer)

    def _give_up(self, pipeline: Pipeline[Space], request: Request, error: Exception) -> Answer:
        try:
            if isinstance(error, StateError):
                return answer_without_state(self._settings, pipeline, request, error)
        except Exception as another:  # noqa: BLE001 - it is logged
            error = another
        return self._fail(pipeline, request, error)

    def _fail(self, pipeline: Pipeline[Space], request: Request, error: Exception) -> Answer:
        _logger.error("%s %s", request.method, request.raw_path, exc_info=error, extra=self._masking(request))
        return pipeline.fail(request)

    def _respond(self, one: _Waiting | _Counted, answer: Answer) -> None:
        one.client.respond(answer)
        self._told(one.request, answer)
