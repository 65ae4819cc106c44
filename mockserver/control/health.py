"""`/__mock/health`: whether the server is up, and what it shares with others can be reached."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockserver.control.access import refusal
from mockserver.state.space import StateError

if TYPE_CHECKING:
    from mockserver.app import MockServer

JSON = Any
HEALTH = "/__mock/health"


def health_route(app: MockServer) -> Route:
    """The route; it belongs to no space, and needs none. A probe needs no token, and learns the status only."""

    async def endpoint(request: Request) -> Response:
        status, told = await health(app)
        settings = app.settings
        if refusal(dict(request.scope["headers"]), settings.control_token, public=settings.public) is not None:
            told = {"status": told["status"]}
        return Response(orjson.dumps(told), status, media_type="application/json")

    return Route(HEALTH, endpoint, methods=["GET"])


async def health(app: MockServer) -> tuple[int, JSON]:
    """Status and body: 503 where the state cannot be reached and requests are therefore refused."""
    state: dict[str, JSON] = {"kind": "memory" if app.store.local else "redis"}
    told: dict[str, JSON] = {"status": "ok", "process": os.getpid(), "state": state}
    if app.store.local:
        return 200, told
    state |= {"address": app.store.address, "reachable": True}
    try:
        await app.store.check()
    except StateError as error:
        state |= {"reachable": False, "detail": str(error)}
        if app.settings.state_failure == "closed":
            return 503, {**told, "status": "unavailable"}
        return 200, {**told, "status": "degraded"}
    return 200, told
