"""This tool, plain Schemathesis and Dredd against the same broken servers; requests counted at the server.

    python -m benchmarks.mutants_side_by_side [--every N] [--only CLASS] [--tools NAME,NAME] [--results FILE]

Every tool gets a good key and a server of its own on a free port whose rate limit refuses nothing: a favour to tools
that know none. A tool kills a mutant when it reports something about it that it does not report about the unbroken
server with the same options. Two more favours for Dredd: the contract is converted to OpenAPI 3.0, which is what it
reads, and only the successes are left in it, as it asks for each declared error without anything that provokes it.
What was run is kept in the results file, one JSON object a line, so a run that was broken off goes on where it ended.
Dredd and the converter run through `npx` (Node 20).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import mean
from typing import Any

import uvicorn
import yaml

from apicontract import bundled
from benchmarks.mutants import KEYS, contract_of
from mockserver.app import create_app
from mockserver.settings import Settings
from tests.mutants.defects import MUTANTS
from tests.mutants.server import BrokenServer, Mutant

JSON = Any
DREDD, CONVERTER = "14.1.0", "0.14.2"
TOOLS = (
    "contract-tests-30",
    "contract-tests-60",
    "contract-tests-120",
    "schemathesis-10",
    "schemathesis-100",
    "dredd",
)
"""A number is the budget of requests, or Schemathesis's `--max-examples`."""
_LIMIT = 900
_COLOURS = re.compile(r"\x1b\[\d+m")


@dataclass(frozen=True)
class Score:
    """One tool on one server. `mutant`: empty for the unbroken one; `reports`: what it found, without values that
    change from run to run; `requests` as the server counted them; `seconds` of wall time, start of the tool included.
    """

    tool: str
    contract: str
    mutant: str
    reports: list[str]
    requests: int
    seconds: float


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
    counted = Counted(BrokenServer(app, contract_of(selector), mutant, app.mock.space.clock.now))
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


def document_for(selector: str, url: str, folder: Path) -> Path:
    """The contract with the server's address in it."""
    document = yaml.safe_load(bundled().files[selector].read_text(encoding="utf-8"))
    document["servers"] = [{"url": url + contract_of(selector).base_path}]
    for item in document["paths"].values():
        if "servers" in item:
            item["servers"] = [{"url": url}]
    path = folder / "openapi.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


def successes(document: Path, base_path: str) -> Path:
    """The document in OpenAPI 3.0 with nothing but GET and its successes; Dredd knows no `servers` of a path."""
    old = document.with_name("openapi-3.0.yaml")
    package = f"@apiture/openapi-down-convert@{CONVERTER}"
    _run(["npx", "--yes", package, "--input", str(document), "--output", str(old)], document.parent)
    node = yaml.safe_load(old.read_text(encoding="utf-8"))
    node["paths"] = {
        path if "servers" in item else base_path + path: item for path, item in node["paths"].items() if "get" in item
    }
    for item in node["paths"].values():
        for method in [name for name in item if name in ("post", "put", "patch", "delete", "options")]:
            del item[method]
        responses = item["get"]["responses"]
        item["get"]["responses"] = {status: response for status, response in responses.items() if str(status)[0] == "2"}
    old.write_text(yaml.safe_dump(node), encoding="utf-8")
    return old


def _run(command: Sequence[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=_LIMIT)
    return _COLOURS.sub("", done.stdout)


def contract_tests(selector: str, url: str, folder: Path, budget: str) -> list[str]:
    """The clauses that this tool finds broken."""
    # nothing is refused for its rate here, so a key whose month is used up would be a finding of its own
    others = {role: key for role, key in KEYS[selector].items() if role not in ("main", "exhausted")}
    keys = [part for role, key in others.items() for part in ("--key", f"{role}={key}")]
    program = [sys.executable, "-m", "contract_tests", "run", "--target", url, "--contract", selector, "--quiet"]
    limits = ["--max-requests", budget, "--rate", "off", "--quota-reserve", "0", "--min-provenance", "inferred"]
    report = folder / "report.json"
    _run([*program, *limits, "--api-key", KEYS[selector]["main"], *keys, "--report", f"json={report}"], Path.cwd())
    return sorted({finding["clause"] for finding in json.loads(report.read_text(encoding="utf-8"))["findings"]})


def schemathesis(selector: str, url: str, folder: Path, examples: str) -> list[str]:
    """The kinds of failure that Schemathesis reports, and where."""
    program = [str(Path(sys.executable).parent / "schemathesis"), "run", str(document_for(selector, url, folder))]
    report = folder / "report.json"
    options = ["--max-examples", examples, "--include-method", "GET", "--seed", "1", "--report-json-path", str(report)]
    base = ["--url", url + contract_of(selector).base_path, "-H", f"Authorization: Bearer {KEYS[selector]['main']}"]
    _run([*program, *base, *options], folder)
    found = json.loads(report.read_text(encoding="utf-8"))
    failures = {f"{entry['code']} {where}" for entry in found["failures"] for where in entry["operations"]}
    return sorted(failures | {f"error {entry}"[:200] for entry in found["errors"]})


def dredd(selector: str, url: str, folder: Path, _count: str) -> list[str]:
    """The transactions that Dredd fails."""
    document = successes(document_for(selector, url, folder), contract_of(selector).base_path)
    header = f"Authorization: Bearer {KEYS[selector]['main']}"
    program = ["npx", "--yes", f"dredd@{DREDD}", str(document), url, "--header", header, "--loglevel", "error"]
    told = _run(program, folder)
    if "complete:" not in told and "pass:" not in told and "fail:" not in told:
        raise RuntimeError(f"dredd did not run:\n{told[-2000:]}")
    return sorted({found[1] for found in re.finditer(r"^(?:fail|error): (.*?) duration", told, re.MULTILINE)})


RUNNERS: dict[str, Callable[[str, str, Path, str], list[str]]] = {
    "contract-tests": contract_tests,
    "schemathesis": schemathesis,
    "dredd": dredd,
}


def score(tool: str, selector: str, mutant: Mutant | None) -> Score:
    """One tool on one server."""
    name, _, number = tool.rpartition("-") if tool[-1].isdigit() else (tool, "", "")
    with tempfile.TemporaryDirectory() as folder, broken(selector, mutant) as (url, counted):
        started = time.perf_counter()
        reports = RUNNERS[name](selector, url, Path(folder), number)
        took = time.perf_counter() - started
        return Score(tool, selector, mutant.name if mutant else "", reports, counted.requests, round(took, 2))


def sample(every: int, only: str) -> list[Mutant]:
    """Every Nth mutant of each class and contract, the first of them always; none that needs burst or write."""
    groups: dict[tuple[str, str], list[Mutant]] = defaultdict(list)
    for mutant in MUTANTS:
        if mutant.profile == "readonly" and only in mutant.kind:
            groups[mutant.contract, mutant.kind].append(mutant)
    return [mutant for group in groups.values() for mutant in group[::every]]


def table(scores: Sequence[Score], chosen: Sequence[Mutant]) -> str:
    """Markdown: a line for each tool, then the kills by class."""
    kinds = sorted({mutant.kind for mutant in chosen})
    clean = {(found.tool, found.contract): found for found in scores if not found.mutant}
    by = {(found.tool, found.mutant): found for found in scores if found.mutant}
    lines = [
        f"| tool | killed | {' | '.join(kinds)} | requests each | seconds each | reports about the unbroken servers |",
        "| --- " * (len(kinds) + 5) + "|",
    ]
    for tool in [tool for tool in TOOLS if any(found.tool == tool for found in scores)]:
        met = [mutant for mutant in chosen if (tool, mutant.name) in by]
        killed = {
            mutant.name
            for mutant in met
            if set(by[tool, mutant.name].reports) - set(clean[tool, mutant.contract].reports)
        }
        cells = [
            f"{sum(mutant.name in killed for mutant in met if mutant.kind == kind)}/"
            f"{sum(mutant.kind == kind for mutant in met)}"
            for kind in kinds
        ]
        runs = [by[tool, mutant.name] for mutant in met]
        if not runs:
            continue
        alarms = sum(len(found.reports) for (name, _), found in clean.items() if name == tool)
        requests = f"{mean(run.requests for run in runs):.0f} (at most {max(run.requests for run in runs)})"
        seconds = f"{mean(run.seconds for run in runs):.0f}"
        row = [tool, f"{len(killed)}/{len(met)}", *cells, requests, seconds, str(alarms)]
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines)


def main() -> None:
    """Run what the results file lacks, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=6, help="take every Nth mutant of each class and contract")
    parser.add_argument("--only", default="", help="classes whose name contains this")
    parser.add_argument("--tools", default=",".join(TOOLS))
    parser.add_argument(
        "--results",
        type=Path,
        default=Path(tempfile.gettempdir()) / "mutants-side-by-side.jsonl",
        help="what was run already is read from here, what is run now is added (default: %(default)s)",
    )
    arguments = parser.parse_args()
    tools = [tool for tool in arguments.tools.split(",") if tool]
    if unknown := [tool for tool in tools if tool not in TOOLS]:
        parser.error(f"--tools: no {', '.join(unknown)}; there are {', '.join(TOOLS)}")
    if "dredd" in tools and shutil.which("npx") is None:
        print("dredd: no node here, left out")
        tools.remove("dredd")
    chosen = sample(arguments.every, arguments.only)
    known = arguments.results.read_text(encoding="utf-8").splitlines() if arguments.results.exists() else []
    scores = [Score(**json.loads(line)) for line in known]
    done = {(found.tool, found.contract, found.mutant) for found in scores}
    selectors = sorted({mutant.contract for mutant in chosen})
    wanted: list[tuple[str, Mutant | None]] = [*((selector, None) for selector in selectors)]
    wanted += [(mutant.contract, mutant) for mutant in chosen]
    for selector, mutant in wanted:
        for tool in tools:
            if (tool, selector, mutant.name if mutant else "") in done:
                continue
            found = score(tool, selector, mutant)
            scores.append(found)
            with arguments.results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(found)) + "\n")
            print(
                f"  {tool:<20}{found.mutant or selector:<42}{found.requests:>6} requests  {found.reports[:3]}",
                flush=True,
            )
    print(
        f"\nschemathesis {version('schemathesis')}, dredd {DREDD}, {time.strftime('%Y-%m-%d')}, {len(chosen)} mutants\n"
    )
    print(table(scores, chosen))


if __name__ == "__main__":
    main()
