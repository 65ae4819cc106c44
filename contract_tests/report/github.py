"""Annotations and a job summary for GitHub."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from apicontract.safetext.invisible import one_line
from contract_tests.model.finding import Finding, Result, Severity
from contract_tests.report.context import ReportContext
from contract_tests.report.wording import (
    SEVERITIES,
    VERDICTS,
    grouped,
    in_order,
    message_of,
    operation_name,
    plural,
    shown,
    tally,
)

_COMMANDS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "notice"}
_SHOWN = 10
"""GitHub shows ten annotations of each kind for a step."""


def wanted(environment: Mapping[str, str]) -> bool:
    """Return whether this process runs on GitHub, where annotations are read."""
    return environment.get("GITHUB_ACTIONS") == "true"


def annotations_of(result: Result, context: ReportContext) -> list[str]:
    """Return workflow commands, the gravest findings first, as many as GitHub shows."""
    lines = []
    groups = grouped(result.findings)
    for severity in SEVERITIES:
        own = [group for group in groups if group[0].severity == severity]
        room = _SHOWN if len(own) <= _SHOWN else _SHOWN - 1
        lines += [_command(group[0], len(group) - 1, context) for group in own[:room]]
        left = sum(len(group) for group in own[room:])
        if left:
            rest = plural(left, f"more {severity}", f"more {severity}s")
            lines.append(f"::{_COMMANDS[severity]} title=contract-tests::{rest}; see the report")
    if result.verdict == "inconclusive":
        lines.append(f"::warning title=contract-tests::inconclusive: {_data(result.stop_reason)}")
    return lines


def _command(finding: Finding, more: int, context: ReportContext) -> str:
    properties = {"title": f"{finding.code} {operation_name(finding.operation)}"}
    if context.file:
        properties = {"file": context.file, "line": str(context.lines.get(finding.operation, 1)), **properties}
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    curl = "".join(f"\n{line}" for line in finding.curl)
    text = f"{message_of(finding)}\nexpected: {shown(finding.expected)}\nseen: {shown(finding.seen)}{curl}"
    if more:
        text += f"\nand {more} more of {finding.code} on {operation_name(finding.operation)}"
    return f"::{_COMMANDS[finding.severity]} {listed}::{_data(text)}"


def _data(text: str) -> str:
    """Escape a text as the runner reads it, so that nothing a server says becomes a command."""
    lines = [one_line(line) for line in text.replace("\r", "\n").split("\n")]
    return "\n".join(lines).replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def summary_of(result: Result) -> str:
    """Return the page of a job, in Markdown."""
    counts = tally(result)
    figures = (
        f"{_cell(result.contract)} at {_cell(result.target)} · {plural(result.requests, 'request')} · "
        f"{plural(counts.clauses['pass'], 'clause')} held, {counts.clauses['fail']} broken, "
        f"{counts.clauses['inconclusive']} inconclusive · stopped: {_cell(result.stop_reason)}"
    )
    lines = [f"## Contract tests: {VERDICTS[result.verdict]}", "", figures, ""]
    findings = in_order(result.findings)
    if findings:
        lines += ["| | code | operation | finding |", "| --- | --- | --- | --- |"]
        lines += [
            f"| {finding.severity} | {_cell(finding.code)} | {_cell(operation_name(finding.operation))} "
            f"| {_cell(message_of(finding))} |"
            for finding in findings[:50]
        ]
        if len(findings) > 50:
            lines += ["", f"{len(findings) - 50} more stand in the report."]
    return "\n".join(lines) + "\n"


_MARKUP = str.maketrans({character: f"&#{ord(character)};" for character in "\\`*_[]<>|#&"})


def _cell(text: str) -> str:
    """Escape a text for a table: it stays in its cell and is no markup."""
    return one_line(text, 300).translate(_MARKUP)


def append_summary(text: str, environment: Mapping[str, str]) -> None:
    """Add a text to the job's page; without one, nothing happens."""
    place = environment.get("GITHUB_STEP_SUMMARY")
    if place:
        with Path(place).open("a", encoding="utf-8") as file:
            file.write(text)
