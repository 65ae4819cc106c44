"""The console: HTML pages at `/__mock/` and below `/__mock/console/`.

The pages are render on the server from the results of the control API, which can do everything the console can.
The console holds no state, so every worker serves it.
"""

from __future__ import annotations

from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

HOME = "/__mock/"
BELOW = "/__mock/console/"


class _OnFirstUse:
    """Loads templates, pages and their libraries at the first request: most servers never show the console."""

    def __init__(self) -> None:
        self._site: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._site is None:
            from mockserver.console.site import Site

            self._site = Site()
        await self._site(scope, receive, send)


def console_routes() -> list[BaseRoute]:
    """Return the routes of the console."""
    site = _OnFirstUse()
    return [Route(HOME, site), Route(BELOW + "{rest:path}", site)]


def is_console(raw_path: bytes) -> bool:
    """Whether a path belongs to the console, which checks access itself."""
    return raw_path == HOME.encode() or raw_path.startswith(BELOW.encode())
