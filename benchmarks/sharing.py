"""What one state over several processes costs: requests per second and per second of CPU, beside the state in memory.

Nothing is pinned: workers, Redis and `wrk` share the machine's cores, so what counts beside the rate is how many
requests a core of servers answers, the CPU of Redis counted with it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.loads import KEY, OVERVIEW, Load, Sample, free_port, listening, run_wrk, spread


@dataclass(frozen=True)
class Served:
    """One kind of server: what `serve` is told, and for how many workers."""

    name: str
    options: tuple[str, ...]
    redis: bool


@dataclass(frozen=True)
class Round:
    """What a round came to. `cpu`: seconds that the servers spent, `redis_cpu` what Redis did."""

    sample: Sample
    seconds: float
    cpu: float
    redis_cpu: float

    @property
    def per_core(self) -> float:
        """Requests for each second of CPU."""
        return self.sample.rate * self.seconds / max(self.cpu + self.redis_cpu, 0.01)


def kinds(redis: str) -> list[Served]:
    """Each state, and how many workers it is measured with."""
    shared = ("--state", redis, "--state-namespace")
    return [
        Served("memory, 1 worker", (), redis=False),
        Served("Redis, 1 worker", (*shared, "bench-1"), redis=True),
        Served("Redis, 2 workers", (*shared, "bench-2", "--workers", "2"), redis=True),
        Served("Redis, 2, no journal", (*shared, "bench-3", "--workers", "2", "--journal-max", "0"), redis=True),
    ]


def measure_states(rounds: int, seconds: float) -> None:
    """Measure and print; say so where there is no Redis."""
    if shutil.which("redis-server") is None:
        print("\nA shared state was not measured: redis-server is not there.")
        return
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        port = free_port()
        redis = ["redis-server", "--port", str(port), "--save", "", "--dir", folder, "--bind", "127.0.0.1"]
        redis_pid = stack.enter_context(_running(redis, port))
        served = kinds(f"redis://127.0.0.1:{port}/0")
        places: dict[str, tuple[int, int]] = {}
        for one in served:
            port = free_port()
            command = [sys.executable, "-m", "mockserver", "serve", "--quiet", "--no-rate-limit", "--port", str(port)]
            places[one.name] = stack.enter_context(_running([*command, *one.options], port)), port
        found: dict[str, list[Round]] = {one.name: [] for one in served}
        for number in range(rounds + 1):
            print(f"states, round {number} of {rounds}", file=sys.stderr, flush=True)
            for one in served if number % 2 == 0 else reversed(served):
                pid, port = places[one.name]
                before, redis_before = cpu_seconds(pid), cpu_seconds(redis_pid)
                sample = run_wrk(Load(one.name, "", OVERVIEW, KEY), port, seconds)
                spent, by_redis = cpu_seconds(pid) - before, cpu_seconds(redis_pid) - redis_before
                if number:  # the first is to warm up
                    found[one.name].append(Round(sample, seconds, spent, by_redis if one.redis else 0.0))
        _report(found)


def _report(found: dict[str, list[Round]]) -> None:
    print("\nGET overview, wrk -t1 -c32, nothing pinned; ratios are of the same round\n")
    titles = ("requests/s", 24), ("× memory", 20), ("per CPU second", 24), ("× memory", 20), ("p99 ms", 20)
    print(" " * 22 + "".join(f"{title:>{width}}" for title, width in titles))
    base = next(iter(found.values()))
    for name, rounds in found.items():
        rates = [one.sample.rate for one in rounds]
        cores = [one.per_core for one in rounds]
        ratios = [one / other.sample.rate for one, other in zip(rates, base, strict=True)]
        core_ratios = [one / other.per_core for one, other in zip(cores, base, strict=True)]
        print(
            f"{name:22}{spread(rates, '{:.0f}'):>24}{spread(ratios, '{:.2f}'):>20}"
            f"{spread(cores, '{:.0f}'):>24}{spread(core_ratios, '{:.2f}'):>20}"
            f"{spread([one.sample.p99_ms for one in rounds], '{:.1f}'):>20}"
        )


@contextlib.contextmanager
def _running(command: Sequence[str], port: int) -> Iterator[int]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        listening(process, port)
        yield process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def cpu_seconds(pid: int) -> float:
    """What a process and its children have spent so far."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, IndexError):
            fields = path.read_text().rpartition(")")[2].split()
            if int(path.parent.name) == pid or int(fields[1]) == pid:
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    started = time.perf_counter()
    measure_states(int(sys.argv[1]) if len(sys.argv) > 1 else 5, 3.0)
