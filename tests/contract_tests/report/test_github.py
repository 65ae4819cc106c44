"""GitHub annotations: nothing a server says becomes a command."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from contract_tests.model.finding import Result
from contract_tests.report.context import ReportContext
from contract_tests.report.github import annotations_of, append_summary, summary_of, wanted
from tests.contract_tests.results import about


def test_they_are_wanted_only_there() -> None:
    assert wanted({"GITHUB_ACTIONS": "true"})
    assert not wanted({})


def test_each_severity_has_its_command(result: Result, context: ReportContext) -> None:
    lines = annotations_of(result, context)
    assert [line.split(" ")[0] for line in lines] == ["::error", "::warning", "::notice"]
    assert "title=CT301 listPages::" in lines[0]


def test_text_of_a_server_cannot_end_an_annotation_or_begin_a_command(result: Result, context: ReportContext) -> None:
    evil = replace(
        about(result.findings[1], operation="a,b:c"),
        message="100% wrong\n::set-env name=A::b\r\n::stop-commands::x",
        seen="\x1b[2J\n::error::y",
    )
    (line,) = annotations_of(replace(result, findings=(evil,)), context)
    assert "\n" not in line
    assert "\r" not in line
    assert "\x1b" not in line
    assert line.startswith("::error title=CT301 a%2Cb%3Ac::100%25 wrong%0A::set-env")


def test_a_file_and_line_are_named_when_the_contract_lies_in_the_checkout(
    result: Result, context: ReportContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "openapi").mkdir()
    document = tmp_path / "openapi" / "shop.yaml"
    document.write_text("a: 1\noperationId: listPages\n")
    monkeypatch.chdir(tmp_path)
    inside = replace(context, document=document)
    assert annotations_of(result, inside)[0].startswith("::error file=openapi/shop.yaml,line=2,title=")
    outside = replace(context, document=Path("/elsewhere/shop.yaml"))
    assert "file=" not in annotations_of(result, outside)[0]


def test_no_more_are_written_than_are_shown(result: Result, context: ReportContext) -> None:
    many = tuple(about(result.findings[1], operation=f"op{number:02d}") for number in range(25))
    lines = annotations_of(replace(result, findings=many), context)
    assert len(lines) == 10
    assert "16 more errors" in lines[-1]


def test_findings_of_one_check_on_one_operation_share_an_annotation(result: Result, context: ReportContext) -> None:
    many = tuple(about(result.findings[1], detail=str(number)) for number in range(25))
    (line,) = annotations_of(replace(result, findings=many), context)
    assert line.endswith("and 24 more of CT301 on listPages")


def test_an_inconclusive_run_says_why(result: Result, context: ReportContext) -> None:
    lines = annotations_of(replace(result, verdict="inconclusive", stop_reason="budget spent", findings=()), context)
    assert lines == ["::warning title=contract-tests::inconclusive: budget spent"]


def test_the_summary_is_added_to_the_page_of_the_job(result: Result, tmp_path: Path) -> None:
    page = tmp_path / "summary.md"
    page.write_text("before\n")
    append_summary(summary_of(result), {"GITHUB_STEP_SUMMARY": str(page)})
    text = page.read_text()
    assert text.startswith("before\n## Contract tests: The server breaks the contract")
    assert "<script>" not in text
    assert "&&#" not in text
    assert "X-Usage-Total is missing" in text
    append_summary("x", {})
