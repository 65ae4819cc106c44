"""`/__mock/health`: whether the server is up and its shared state is reachable."""

from __future__ import annotations

import os
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockserver.control.access import check_access
from mockserver.engine.mock import Mock
from mockserver.state.space import RefusedStateError, StateError

JSON = Any
HEALTH = "/__mock/health"


def health_route(mock: Mock) -> Route:
    """Return the health route. Without the control token only the status is shown."""

    async def endpoint(request: Request) -> Response:
        status, told = await health(mock)
        settings = mock.settings
        if check_access(dict(request.scope["headers"]), settings.control_token, public=settings.public) is not None:
            told = {"status": told["status"]}
        return Response(orjson.dumps(told), status, media_type="application/json")

    return Route(HEALTH, endpoint, methods=["GET"])


async def health(mock: Mock) -> tuple[int, JSON]:
    """Return status and body: 503 if the state is unreachable and requests are therefore refused."""
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
