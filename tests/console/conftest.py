"""A visitor of the console, in a space of the test's own."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from html import unescape

import httpx
import pytest

from tests.servers import Server

PRO = "zv_demo_pro"


class Visitor:
    """Looks at pages and sends forms, as a browser without scripts does."""

    def __init__(self, server: Server) -> None:
        self.url, self.test = server.url, uuid.uuid4().hex
        self.client = httpx.Client(base_url=server.url, cookies={"mockserver-space": self.test}, timeout=30)

    def ask(self, path: str, key: str = PRO, method: str = "GET", **options: object) -> httpx.Response:
        """Ask the API."""
        headers = {**({"X-API-Key": key} if key else {}), "X-Test-Id": self.test, **dict(options.pop("headers", {}))}  # type: ignore[call-overload]
        return self.client.request(method, path, headers=headers, **options)  # type: ignore[arg-type]

    def see(self, path: str = "/", status: int = 200) -> str:
        """A page of the console, as HTML."""
        page = self.client.get(f"/__mock{path}")
        assert page.status_code == status, page.text
        return page.text

    def read(self, path: str = "/", status: int = 200) -> str:
        """The words of a page."""
        return words(self.see(path, status))

    def click(self, path: str, status: int = 303, **form: str) -> httpx.Response:
        """Send a form of the console."""
        answer = self.client.post(f"/__mock{path}", data=form, headers={"Origin": self.url})
        assert answer.status_code == status, answer.text
        return answer

    def control(self, path: str) -> object:
        """What the control API says of the same space."""
        return self.client.get(f"/__mock/{path}", headers={"X-Test-Id": self.test}).json()


def words(html: str) -> str:
    """The text of HTML, white space folded."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html)))


@pytest.fixture
def visitor(server: Server) -> Iterator[Visitor]:
    made = Visitor(server)
    with made.client:
        yield made
