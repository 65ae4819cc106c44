"""The mock's own paths, below `/__mock`: off the contracts, their limits and their journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from mockserver.control.client_report import client_report_routes
from mockserver.control.journal import journal_routes

if TYPE_CHECKING:
    from mockserver.app import MockServer

CONTROL = "/__mock"


def control_routes(_app: MockServer) -> list[BaseRoute]:
    """Every route of the control API."""
    return [Route(f"{CONTROL}/health", health), *journal_routes(), *client_report_routes()]


async def health(_request: Request) -> JSONResponse:
    """Whether the server is up."""
    return JSONResponse({"status": "ok"})
