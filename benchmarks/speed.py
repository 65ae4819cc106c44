"""Requests per second against bare Starlette and, where Node is there, against Prism: alternating, in one run.

The server runs on one core, `wrk -t1 -c32` on the other. What counts is the ratio within a round; machines are noisy,
so medians and ranges over the rounds are printed. On a busy machine the ratio per second of CPU is the one to read: it
does not count the time for which others held the core. Nothing here fails for being slow.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.loads import KEY, OVERVIEW, Load, Sample, free_port, listening, run_wrk, spread
from benchmarks.sharing import cpu_seconds, measure_states
from benchmarks.tracked import measure_tracked

ROOT = Path(__file__).resolve().parent.parent
TRACK = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"session_id":"bench-session-1","url":"/pricing","device_type":"desktop",' ..
           '"browser":"Chrome","os":"macOS","user_agent":"wrk"}'
"""


@contextlib.contextmanager
def running(command: Sequence[str], port: int, env: dict[str, str] | None = None) -> Iterator[tuple[int, float]]:
    """A server on the first core: its process id and the seconds it took until it answered."""
    started = time.perf_counter()
    process = subprocess.Popen(
        ["taskset", "-c", "0", *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **(env or {})},
        cwd=ROOT,
        start_new_session=True,
    )
    try:
        listening(process, port)
        yield process.pid, time.perf_counter() - started
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def measure(load: Load, port: int, pid: int, seconds: float) -> Sample:
    """One round of wrk, on the second core."""
    before = cpu_seconds(pid)
    sample = run_wrk(load, port, seconds, ("taskset", "-c", "1"))
    return replace(sample, per_cpu=sample.rate * seconds / max(cpu_seconds(pid) - before, 0.01))


def memory_mb(pid: int) -> float:
    """The resident memory of a process and its children, in MB."""
    total = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, IndexError):
            fields = path.read_text().rpartition(")")[2].split()
            if int(path.parent.name) == pid or int(fields[1]) == pid:
                total += int((path.parent / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return total / 1e6


def many_operations(count: int, folder: Path) -> Path:
    """A contract of so many operations, all alike."""
    paths = "".join(
        f"  /things{index}/{{id}}:\n    get:\n      operationId: get{index}\n"
        "      parameters: [{name: id, in: path, required: true, schema: {type: string}}]\n"
        "      responses: {'200': {description: ok, content: {application/json: {example: {ok: true}}}}}\n"
        for index in range(count)
    )
    path = folder / f"many{count}.yaml"
    path.write_text(f"openapi: 3.1.0\ninfo: {{title: many, version: '1'}}\npaths:\n{paths}")
    return path


def answer_size(port: int) -> int:
    """How many bytes the mock's overview has."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{OVERVIEW}", headers={"X-API-Key": "zv_demo_enterprise"})
    with urllib.request.urlopen(request) as response:
        return len(response.read())


def prism() -> Path | None:
    """Prism's command, installed from npm below build/ when Node is there; None without it."""
    if shutil.which("npm") is None:
        return None
    folder = ROOT / "build" / "prism"
    command = folder / "node_modules" / ".bin" / "prism"
    if not command.exists():
        print("installing Prism …", flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        result = subprocess.run(
            ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), "@stoplight/prism-cli"],
            capture_output=True,
            check=False,
        )
        if result.returncode:
            return None
    return command


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--no-prism", action="store_true")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is missing (Debian: apt-get install wrk)")
    mock = [sys.executable, "-m", "mockserver", "serve", "--no-rate-limit", "--port"]
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        script = folder / "track.lua"
        script.write_text(TRACK)
        ports: dict[str, int] = {}
        pids: dict[str, int] = {}

        def start(server: str, command: list[str], **env: str) -> float:
            ports[server] = free_port()
            filled = [part.replace("PORT", str(ports[server])) for part in command]
            pids[server], ready = stack.enter_context(running(filled, ports[server], env))
            return ready

        cold = [start("mock", [*mock, "PORT"])]
        size = answer_size(ports["mock"])
        cold_reference = [
            start("starlette", [sys.executable, "-m", "benchmarks.reference", "PORT"], BODY_BYTES=str(size))
        ]
        start("without journal", [*mock, "PORT", "--journal-max", "0"])
        many = [*mock, "PORT", "--contract"]
        start("5 operations", [*many, str(many_operations(5, folder))])
        start("200 operations", [*many, str(many_operations(200, folder))])
        loads = [
            Load("bare Starlette, GET", "starlette", OVERVIEW),
            Load("mock, GET overview", "mock", OVERVIEW, KEY),
            Load("mock without journal, GET", "without journal", OVERVIEW, KEY),
            Load("mock, GET 401", "mock", OVERVIEW),
            Load("bare Starlette, POST", "starlette", "/e/ZV_abc123xyz", ("-s", str(script))),
            Load("mock, POST /e", "mock", "/e/ZV_abc123xyz", ("-s", str(script))),
            Load("mock, 5 operations", "5 operations", "/things4/1"),
            Load("mock, 200 operations", "200 operations", "/things199/1"),
        ]
        command = None if options.no_prism else prism()
        if command is not None:
            contract = str(ROOT / "openapi" / "zenovay-2026-02.yaml")
            start("prism", [str(command), "mock", "-p", "PORT", contract])
            start("prism silent", [str(command), "mock", "-p", "PORT", "-v", "silent", contract])
            path = OVERVIEW.removeprefix("/api/external/v1")
            loads += [
                Load("Prism, GET overview", "prism", path, KEY),
                Load("Prism silent, GET overview", "prism silent", path, KEY),
            ]
        for _ in range(4):
            for server, argument in (("mock", mock), ("starlette", [sys.executable, "-m", "benchmarks.reference"])):
                port = free_port()
                with running([*argument, str(port)], port, {"BODY_BYTES": str(size)}) as (_pid, ready):
                    (cold if server == "mock" else cold_reference).append(ready)
        samples: dict[str, list[Sample]] = {load.name: [] for load in loads}
        for load in loads:
            measure(load, ports[load.server], pids[load.server], 1)
        for number in range(options.rounds):
            print(f"round {number + 1} of {options.rounds}", file=sys.stderr, flush=True)
            for load in loads if number % 2 == 0 else reversed(loads):
                sample = measure(load, ports[load.server], pids[load.server], options.seconds)
                samples[load.name].append(sample)
        report(samples, loads[0].name, size)
        print(f"\nready after   {spread(cold, '{:.2f} s')}   (bare Starlette {spread(cold_reference, '{:.2f} s')})")
        ours, theirs = memory_mb(pids["mock"]), memory_mb(pids["starlette"])
        print(f"memory        {ours:.0f} MB after the load   (bare Starlette {theirs:.0f} MB)")
        if command is None:
            print("Prism was not measured: Node or its package is not there.")
    measure_states(options.rounds, options.seconds)
    measure_tracked(options.rounds)


def report(samples: dict[str, list[Sample]], base: str, size: int) -> None:
    """A table: requests per second, p99, and the ratio of both to bare Starlette's same method in the same round."""
    print(f"\n{size} bytes a body, wrk -t1 -c32; median [lowest-highest]; ratios are of the same round\n")
    columns = ("requests/s", 26), ("× bare Starlette", 20), ("per CPU second ×", 20), ("p99 ms", 20), ("p99 ×", 18)
    print(" " * 30 + "".join(f"{title:>{width}}" for title, width in columns))
    for name, rows in samples.items():
        yardstick = samples["bare Starlette, POST" if "POST" in name else base]
        ratios = [row.rate / other.rate for row, other in zip(rows, yardstick, strict=True)]
        cores = [row.per_cpu / other.per_cpu for row, other in zip(rows, yardstick, strict=True)]
        tails = [row.p99_ms / other.p99_ms for row, other in zip(rows, yardstick, strict=True)]
        rates = spread([row.rate for row in rows], "{:.0f}")
        print(
            f"{name:30}{rates:>26}{spread(ratios, '{:.2f}'):>20}{spread(cores, '{:.2f}'):>20}"
            f"{spread([row.p99_ms for row in rows], '{:.1f}'):>20}{spread(tails, '{:.2f}'):>18}"
        )
    for name in ("mock without journal, GET", "Prism, GET overview", "Prism silent, GET overview"):
        if name in samples:
            pairs = list(zip(samples["mock, GET overview"], samples[name], strict=True))
            ratios = [mine.rate / other.rate for mine, other in pairs]
            cores = [mine.per_cpu / other.per_cpu for mine, other in pairs]
            of_cores = f"per CPU second {spread(cores, '{:.2f}')}"
            print(f"\nmock, GET overview is {spread(ratios, '{:.2f}')} × {name}, {of_cores}", end="")
    print()


if __name__ == "__main__":
    main()
