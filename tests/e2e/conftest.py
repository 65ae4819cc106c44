"""One server per edition for the whole session, without rate limits; tests of limits start their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers import Server, serving

INSTANT_2026 = "2026-02-07T12:00:00Z"
INSTANT_2025 = "2025-01-08T12:00:00Z"
INSTANT_PLATFORM = "2025-03-28T12:00:00Z"


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The default editions at the 2026 documents' instant."""
    with serving("--quiet", "--now", INSTANT_2026, "--no-rate-limit") as running:
        yield running


@pytest.fixture(scope="session")
def server_2025() -> Iterator[Server]:
    """Edition 2025-01 at its documents' instant."""
    with serving("--quiet", "--now", INSTANT_2025, "--no-rate-limit", "--edition", "2025-01") as running:
        yield running


@pytest.fixture(scope="session")
def server_platform() -> Iterator[Server]:
    """The default editions at the platform documents' instant."""
    with serving("--quiet", "--now", INSTANT_PLATFORM, "--no-rate-limit") as running:
        yield running
