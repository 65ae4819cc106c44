"""The end of a command: baseline, reports, summary, annotations, exit code."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from apicontract import Contract
from apicontract.safetext.invisible import visible
from contract_tests.cli.process import CONFORMS, EXIT_CODES, INTERRUPTED, USAGE, uninterrupted
from contract_tests.model.exchange import Exchange
from contract_tests.model.finding import Result
from contract_tests.report import github
from contract_tests.report.baseline import Baseline, apply, load_baseline, repaired, save_baseline, updated
from contract_tests.report.console import TolerantConsole, console, tolerating_closed_output
from contract_tests.report.context import ReportContext
from contract_tests.report.files import ReportTarget, check_writable, targets_of, write_all
from contract_tests.report.redaction import Redactor, redacted
from contract_tests.report.terminal import summarise
from contract_tests.report.wording import plural
from contract_tests.run import session


def redactor_of(keys: Mapping[str, str]) -> Redactor:
    """Return the redactor for the keys of a command line.

    Raises:
        BadParameter: a key is too short to be kept out of the reports.
    """
    try:
        return Redactor.of(keys)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--key") from None


@dataclass(frozen=True, slots=True)
class Reporter:
    """Writes and prints what a run found. Its settings are checked before any request is sent."""

    contract: Contract
    redactor: Redactor
    baseline: Baseline
    baseline_file: Path | None
    update: bool
    targets: Sequence[ReportTarget]
    quiet: bool
    started: datetime

    @classmethod
    def prepare(
        cls,
        contract: Contract,
        keys: Mapping[str, str],
        baseline: Path | None,
        update: bool,
        reports: Sequence[str],
        quiet: bool,
    ) -> Reporter:
        """Read the baseline and check that the reports can be written.

        Raises:
            UsageError, BaselineError, ReportError: with what to change.
        """
        if update and baseline is None:
            raise click.UsageError("--baseline-update needs --baseline FILE, the file to write")
        known = load_baseline(baseline) if baseline and (baseline.exists() or not update) else Baseline()
        targets = targets_of(reports)
        check_writable(targets)
        return cls(contract, redactor_of(keys), known, baseline, update, targets, quiet, datetime.now(UTC))

    def conclude(self, result: Result, exchanges: Sequence[Exchange]) -> int:
        """Write and print everything, and return the exit code. A second Ctrl-C does not leave it half done."""
        with uninterrupted():
            return self._conclude(result, exchanges)

    def _conclude(self, raw: Result, exchanges: Sequence[Exchange]) -> int:
        notes = console(stderr=True)
        result = self._judged(self.redactor.result(raw), notes)
        sent = min((exchange.started for exchange in exchanges if exchange.started > 0), default=0.0)
        started = (
            datetime.fromtimestamp(sent, UTC) if sent else self.started
        )  # of recorded traffic: when it was recorded
        context = ReportContext(
            redacted(exchanges, self.redactor), self.contract.document.path, started, self.contract.document
        )
        failures = write_all(self.targets, result, context, self.redactor)
        for failure in failures:
            self._say(notes, f"Error: {failure}")
        with tolerating_closed_output():
            self._print(result, context, failures)
        if github.wanted(os.environ):
            with suppress(OSError):
                github.append_summary(self.redactor.text(github.summary_of(result)), os.environ)
        if result.stop_reason == session.INTERRUPTED:
            return INTERRUPTED
        code = EXIT_CODES[result.verdict]
        return USAGE if failures and code == CONFORMS else code

    def _print(self, result: Result, context: ReportContext, failures: Sequence[str]) -> None:
        """Print the summary and, on GitHub, annotations; to stderr where a report goes to standard output."""
        aside = any(target.to_output for target in self.targets)
        output = console(stderr=aside)
        summarise(result, output, self.quiet, context)
        for target in self.targets:
            if not self.quiet and not target.to_output and not any(text.startswith(target.place) for text in failures):
                self._say(output, f"  {target.format} report: {target.place}")
        if github.wanted(os.environ):
            for line in github.annotations_of(result, context):
                click.echo(self.redactor.text(line), err=aside)

    def _judged(self, result: Result, notes: TolerantConsole) -> Result:
        """Return the result with the findings that the baseline accepts set apart."""
        if self.baseline_file is None:
            return result
        today = datetime.now(UTC).date()
        baseline = self.baseline
        if self.update and result.stop_reason != session.INTERRUPTED:
            baseline = updated(self.baseline, result, today)
            try:
                save_baseline(self.baseline_file, baseline, self.redactor)
            except OSError as error:  # write the reports nevertheless
                self._say(notes, f"Error: {self.baseline_file}: cannot be written: {error.strerror or error}")
                return result
            if not self.quiet:
                self._say(notes, f"{self.baseline_file} accepts {plural(len(baseline.entries), 'finding')} now")
        elif not self.quiet:
            for entry in baseline.expired(today):
                self._say(
                    notes, f"{self.baseline_file}: {entry.clause} was accepted until {entry.expires}; it counts again"
                )
            for entry in repaired(baseline, result):
                self._say(notes, f"{self.baseline_file}: {entry.clause} holds now; --baseline-update takes it out")
        return apply(baseline, result, today)

    def _say(self, where: TolerantConsole, text: str) -> None:
        where.print(visible(self.redactor.text(text)), soft_wrap=True, markup=False, highlight=False)
