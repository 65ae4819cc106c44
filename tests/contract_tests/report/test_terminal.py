"""The summary on the terminal and in a log."""

from __future__ import annotations

import io
from dataclasses import replace

from rich.console import Console

from apicontract import Fact, Provenance
from apicontract.safetext.invisible import one_line, visible
from contract_tests.model.clause import Clause
from contract_tests.model.finding import CheckedClause, Finding, Result
from contract_tests.report.terminal import summarise, table
from contract_tests.report.wording import duration, shown
from tests.contract_tests.results import about, finding


def printed(result: Result, quiet: bool = False) -> str:
    console = Console(file=io.StringIO(), width=40, force_terminal=False)
    summarise(result, console, quiet)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_server_cannot_give_commands_to_the_terminal_or_to_the_log(result: Result) -> None:
    evil = "a\n::error::b\r\n##[group]c \x1b]0;title\x07 \x9b2J " + "x" * 60 + " ::warning::d"
    strange = Clause("CT1", evil, evil, evil, (Fact(evil, Provenance("documented", page=evil)),))
    found = Finding(strange, "error", evil, evil, {evil: evil}, (evil,))
    clause = CheckedClause.of(strange, "rule", "inconclusive", evil)
    text = printed(replace(result, findings=(found,), clauses=(clause,), stop_reason=evil, target=evil))
    assert "\x1b" not in text
    assert "\x9b" not in text
    assert not [line for line in text.splitlines() if line.strip().startswith(("::", "##"))]


def test_markup_of_a_server_is_text(result: Result) -> None:
    finding = replace(result.findings[0], message="[bold]x[/bold] [/] [link=file:///]y")
    assert "[bold]x[/bold] [/] [link=file:///]y" in printed(replace(result, findings=(finding,)))


def test_many_findings_are_cut_with_the_way_to_all_of_them(result: Result) -> None:
    many = tuple(about(result.findings[1], operation=f"op{number:02d}") for number in range(30))
    text = printed(replace(result, findings=many))
    assert text.count("error CT301") == 20
    assert "10 more findings: --report html=report.html shows them all" in text


def test_findings_of_one_check_on_one_operation_stand_together(result: Result) -> None:
    many = tuple(finding(f"CT301:listPages:{number}", f"message {number}") for number in range(9))
    text = printed(replace(result, findings=many))
    assert "error CT301 listPages: message 0 (and 8 more)" in text
    assert "also     message 4" in text
    assert "message 5" not in text
    assert "and 4 more" in text


def test_a_run_without_findings_is_short(result: Result) -> None:
    clean = replace(result, verdict="conforms", findings=(), clauses=result.clauses[1:3])
    figures = "2 clauses hold, 0 broken, 0 inconclusive · 3 requests in 61.5 s · stopped: completed"
    assert printed(clean).splitlines() == [
        "",
        "✓ conforms: the server keeps the contract",
        f"  {figures} · shop@2026-02 at https://api.example.test/v1",
    ]


def test_columns_are_aligned_and_numbers_stand_to_the_right() -> None:
    assert list(table([("1", "a"), ("10", "bb")], ("n", "name"))) == [" n  name", " 1  a", "10  bb"]
    assert list(table([], ("n",))) == ["n"]


def test_words() -> None:
    assert duration(89.94) == "89.9 s"
    assert duration(125) == "2 min 05 s"
    assert one_line("a\tb\u202ec\n", 3) == "a …"
    assert one_line("a\tb\u202ec\n") == "a b\\u202ec"
    assert visible("a\u202e\x00\U000e0001b\r\nc") == "a\\u202e\\u0000\\U000e0001b\nc"
    assert shown({"a": [1]}) == '{"a": [1]}'
    assert shown({"a": "x" * 60}) == f'{{\n  "a": "{"x" * 60}"\n}}'
