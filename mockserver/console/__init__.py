"""The console: pages for a person who develops against the mock, at `/__mock/` and below `/__mock/console/`.

Rendered on the server from what the control API's coroutines return; what a person can click, a program can call.
Nothing is remembered in this package, so every worker of a server shows the same.
"""

from __future__ import annotations

from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

HOME = "/__mock/"
BELOW = "/__mock/console/"


class _OnFirstUse:
    """Templates, pages and their libraries are loaded when somebody looks: most servers serve programs only."""

    def __init__(self) -> None:
        self._site: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._site is None:
            from mockserver.console.site import Site

            self._site = Site()
        await self._site(scope, receive, send)


def console_routes() -> list[BaseRoute]:
    """The routes of the console."""
    site = _OnFirstUse()
    return [Route(HOME, site), Route(BELOW + "{rest:path}", site)]


def is_console(raw_path: bytes) -> bool:
    """Whether a path is the console's: it judges for itself who may see it."""
    return raw_path == HOME.encode() or raw_path.startswith(BELOW.encode())
