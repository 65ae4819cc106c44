"""The answer to a request while the shared state is unavailable."""

from __future__ import annotations

from mockserver.pipeline.answer import Answer
from mockserver.pipeline.pipeline import Pipeline
from mockserver.pipeline.problem import Reply, mock_problem
from mockserver.pipeline.request import Request
from mockserver.settings import Settings
from mockserver.state.space import RefusedStateError, Space, StateError


def answer_without_state(settings: Settings, pipeline: Pipeline[Space], request: Request, error: StateError) -> Answer:
    """Refuse a request, or answer it without limits and effect, according to `state_failure`."""
    if settings.state_failure != "open":
        return pipeline.reply(request, pipeline.identify(request), state_problem(error))
    answer = pipeline.complete(request, pipeline.judge(request), None)
    pipeline.space.discard()
    answer.add_header(b"x-mock-state", " ".join(str(error).split()).encode("latin-1", "replace"))
    return answer


def state_problem(error: StateError) -> Reply:
    """Return the reply when the shared state is unavailable: 503 with Retry-After."""
    cause = "rejects commands" if isinstance(error, RefusedStateError) else "is unavailable"
    reply = mock_problem(503, f"The shared state {cause}", detail=str(error))
    return Reply(reply.status, (*reply.headers, (b"retry-after", b"1")), reply.body)
