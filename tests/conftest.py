"""Fixtures: one server per module, and on it a space per test with a frozen clock."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.lab import Lab
from tests.redis import STATES, RedisServer, options_of, running_redis
from tests.servers import Server, serving

# A busy machine is slow, not wrong. A change is blamed for what it did, not for what chance found today: `make explore`
# looks for that.
settings.register_profile("explore", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("repeat", settings.get_profile("explore"), derandomize=True)
settings.load_profile("repeat")


@pytest.fixture(scope="session")
def redis() -> Iterator[RedisServer]:
    """Yield a Redis that the tests of this process share, and none of them ends."""
    with running_redis(durable=False) as started:
        yield started


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """Yield a Redis that a test may kill."""
    with running_redis() as started:
        yield started


@pytest.fixture(scope="module", params=STATES)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Yield a server with default settings, at an instant in the middle of a minute and of a month.

    Whatever is proved with it is proved of both states: one process with its own, and two that share one.
    """
    with serving("--now", "2026-02-07T12:00:20Z", "--quiet", *options_of(request)) as running:
        yield running


@pytest.fixture
def lab(server: Server) -> Iterator[Lab]:
    """Yield a space for this test."""
    made = Lab(server)
    with made.client:
        yield made
