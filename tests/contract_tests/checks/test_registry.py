"""Every check has a clause, and every clause is shown to hold and to break by a table of this folder."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

import contract_tests.checks
from contract_tests.checks.registry import CHECKS
from contract_tests.model.clause import Clause

FOLDER = Path(contract_tests.checks.__file__).parent


def declared() -> Iterator[tuple[str, Clause]]:
    """Every clause that a module of the checks declares, by its name."""
    for path in sorted(FOLDER.glob("*.py")):
        module = importlib.import_module(f"contract_tests.checks.{path.stem}")
        for name, value in vars(module).items():
            if isinstance(value, Clause) and f"\n{name} = Clause(" in f"\n{path.read_text()}":
                yield f"{path.stem}.{name}", value


def rows() -> dict[str, set[bool | None]]:
    """What the tables of this folder expect, by code."""
    found: dict[str, set[bool | None]] = {}
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        if path.stem != "test_registry":
            module = importlib.import_module(f"tests.contract_tests.checks.{path.stem}")
            for row in getattr(module, "TABLE", ()):
                for clause, ok in row.values[1].items():
                    found.setdefault(clause.partition(":")[0], set()).add(ok)
    return found


def test_every_check_has_a_clause_and_every_clause_a_check() -> None:
    assert {clause.code for _, clause in declared()} == set(CHECKS)


def test_every_check_is_shown_to_break_by_a_table() -> None:
    shown = rows()
    unseen = {"CT100", "CT210"}  # a check that fails by itself, and an id that one makes up: other tests show them
    assert [code for code in CHECKS if False not in shown.get(code, ()) and code not in unseen] == []
