"""The command as a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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


def test_output_that_nobody_reads_any_more_is_no_error() -> None:
    program = (
        "import os, sys; r, w = os.pipe(); os.close(r); os.dup2(w, 1)\n"
        "from contract_tests.__main__ import main; sys.argv[1:] = ['explain']; main()"
    )
    ended = called("-c", program)
    assert (ended.returncode, ended.stderr) == (0, "")
