"""A visitor of the console, in the space of a test."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from html import unescape

import httpx
import pytest

from tests.servers import SITE, ZENOVAY, Server

PRO = "zv_demo_pro"
PAGES = (
    "/",
    "/?group=operation",
    "/console/requests/1",
    "/console/requests/2",
    "/console/limits",
    "/console/faults",
    "/console/data",
    "/console/data?contract=analytics-platform@v2",
    "/console/data?range=24h",
    "/console/contracts",
    "/console/contracts/zenovay@2026-02",
    "/console/contracts/zenovay@2026-02/getAnalyticsOverview",
    "/console/contracts/zenovay@2026-02/trackEvent",
    "/console/contracts/zenovay@2025-01/listVisitors",
    "/console/search?q=visitors",
    "/console/compare/zenovay",
    "/console/clients",
)
"""Every kind of page, once for each of its states."""


class Visitor:
    """Reads pages and sends forms, like a browser without scripts."""

    def __init__(self, server: Server) -> None:
        self.url, self.test = server.url, uuid.uuid4().hex
        self.client = httpx.Client(
            base_url=server.url, cookies={"mockserver-space": self.test}, timeout=30, verify=False
        )

    def ask(self, path: str, key: str = PRO, method: str = "GET", **options: object) -> httpx.Response:
        """Send a request to the API."""
        headers = {**({"X-API-Key": key} if key else {}), "X-Test-Id": self.test, **dict(options.pop("headers", {}))}  # type: ignore[call-overload]
        return self.client.request(method, path, headers=headers, **options)  # type: ignore[arg-type]

    def see(self, path: str = "/", status: int = 200) -> str:
        """Return a page of the console as HTML."""
        page = self.client.get(f"/__mock{path}")
        assert page.status_code == status, page.text
        return page.text

    def read(self, path: str = "/", status: int = 200) -> str:
        """Return the text of a page."""
        return words(self.see(path, status))

    def click(self, path: str, status: int = 303, **form: str) -> httpx.Response:
        """Send a form of the console."""
        answer = self.client.post(f"/__mock{path}", data=form, headers={"Origin": self.url})
        assert answer.status_code == status, answer.text
        return answer

    def control(self, path: str) -> object:
        """Return the answer of the control API for the same space."""
        return self.client.get(f"/__mock/{path}", headers={"X-Test-Id": self.test}).json()


def furnish(visitor: Visitor) -> None:
    """Give every page something to show: requests that an operation takes and none does, a fault, a scenario."""
    visitor.ask(f"{ZENOVAY}/analytics/{SITE}/visitors?limit=5&colour=blue")
    visitor.ask(f"{ZENOVAY}/website{'s' * 200}")
    for _ in range(4):
        visitor.ask(f"{ZENOVAY}/websites", headers={"User-Agent": "poller/1"})
    visitor.click("/console/faults", error="500", operation="getUsage")
    visitor.click("/console/scenarios/slow-network/on")


def words(html: str) -> str:
    """Return the text of HTML with white space collapsed."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html)))


@pytest.fixture
def visitor(server: Server) -> Iterator[Visitor]:
    made = Visitor(server)
    with made.client:
        yield made
