"""The command as a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def called(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_it_runs_as_a_module() -> None:
    ended = called("-m", "contract_tests", "--help")
    assert ended.returncode == 0
    assert ended.stdout.startswith("Usage: contract-tests ")


def test_a_package_that_is_missing_is_named_and_is_no_violation() -> None:
    program = "import sys; sys.modules['httpx'] = None; from contract_tests.__main__ import main; main()"
    ended = called("-c", program)
    assert ended.returncode == 2
    assert ended.stderr == "Error: httpx is not installed: pip install 'analytics-mock[contract-tests]'\n"


UNHEARD = """
import os, sys
for stream in {streams}:
    r, w = os.pipe(); os.close(r); os.dup2(w, stream)
from contract_tests.__main__ import main
from contract_tests.cli import main as cli
from contract_tests.run import engine
from contract_tests.model import events
from contract_tests.model import finding
from contract_tests.plan.step import Plan
from contract_tests.model.exchange import Exchange, Request, Response

def run(options, listen):
    for number in range(1, 99):
        listen(events.Event("waiting", number, 99))
    answer = Exchange(1, Request("GET", "http://h/"), Response(200), 1.0, 0.1)
    return finding.Result("violates", "c", "t", 1, 1.0, (), (), "completed"), [answer]

engine.plan, engine.run = lambda options: Plan(()), run
sys.argv[1:] = {arguments}
main()
"""


@pytest.mark.parametrize("streams", [[1], [1, 2]])
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["explain"], 0),
        (["run", "--target", "http://127.0.0.1:1", "--contract", "zenovay@2026-02"], 1),
        (["run", "--target", "http://127.0.0.1:1", "--contract", "zenovay@2026-02", "--report", "json=-"], 1),
    ],
)
def test_that_nobody_reads_the_output_changes_nothing_about_the_end(
    streams: list[int], arguments: list[str], code: int
) -> None:
    ended = called("-c", UNHEARD.format(streams=streams, arguments=arguments))
    assert (ended.returncode, ended.stderr if 2 not in streams and "run" not in arguments else "") == (code, "")
