"""`/__mock/health`: whether the server is up, and what it shares with others can be reached."""

from __future__ import annotations

import os
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockserver.control.access import refusal
from mockserver.engine.mock import Mock
from mockserver.state.space import RefusedStateError, StateError

JSON = Any
HEALTH = "/__mock/health"


def health_route(mock: Mock) -> Route:
    """The route; it belongs to no space, and needs none. A probe needs no token, and learns the status only."""

    async def endpoint(request: Request) -> Response:
        status, told = await health(mock)
        settings = mock.settings
        if refusal(dict(request.scope["headers"]), settings.control_token, public=settings.public) is not None:
            told = {"status": told["status"]}
        return Response(orjson.dumps(told), status, media_type="application/json")

    return Route(HEALTH, endpoint, methods=["GET"])


async def health(mock: Mock) -> tuple[int, JSON]:
    """Status and body: 503 where the state cannot be reached and requests are therefore refused."""
    state: dict[str, JSON] = {"kind": "memory" if mock.store.local else "redis"}
    told: dict[str, JSON] = {"status": "ok", "process": os.getpid(), "state": state}
    if mock.store.local:
        return 200, told
    state |= {"address": mock.store.address, "reachable": True, "usable": True}
    try:
        await mock.store.check()
        await mock.space.refresh()
    except StateError as error:
        state |= {"reachable": isinstance(error, RefusedStateError), "usable": False, "detail": str(error)}
        if mock.settings.state_failure == "closed":
            return 503, {**told, "status": "unavailable"}
        return 200, {**told, "status": "degraded"}
    return 200, told
