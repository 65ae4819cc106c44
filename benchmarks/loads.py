"""What is sent to a server that is measured, and what `wrk` says of it."""

from __future__ import annotations

import contextlib
import re
import socket
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass

SITE = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
OVERVIEW = f"/api/external/v1/analytics/{SITE}?range=30d"
KEY = ("-H", "X-API-Key: zv_demo_enterprise")


@dataclass(frozen=True)
class Load:
    """One kind of request, sent to one server."""

    name: str
    server: str
    path: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sample:
    """The figures of one wrk run. `per_cpu`: requests for each second of CPU of the server, where that was measured."""

    rate: float
    p99_ms: float
    errors: int
    per_cpu: float = 0.0


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listening(process: subprocess.Popen[bytes], port: int) -> None:
    """Wait until somebody listens on a port: the process, or what it has started."""
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        if process.poll() is not None:
            raise SystemExit(f"did not start: {process.args}")
        time.sleep(0.005)


def run_wrk(load: Load, port: int, seconds: float, before: Sequence[str] = ()) -> Sample:
    """One round of wrk."""
    command = [*before, "wrk", "-t1", "-c32", f"-d{seconds:g}s", "--latency", *load.options]
    output = subprocess.run(
        [*command, f"http://127.0.0.1:{port}{load.path}"], capture_output=True, text=True, check=True
    ).stdout
    rate = re.search(r"Requests/sec:\s*([\d.]+)", output)
    p99 = re.search(r"99%\s*([\d.]+)(us|ms|s)", output)
    errors = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    if rate is None or p99 is None:
        raise SystemExit(f"wrk said:\n{output}")
    unit = {"us": 0.001, "ms": 1.0, "s": 1000.0}[p99[2]]
    return Sample(float(rate[1]), float(p99[1]) * unit, int(errors[1]) if errors else 0)


def spread(values: Sequence[float], form: str) -> str:
    """`median [lowest-highest]`."""
    low, middle, high = (form.format(value) for value in (min(values), statistics.median(values), max(values)))
    return f"{middle} [{low}-{high}]"
