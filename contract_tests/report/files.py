"""The reports that are asked for, and writing them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from apicontract.safetext.invisible import json_escaped
from contract_tests.model.finding import Finding, Result
from contract_tests.reading.har import har_of
from contract_tests.report import html_report, json_report, junit, sarif
from contract_tests.report.context import ReportContext
from contract_tests.report.redaction import WITHHELD, Redactor, write_text

STANDARD_OUTPUT = "-"


def _har(_: Result, context: ReportContext) -> str:
    return json_escaped(json.dumps(har_of(context.exchanges), ensure_ascii=False, indent=1, default=str)) + "\n"


FORMATS: Mapping[str, Callable[[Result, ReportContext], str]] = {
    "json": json_report.render,
    "junit": junit.render,
    "html": html_report.render,
    "sarif": sarif.render,
    "har": _har,
}


class ReportError(Exception):
    """A report that cannot be written. The message names the file and the way out."""


@dataclass(frozen=True, slots=True)
class ReportTarget:
    """One wanted report. `place`: a file, or `-` for standard output."""

    format: str
    place: str

    @property
    def to_output(self) -> bool:
        """Whether it goes to standard output."""
        return self.place == STANDARD_OUTPUT


def targets_of(texts: Iterable[str]) -> list[ReportTarget]:
    """Read `FORMAT=FILE`.

    Raises:
        ReportError: a format is unknown, or two reports go to the same place.
    """
    targets: list[ReportTarget] = []
    for text in texts:
        name, equals, place = text.partition("=")
        if name not in FORMATS or not equals or not place:
            raise ReportError(f"{text!r} is no report: write FORMAT=FILE with FORMAT one of {', '.join(FORMATS)}")
        if any(os.path.abspath(target.place) == os.path.abspath(place) for target in targets):  # noqa: PTH100 - `-` too
            raise ReportError(f"two reports go to {place!r}; name another file for one of them")
        targets.append(ReportTarget(name, place))
    return targets


def check_writable(targets: Iterable[ReportTarget]) -> None:
    """Check before a run whether its reports can be written.

    Raises:
        ReportError: with the place that cannot.
    """
    for target in targets:
        if target.to_output:
            continue
        path = Path(target.place)
        if path.is_dir():
            raise ReportError(f"{target.place} is a folder; name a file in it: {target.format}={path / 'report'}")
        folder = path.resolve().parent
        while not folder.exists():
            folder = folder.parent
        if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
            raise ReportError(f"{target.place}: {folder} cannot be written to; name another file for {target.format}")


def without_evidence(result: Result, context: ReportContext) -> tuple[Result, ReportContext]:
    """Return a result and its exchanges without anything that a server answered."""
    exchanges = [
        replace(each, response=each.response and replace(each.response, headers=(), body=WITHHELD.encode()))
        for each in context.exchanges
    ]
    bare = replace(
        result,
        findings=_without_values(result.findings),
        accepted=_without_values(result.accepted),
        hints=_without_values(result.hints),
        clauses=tuple(replace(clause, reason=clause.reason and WITHHELD) for clause in result.clauses),
    )
    return bare, replace(context, exchanges=exchanges)


def _without_values(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(replace(finding, message=WITHHELD, expected=None, seen=None) for finding in findings)


def write_all(targets: Iterable[ReportTarget], result: Result, context: ReportContext, redactor: Redactor) -> list[str]:
    """Write every report; a failure of one does not keep the others from being written.

    `result` and `context` must have been redacted already; what is written is scanned nevertheless.

    Returns:
        what could not be written, and why.
    """
    failures = []
    for target in targets:
        try:
            text = FORMATS[target.format](result, context)
            if redactor.leaks(text):  # what no value shows by itself: show no values
                text = FORMATS[target.format](*without_evidence(result, context))
            if target.to_output:
                sys.stdout.write(redactor.sealed(text))
                sys.stdout.flush()
            else:
                write_text(Path(target.place), text, redactor)
        except OSError as error:
            failures.append(f"{target.place}: cannot be written: {error.strerror or error}")
        except Exception as error:  # noqa: BLE001 - one report that fails must not cost the others
            failures.append(f"{target.place}: the {target.format} report was not written: {redactor.text(str(error))}")
    return failures
