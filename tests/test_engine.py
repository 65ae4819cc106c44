"""The engine knows no API by name: only `mockserver/apis/`, the contracts and the fixtures do."""

from __future__ import annotations

import re
from pathlib import Path

from mockserver.contract import bundled

ROOT = Path(__file__).resolve().parent.parent
WORDS = {word for selector in bundled().files for word in (selector.partition("@")[0],)}
ENGINE = [
    path
    for package in ("mockserver", "contract_tests")
    for path in (ROOT / package).rglob("*.py")
    if "apis" not in path.relative_to(ROOT).parts
]


def test_no_module_of_the_engine_names_an_api() -> None:
    assert len(ENGINE) > 100
    names = re.compile("|".join(map(re.escape, WORDS)), re.IGNORECASE)
    code = {path: re.sub(r'""".*?"""|#.*', "", path.read_text(encoding="utf-8"), flags=re.DOTALL) for path in ENGINE}
    assert [str(path.relative_to(ROOT)) for path, text in code.items() if names.search(text)] == []


# What tracking means is a few lines of its own: no schema says that a page view raises a count.
MEANING = {"contract_tests/checks/tracking.py"}


def test_no_operation_id_stands_in_the_engine() -> None:
    ids = {operation.id for selector in bundled().files for operation in bundled().load(selector).operations}
    quoted = re.compile("|".join(f"[\"']{one}[\"']" for one in ids))
    code = {path: re.sub(r'""".*?"""|#.*', "", path.read_text(encoding="utf-8"), flags=re.DOTALL) for path in ENGINE}
    assert {str(path.relative_to(ROOT)) for path, text in code.items() if quoted.search(text)} <= MEANING
