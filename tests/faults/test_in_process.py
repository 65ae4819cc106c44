"""Faults without a server: the ASGI application injects those that need no connection, and refuses the others."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from mockserver.app import MockServer, create_app
from mockserver.faults.fault import WORDS
from mockserver.settings import Settings
from tests.lab import PRO, WEBSITES


@pytest.fixture(scope="module")
def app() -> MockServer:
    """Return the application without a server."""
    return create_app(Settings(now=1_770_465_620.0))


def get(app: MockServer, **headers: str) -> httpx.Response:
    """Send a request in process."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://mock") as client:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.get(WEBSITES, headers={"X-API-Key": PRO, **named})

    return asyncio.run(ask())


@pytest.mark.parametrize("word", [word for word, about in WORDS.items() if about.wire])
def test_what_takes_a_connection_is_said_to_take_one(app: MockServer, word: str) -> None:
    answer = get(app, X_Mock_Fault=word)
    assert answer.status_code == 501
    assert "needs a connection" in answer.json()["title"]


def test_a_truncated_response_ends_where_it_ends(app: MockServer) -> None:
    answer = get(app, X_Mock_Fault="TRUNCATED_RESPONSE; fraction=0.5")
    assert len(answer.content) == int(answer.headers["content-length"]) // 2


def test_delays_and_dribbles_arrive(app: MockServer) -> None:
    answer = get(app, X_Mock_Fault="chunkedDribbleDelay(3,3)", X_Mock_Delay="1")
    assert answer.json()["success"] is True
    assert get(app, X_Mock_Fault="429").status_code == 429


def test_what_is_never_answered_ends_when_the_caller_gives_up(app: MockServer) -> None:
    async def ask() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://mock") as client:
            async with asyncio.timeout(0.02):
                await client.get(WEBSITES, headers={"X-API-Key": PRO, "X-Mock-Fault": "NEVER_ANSWER"})

    with pytest.raises(TimeoutError):
        asyncio.run(ask())
