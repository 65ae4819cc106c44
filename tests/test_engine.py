"""The engine knows no API by name: only `mockserver/apis/`, the contracts and the fixtures do."""

from __future__ import annotations

import io
import re
import tokenize
from pathlib import Path

from apicontract import bundled

ROOT = Path(__file__).resolve().parent.parent
WORDS = {word for selector in bundled().files for word in (selector.partition("@")[0],)}
ENGINE = [
    path
    for package in ("apicontract", "mockserver", "contract_tests")
    for path in (ROOT / package).rglob("*.py")
    if "apis" not in path.relative_to(ROOT).parts
]


def code_of(path: Path) -> str:
    """Return a module's source without its comments and docstrings, everything else as it stands."""
    tokens = list(tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline))
    kept = []
    for index, token in enumerate(tokens):
        starts_statement = index == 0 or tokens[index - 1].type in _BETWEEN
        if token.type != tokenize.COMMENT and not (token.type == tokenize.STRING and starts_statement):
            kept.append(token.string)
    return " ".join(kept)


_BETWEEN = {tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING, tokenize.COMMENT}


def test_only_comments_and_docstrings_are_left_out(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text('"""Doc."""\na = "#x"  # comment\ndef f():\n    """Doc."""\n    return "trackEvent"\n')
    assert code_of(module).split() == ["a", "=", '"#x"', "def", "f", "(", ")", ":", "return", '"trackEvent"']


def test_no_module_of_the_engine_names_an_api() -> None:
    assert len(ENGINE) > 100
    names = re.compile("|".join(map(re.escape, WORDS)), re.IGNORECASE)
    assert [str(path.relative_to(ROOT)) for path in ENGINE if names.search(code_of(path))] == []


def test_no_operation_id_stands_in_the_engine() -> None:
    ids = {operation.id for selector in bundled().files for operation in bundled().load(selector).operations}
    quoted = re.compile("|".join(f"[\"']{one}[\"']" for one in ids))
    assert [str(path.relative_to(ROOT)) for path in ENGINE if quoted.search(code_of(path))] == []
