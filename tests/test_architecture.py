"""ARCHITECTURE.md and CONTRIBUTING.md say what is: the layers that the linter holds, files that exist."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
LAYERS = {
    contract.get("containers", ["all"])[0]: contract["layers"] for contract in CONTRACTS if contract["type"] == "layers"
}


def drawn(name: str) -> list[str]:
    """Return the layers that ARCHITECTURE.md draws for a package, top first."""
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    block = re.search(rf"^    {name}\n((?:        .+\n)+)", text, re.MULTILINE)
    assert block, f"ARCHITECTURE.md draws no layers of {name}"
    return [line.strip() for line in block[1].splitlines()]


@pytest.mark.parametrize("name", LAYERS)
def test_the_layers_that_are_drawn_are_the_layers_that_the_linter_holds(name: str) -> None:
    assert drawn(name) == LAYERS[name]


def test_every_package_has_its_layers_and_no_cycle_among_siblings() -> None:
    assert set(LAYERS) == {"all", "mockserver", "contract_tests"}
    assert all(contract.get("exhaustive") for contract in CONTRACTS if contract.get("containers"))
    (acyclic,) = (contract for contract in CONTRACTS if contract["type"] == "acyclic_siblings")
    assert set(acyclic["ancestors"]) == {"apicontract", "mockserver", "contract_tests"}


def test_no_module_imports_its_own_packages_for_types_only() -> None:
    """A cycle would hide there. The pytest plugin may: it loads nothing until a fixture is used."""
    block = re.compile(
        r"^if TYPE_CHECKING:\n(?:    .*\n)*?    from (?:apicontract|mockserver|contract_tests)\b", re.MULTILINE
    )
    modules = [
        path for package in ("apicontract", "mockserver", "contract_tests") for path in (ROOT / package).rglob("*.py")
    ]
    found = {str(path.relative_to(ROOT)) for path in modules if block.search(path.read_text("utf-8"))}
    assert found == {"mockserver/plugin.py"}


def test_the_contract_tests_need_no_server() -> None:
    """Whoever only tests need not install Starlette or uvicorn."""
    blocked = "import sys; sys.modules.update(starlette=None, uvicorn=None, mockserver=None)"
    modules = (
        "contract_tests.__main__, contract_tests.cli, contract_tests.plugin, contract_tests.run.engine, apicontract"
    )
    subprocess.run([sys.executable, "-c", f"{blocked}; import {modules}"], check=True)


@pytest.mark.parametrize("document", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_path_that_a_document_names_exists(document: str) -> None:
    named = re.findall(r"`((?:[\w*.-]+/)+[\w*.-]*)`", (ROOT / document).read_text("utf-8"))
    assert named
    packages = ("", "mockserver/", "contract_tests/")
    assert [path for path in named if not any(list(ROOT.glob(package + path)) for package in packages)] == []
