"""The context of a page request: its space, form and messages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from mockserver.control.calls import Call
from mockserver.engine.mock import Mock
from mockserver.pipeline.pipeline import Pipeline
from mockserver.state.space import Space

JSON = Any


@dataclass(frozen=True, slots=True)
class PageContext:
    """A request for a page, and what its page shows.

    `pipeline`: that of the space of `test`, or of the server's own if empty. `form`: the submitted fields, by name.
    `message`: the result of an action; `alert`: its error. `status`: that of the page.
    """

    request: Request
    mock: Mock
    pipeline: Pipeline[Space]
    test: str
    form: Mapping[str, str] = field(default_factory=dict)
    message: str = ""
    alert: str = ""
    status: int = 200

    @property
    def path(self) -> Mapping[str, str]:
        """The path parameters."""
        return self.request.path_params

    @property
    def query(self) -> Mapping[str, str]:
        """The query parameters, without empty ones."""
        return {name: value for name, value in self.request.query_params.items() if value}

    @property
    def root(self) -> str:
        """The base path, before `/__mock`."""
        return str(self.request.scope.get("root_path", ""))

    def call(self, path: Mapping[str, str] | None = None, body: JSON = None) -> Call:
        """Return a call of the control API for the same space."""
        return Call(self.mock, self.pipeline, path or {}, body)


@dataclass(frozen=True, slots=True)
class ActionResult:
    """The result of an action. `message`: what was done. `redirect`: the next page, or empty for that of the action.

    `test`: the test whose space to select, or None.
    """

    message: str = ""
    redirect: str = ""
    test: str | None = None


Page = Callable[[PageContext], Awaitable[Response]]
Action = Callable[[PageContext], Awaitable[ActionResult]]
