"""Plain Schemathesis and Dredd against the same broken servers; requests counted at the server.

    python -m benchmarks.mutants_side_by_side [--every N] [--tools NAME,NAME]

Each tool gets a server of its own on a free port, with the rate limit switched off and a good key. A tool kills a
mutant when it fails on it and passes on the unbroken server with the same options. Dredd runs through `npx`.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
import yaml

from benchmarks.mutants import KEYS, contract_of
from mockserver.app import create_app
from mockserver.contract import bundled
from mockserver.settings import Settings
from tests.mutants.defects import MUTANTS
from tests.mutants.server import BrokenServer, Mutant

TOOLS = ("schemathesis-10", "schemathesis-100", "dredd", "contract-tests")
_LIMIT = 900


class Counted:
    """An ASGI application that counts what arrives."""

    def __init__(self, app: Any) -> None:
        self.app, self.requests = app, 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass everything on."""
        self.requests += scope["type"] == "http"
        await self.app(scope, receive, send)


@contextmanager
def broken(selector: str, mutant: Mutant | None) -> Iterator[tuple[str, Counted]]:
    """A broken server on a socket of its own."""
    app = create_app(Settings(contracts=(selector,), rate_limit=False))
    counted = Counted(BrokenServer(app, contract_of(selector), mutant, app.space.clock.now))
    server = uvicorn.Server(uvicorn.Config(counted, port=0, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}", counted
    finally:
        server.should_exit = True
        thread.join()


@dataclass(frozen=True)
class Score:
    """How often a tool failed, and what it sent."""

    failed: bool
    requests: int
    seconds: float


def document_for(selector: str, url: str, folder: Path) -> Path:
    """The contract with the server's address in it."""
    document = yaml.safe_load(bundled().files[selector].read_text(encoding="utf-8"))
    contract = contract_of(selector)
    document["servers"] = [{"url": url + contract.base_path}]
    for item in document["paths"].values():
        if "servers" in item:
            item["servers"] = [{"url": url}]
    path = folder / "openapi.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


def command(tool: str, selector: str, url: str, folder: Path) -> list[str]:
    """What is run."""
    key = KEYS[selector]["main"]
    document = document_for(selector, url, folder)
    base = url + contract_of(selector).base_path
    header = f"Authorization: Bearer {key}"
    if tool.startswith("schemathesis"):
        count = tool.partition("-")[2]
        program = [str(Path(sys.executable).parent / "schemathesis"), "run", str(document), "--url", base]
        return [*program, "-H", header, "--max-examples", count, "--include-method", "GET", "--seed", "1"]
    if tool == "dredd":
        return [
            "npx",
            "--yes",
            "dredd",
            str(document),
            base,
            "--header",
            header,
            "--method",
            "GET",
            "--loglevel",
            "error",
        ]
    # nothing is refused for its rate here, so a key whose month is used up would be a finding of its own
    keys = [
        part
        for role, value in KEYS[selector].items()
        if role not in ("main", "exhausted")
        for part in ("--key", f"{role}={value}")
    ]
    program = [sys.executable, "-m", "contract_tests", "run", "--target", url, "--contract", selector, "--api-key", key]
    return [*program, *keys, "--rate", "off", "--quota-reserve", "0", "--min-provenance", "inferred", "--quiet"]


def score(tool: str, selector: str, mutant: Mutant | None) -> Score:
    """One tool on one server."""
    with tempfile.TemporaryDirectory() as folder, broken(selector, mutant) as (url, counted):
        started = time.perf_counter()
        done = (
            subprocess.run(
                command(tool, selector, url, Path(folder)), cwd=folder, capture_output=True, check=False, timeout=_LIMIT
            )
            if tool != "contract-tests"
            else subprocess.run(
                command(tool, selector, url, Path(folder)), capture_output=True, check=False, timeout=_LIMIT
            )
        )
        return Score(done.returncode != 0, counted.requests, time.perf_counter() - started)


def main() -> None:
    """Print each tool's kills and requests."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=8, help="take every Nth mutant that needs neither burst nor write")
    parser.add_argument("--tools", default=",".join(TOOLS))
    arguments = parser.parse_args()
    chosen = [mutant for mutant in MUTANTS if mutant.profile == "readonly"][:: arguments.every]
    for tool in arguments.tools.split(","):
        if tool == "dredd" and shutil.which("npx") is None:
            print("dredd: no node here, left out")
            continue
        clean = {selector: score(tool, selector, None) for selector in KEYS}
        killed = requests = 0
        for mutant in chosen:
            found = score(tool, mutant.contract, mutant)
            kill = found.failed and not clean[mutant.contract].failed
            killed, requests = killed + kill, requests + found.requests
            print(
                f"  {tool:<18}{mutant.name:<40}{'killed' if kill else 'survived':<10}{found.requests:>6} requests",
                flush=True,
            )
        alarms = ", ".join(selector for selector, result in clean.items() if result.failed) or "none"
        print(
            f"{tool}: {killed} of {len(chosen)} killed, {requests / len(chosen):.0f} requests each; "
            f"fails on the unbroken server: {alarms}"
        )


if __name__ == "__main__":
    main()
