"""For tests of the failure lab: a server a module, and on it a space for each test, with a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab import Lab
from tests.servers import Server, serving


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server as it is started by default, at an instant in the middle of a minute and of a month."""
    with serving("--now", "2026-02-07T12:00:20Z", "--quiet") as running:
        yield running


@pytest.fixture
def lab(server: Server) -> Iterator[Lab]:
    """A space of this test's own."""
    made = Lab(server)
    with made.client:
        yield made
