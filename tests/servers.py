"""Real servers for tests: a process of its own on a free port, stopped at the end."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import httpx

SITE = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
QUIET = "b2c3d4e5-f6a7-8901-bcde-f12345678901"
OLD_SITE = "123e4567-e89b-12d3-a456-426614174000"
PLATFORM_SITE = "6507f1f77bcf86cd799439011"
ZENOVAY = "/api/external/v1"
PLATFORM = "/api/v2"


@dataclass(frozen=True)
class Server:
    """A running mock server. Where it has several workers, any of them may answer any request."""

    url: str
    process: subprocess.Popen[str]
    client: httpx.Client
    limits: httpx.Limits
    test: str = ""

    def space(self) -> Server:
        """Return the same server with a space of its own: counters and journal are new."""
        return replace(self, test=uuid.uuid4().hex)

    def get(self, path: str, key: str = "", **options: Any) -> httpx.Response:
        """GET a path; a key is sent as the product expects it."""
        return self.request("GET", path, key, **options)

    def request(self, method: str, path: str, key: str = "", **options: Any) -> httpx.Response:
        """Send one request."""
        headers = httpx.Headers(options.pop("headers", None))
        if key.startswith("ap_"):
            headers["Authorization"] = f"Bearer {key}"
        elif key:
            headers["X-API-Key"] = key
        if self.test:
            headers["X-Test-Id"] = self.test
        return self.client.request(method, self.url + path, headers=headers, **options)


@contextlib.contextmanager
def serving(*arguments: str) -> Iterator[Server]:
    """`mockserver serve --port 0 …` until the end of the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mockserver", "serve", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if not line:
            raise AssertionError(f"the server did not start; it ended with {process.wait()}")
        # A connection stays with its worker: where there are several, each request has one of its own.
        limits = httpx.Limits(max_keepalive_connections=0 if "--workers" in arguments else None)
        with httpx.Client(timeout=30, verify=False, limits=limits) as client:
            yield Server(json.loads(line)["url"], process, client, limits)
    finally:
        process.terminate()
        with process.stdout:
            process.stdout.read()
        process.wait()
