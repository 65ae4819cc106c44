"""One visit of a page: whose space it looks at, what was typed, and what there is to say about it."""

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
class Visit:
    """`pipeline`: the space of `test`, or the server's own where that is empty. `form`: what was sent, texts by name.

    `said`: what was done; `alert`: why something was not, and what would be valid. `found`: the page's status.
    """

    request: Request
    mock: Mock
    pipeline: Pipeline[Space]
    test: str
    form: Mapping[str, str] = field(default_factory=dict)
    said: str = ""
    alert: str = ""
    found: int = 200

    @property
    def path(self) -> Mapping[str, str]:
        """What the path names."""
        return self.request.path_params

    @property
    def query(self) -> Mapping[str, str]:
        """The query's parameters that are not empty."""
        return {name: value for name, value in self.request.query_params.items() if value}

    @property
    def root(self) -> str:
        """What stands before `/__mock` in this server's addresses."""
        return str(self.request.scope.get("root_path", ""))

    def call(self, path: Mapping[str, str] | None = None, body: JSON = None) -> Call:
        """The same as a call of the control API."""
        return Call(self.mock, self.pipeline, path or {}, body)


@dataclass(frozen=True, slots=True)
class Done:
    """What an action has come to: a sentence, and the page to go on with (empty: the one it belongs to).

    `test`: whose space is looked at from now on.
    """

    said: str = ""
    to: str = ""
    test: str | None = None


Page = Callable[[Visit], Awaitable[Response]]
Action = Callable[[Visit], Awaitable[Done]]
