"""The tools that the tests of this folder run, and where their work lies."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from apicontract import bundled
from apicontract.export import as_json, export_document

HERE = Path(__file__).parent
CALLS = HERE / "calls"
TOOLS = (HERE / ".venv" / "bin", HERE / "node_modules" / ".bin")


def module_name(selector: str) -> str:
    """Return a contract's name as a generated module has it: `zenovay_2026_02`."""
    return selector.replace("@", "_").replace("-", "_")


def fresh_folder(name: str) -> Path:
    """Return an empty folder for what a tool makes. It stands below this one: there its imports find their packages."""
    folder = HERE / "generated" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def write_documents(folder: Path) -> dict[str, Path]:
    """Write every contract as `mockserver contract --flatten` prints it; return its module name and file."""
    documents = {}
    for selector in sorted(bundled().files):
        path = documents[module_name(selector)] = folder / f"{module_name(selector)}.json"
        path.write_bytes(as_json(export_document(bundled().load(selector).document, flatten=True)))
    return documents


def environment(*python_path: Path) -> dict[str, str]:
    """Return the environment in which the tools of this folder are found, and generated packages below a path."""
    searched = os.pathsep.join([*map(str, TOOLS), os.environ["PATH"]])
    paths = os.pathsep.join(map(str, python_path))
    return {**os.environ, "PATH": searched, "PYTHONPATH": paths, "MYPYPATH": paths}


def run(*command: str | Path, python_path: tuple[Path, ...] = ()) -> str:
    """Run a command that must succeed; return what it printed."""
    words = [str(part) for part in command]
    result = subprocess.run(words, capture_output=True, text=True, check=False, cwd=HERE, env=environment(*python_path))
    printed = result.stdout + result.stderr
    assert result.returncode == 0, f"{' '.join(words)}\n{printed[-6000:]}"
    return printed
