"""A Redis for tests: a real one, of this test run's own, on a free port."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

MISSING = "redis-server is not installed (Debian: apt-get install redis-server): nothing is tested that takes it"


@dataclass
class RedisServer:
    """A running Redis. What a `durable` one has confirmed outlives it, which costs it a write to the disk each."""

    port: int
    folder: str
    durable: bool = True
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its database 0."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        durable = ["--appendonly", "yes", "--appendfsync", "always"] if self.durable else []
        self.process = subprocess.Popen(
            [
                "redis-server",
                "--port",
                str(self.port),
                "--bind",
                "127.0.0.1",
                "--dir",
                self.folder,
                "--save",
                "",
                *durable,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if b"Ready to accept connections" in line:
                return
        raise AssertionError("redis-server did not start")

    def kill(self) -> None:
        """End it at once."""
        assert self.process is not None
        self.process.kill()
        with self.process.stdout or contextlib.nullcontext():
            self.process.wait()
        self.process = None

    def signal(self, number: signal.Signals) -> None:
        """Stop or continue it."""
        assert self.process is not None
        self.process.send_signal(number)


@contextlib.contextmanager
def running_redis(*, durable: bool = True) -> Iterator[RedisServer]:
    """A Redis until the end of the block. Where there is none to start: a skip that says so, or a failure."""
    if shutil.which("redis-server") is None:
        if os.environ.get("REQUIRE_REDIS"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with tempfile.TemporaryDirectory() as folder:
        server = RedisServer(_free_port(), folder, durable)
        server.start()
        try:
            yield server
        finally:
            if server.process is not None:
                server.kill()


def shared(redis: RedisServer, *more: str) -> tuple[str, ...]:
    """Options of servers that share a state nobody else has."""
    return ("--state", redis.url, "--state-namespace", f"test-{uuid.uuid4().hex}", *more)


STATES = ("memory", "redis")


def options_of(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """Options of a server with the state that a fixture's parameter names: one process's own, or one that two share."""
    return shared(request.getfixturevalue("redis"), "--workers", "2") if request.param == "redis" else ()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
