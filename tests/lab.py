"""A client with its own space on a shared server, by `X-Test-Id`."""

from __future__ import annotations

import uuid
from typing import Any

import httpx

from tests.servers import ZENOVAY, Server

PRO = "zv_demo_pro"
WEBSITES = f"{ZENOVAY}/websites"
USAGE = f"{ZENOVAY}/usage"


class Lab:
    """Sends the control calls and requests of one test."""

    def __init__(self, server: Server, test_id: str | None = None) -> None:
        self.url = server.url
        self.headers = {"X-Test-Id": test_id or uuid.uuid4().hex}
        self.client = httpx.Client(
            base_url=server.url, headers=self.headers, timeout=30, limits=server.limits, verify=False
        )

    def control(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Call the control API."""
        return self.client.request(method, f"/__mock/{path}", **({} if body is None else {"json": body}))

    def set(self, method: str, path: str, body: Any = None) -> Any:
        """Call the control API, and check that it succeeds."""
        answer = self.control(method, path, body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def get(self, path: str = WEBSITES, key: str = PRO, **headers: str) -> httpx.Response:
        """Send a request to the API. Underscores in the names of headers stand for hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(path, headers={"X-API-Key": key, **named})

    def statuses(self, count: int, path: str = WEBSITES) -> list[int | str]:
        """Send `count` requests, and return the status or error of each."""
        seen: list[int | str] = []
        for _ in range(count):
            try:
                seen.append(self.get(path).status_code)
            except httpx.TransportError as error:
                seen.append(type(error).__name__)
        return seen

    def left(self, key: str = PRO) -> int:
        """Return the requests left in this minute, by the control API."""
        return int(self.set("GET", f"limits/{key}")["minute"]["remaining"])
