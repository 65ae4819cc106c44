"""A server inside this process: an ASGI application behind httpx, and a clock that only moves when somebody sleeps."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx


class InProcess(httpx.BaseTransport):
    """Answers requests by calling an ASGI application."""

    def __init__(self, app: Any) -> None:
        self._asgi = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=("127.0.0.1", 50000))
        self._loop = asyncio.new_event_loop()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request, answered whole."""

        async def answer() -> httpx.Response:
            response = await self._asgi.handle_async_request(request)
            body = b"".join([part async for part in response.stream])  # type: ignore[union-attr]
            return httpx.Response(response.status_code, headers=response.headers, content=body)

        return self._loop.run_until_complete(answer())

    def close(self) -> None:
        """End the loop."""
        self._loop.close()


class VirtualClock:
    """Time that passes for the run and for the server together, at once. Each request takes some milliseconds."""

    def __init__(self, server: Any) -> None:
        self._server = server

    def now(self) -> float:
        """The server's own instant."""
        return float(self._server.now())

    def sleep(self, seconds: float) -> None:
        """Move the server's clock."""
        self._server.advance(seconds)
