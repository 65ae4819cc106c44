"""The summary on the terminal: findings with their evidence, what was not checked, the verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from apicontract.safetext.invisible import one_line
from contract_tests.model.finding import Finding, Result, Severity, Verdict
from contract_tests.report.context import ReportContext
from contract_tests.report.facts import facts_of
from contract_tests.report.wording import (
    VERDICTS,
    duration,
    grouped,
    message_of,
    operation_name,
    plural,
    shown,
    tally,
)

_STYLES: dict[Severity, str] = {"error": "bold red", "warning": "yellow", "info": "dim"}
_MARKS: dict[Verdict, tuple[str, str]] = {
    "conforms": ("✓", "bold green"),
    "violates": ("✗", "bold red"),
    "inconclusive": ("?", "bold yellow"),
}
_SHOWN = 20
_ALSO = 5
_REASONS = 8
_SOURCES = 3
_HINTS = 5


def summarise(result: Result, console: Console, quiet: bool = False, context: ReportContext | None = None) -> None:
    """Print a result. Quiet: one line for the verdict and one for each finding that fails the run.

    Text of a server stands within lines of ours, so that neither a terminal nor a CI log obeys it.
    """
    groups = grouped(result.findings)
    if quiet:
        for group in groups:
            if group[0].severity == "error":
                _line(console, _heading(group))
        _line(console, _verdict(result))
        return
    for group in groups[:_SHOWN]:
        _line(console, Text())
        _print_findings(group, console, context)
    if len(groups) > _SHOWN:
        rest = plural(sum(len(group) for group in groups[_SHOWN:]), "more finding")
        _line(console, Text(f"\n{rest}: --report html=report.html shows them all", "dim"))
    _print_hints(result, console)
    _print_open(result, console)
    if result.accepted:
        accepted = plural(len(result.accepted), "finding")
        _line(console, Text(f"\n{accepted} accepted by the baseline", "dim"))
    _line(console, Text())
    _line(console, _verdict(result))
    _line(console, Text(f"  {_figures(result)}", "dim"))


def _line(console: Console, text: Text) -> None:
    """Print one line without wrapping: a wrapped one could begin with what a CI log takes for a command."""
    console.print(text, soft_wrap=True, highlight=False)


def _heading(group: Sequence[Finding]) -> Text:
    finding = group[0]
    where = one_line(operation_name(finding.operation), 80)
    text = f" {where}: {one_line(message_of(finding), 400)}"
    more = f" (and {len(group) - 1} more)" if len(group) > 1 else ""
    return Text.assemble((f"{finding.severity} {finding.code}", _STYLES[finding.severity]), text, (more, "dim"))


def _print_findings(group: Sequence[Finding], console: Console, context: ReportContext | None) -> None:
    """Print the first finding of a group with its evidence, and the messages of some others."""
    finding = group[0]
    _line(console, _heading(group))
    for label, text in (
        ("expected", _value(finding.expected)),
        ("seen", _value(finding.seen)),
        *[("source", one_line(str(fact))) for fact in facts_of(finding, context)[:_SOURCES]],
    ):
        _line(console, Text.assemble((f"  {label:<9}", "dim"), text))
    for command in finding.curl[:2]:
        _line(console, Text.assemble(("  again    ", "dim"), (one_line(command), "cyan")))
    for other in group[1:_ALSO]:
        _line(console, Text.assemble(("  also     ", "dim"), one_line(message_of(other), 200)))
    if len(group) > _ALSO:
        _line(console, Text(f"           and {len(group) - _ALSO} more", "dim"))


def _print_hints(result: Result, console: Console) -> None:
    """Print what no document states, apart from the findings: it never fails a run."""
    if not result.hints:
        return
    _line(console, Text(f"\n{plural(len(result.hints), 'hint')}, which no document states:", "dim"))
    for hint in result.hints[:_HINTS]:
        where = one_line(operation_name(hint.operation), 80)
        _line(console, Text(f"  {hint.code} {where}: {one_line(message_of(hint), 200)}", "dim"))
    if len(result.hints) > _HINTS:
        _line(
            console, Text(f"  and {plural(len(result.hints) - _HINTS, 'more hint')}: --report json=report.json", "dim")
        )


def _value(value: object) -> str:
    text = shown(value)
    return one_line(" ".join(text.split()), 300) or '""'


def _print_open(result: Result, console: Console) -> None:
    """Print why clauses were not checked, the most frequent reasons first, unless the verdict says it of all."""
    reasons = Counter(clause.reason or "not checked" for clause in result.clauses if clause.outcome == "inconclusive")
    if not reasons or set(reasons) == {result.stop_reason}:  # then the verdict says it
        return
    _line(console, Text(f"\n{plural(sum(reasons.values()), 'clause')} not checked:", "yellow"))
    for reason, count in reasons.most_common(_REASONS):
        _line(console, Text(f"  {count:>4}  {one_line(reason, 200)}"))
    if len(reasons) > _REASONS:
        _line(console, Text(f"        and {plural(len(reasons) - _REASONS, 'other reason')}", "dim"))


def _verdict(result: Result) -> Text:
    mark, style = _MARKS[result.verdict]
    why = f" ({one_line(result.stop_reason)})" if result.verdict == "inconclusive" and result.stop_reason else ""
    return Text(f"{mark} {result.verdict}: {VERDICTS[result.verdict].lower()}{why}", style)


def _figures(result: Result) -> str:
    counts = tally(result)
    clauses = counts.clauses
    parts = [
        f"{clauses['pass']} clauses hold, {clauses['fail']} broken, {clauses['inconclusive']} inconclusive",
        f"{plural(result.requests, 'request')} in {duration(result.seconds)}",
        f"stopped: {one_line(result.stop_reason)}" if result.stop_reason and result.verdict != "inconclusive" else "",
        f"{one_line(result.contract)} at {one_line(result.target)}",
    ]
    return " · ".join(part for part in parts if part)


def table(rows: Sequence[Sequence[str]], heads: Sequence[str]) -> Iterable[str]:
    """List the lines of a table with aligned columns, numbers to the right."""
    widths = [max(len(row[index]) for row in [heads, *rows]) for index in range(len(heads))]
    right = [bool(rows) and all(row[index].replace(".", "").isdigit() for row in rows) for index in range(len(heads))]
    for row in [heads, *rows]:
        cells = [
            text.rjust(width) if flush else text.ljust(width)
            for text, width, flush in zip(row, widths, right, strict=True)
        ]
        yield "  ".join(cells).rstrip()
