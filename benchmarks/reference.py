"""The yardstick: bare Starlette on the same uvicorn, returning constant bytes of the size the mock answers."""

from __future__ import annotations

import os
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

BODY = b"x" * int(os.environ.get("BODY_BYTES", "2048"))


async def constant(_request: Request) -> Response:
    """The same bytes every time."""
    return Response(BODY, media_type="application/json")


app = Starlette(
    routes=[
        Route("/api/external/v1/analytics/{website_id}", constant),
        Route("/e/{tracking_code}", constant, methods=["POST"]),
    ]
)

if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), access_log=False, log_level="warning", lifespan="off")
