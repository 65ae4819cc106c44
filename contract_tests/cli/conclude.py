"""What happens when a run is over: baseline, reports, summary, annotations, exit code."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from apicontract import Contract
from contract_tests.cli.process import CONFORMS, EXIT_CODES, INTERRUPTED, USAGE, uninterrupted
from contract_tests.model.exchange import Exchange
from contract_tests.model.finding import Result
from contract_tests.report import github
from contract_tests.report.baseline import Baseline, apply, load_baseline, repaired, save_baseline, updated
from contract_tests.report.console import PatientConsole, console, unheard
from contract_tests.report.context import Background
from contract_tests.report.files import Order, examine, orders_of, write_all
from contract_tests.report.redaction import Redactor, redacted
from contract_tests.report.terminal import summarise
from contract_tests.report.wording import several

INTERRUPTED_RUN = "interrupted"
"""The stop reason of a run that Ctrl-C ended."""


def redactor_of(keys: Mapping[str, str]) -> Redactor:
    """A redactor for the keys of a command line.

    Raises:
        BadParameter: a key is too short to be kept out of the reports.
    """
    try:
        return Redactor.of(keys)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--key") from None


@dataclass(frozen=True, slots=True)
class Ending:
    """Everything that can be wrong about the end of a run, found out before its beginning."""

    contract: Contract
    redactor: Redactor
    baseline: Baseline
    baseline_file: Path | None
    update: bool
    orders: Sequence[Order]
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
    ) -> Ending:
        """Read the baseline and see whether the reports can be written.

        Raises:
            UsageError, BaselineError, ReportError: with what to change.
        """
        if update and baseline is None:
            raise click.UsageError("--baseline-update needs --baseline FILE, the file to write")
        known = load_baseline(baseline) if baseline and (baseline.exists() or not update) else Baseline()
        orders = orders_of(reports)
        examine(orders)
        return cls(contract, redactor_of(keys), known, baseline, update, orders, quiet, datetime.now(UTC))

    def conclude(self, result: Result, exchanges: Sequence[Exchange]) -> int:
        """Write and say everything; the exit code. A second Ctrl-C does not leave it half done."""
        with uninterrupted():
            return self._conclude(result, exchanges)

    def _conclude(self, raw: Result, exchanges: Sequence[Exchange]) -> int:
        notes = console(stderr=True)
        result = self._judged(self.redactor.result(raw), notes)
        sent = min((exchange.started for exchange in exchanges if exchange.started > 0), default=0.0)
        started = datetime.fromtimestamp(sent, UTC) if sent else self.started  # a recording is older than its check
        background = Background(redacted(exchanges, self.redactor), self.contract.document.path, started)
        failures = write_all(self.orders, result, background, self.redactor)
        for failure in failures:
            self._say(notes, f"Error: {failure}")
        with unheard():
            self._print(result, background, failures)
        if github.wanted(os.environ):
            with suppress(OSError):
                github.append_summary(self.redactor.text(github.summary_of(result)), os.environ)
        if result.stop_reason == INTERRUPTED_RUN:
            return INTERRUPTED
        code = EXIT_CODES[result.verdict]
        return USAGE if failures and code == CONFORMS else code

    def _print(self, result: Result, background: Background, failures: Sequence[str]) -> None:
        """The summary and, on GitHub, annotations; beside a report that stands on standard output."""
        aside = any(order.to_output for order in self.orders)
        output = console(stderr=aside)
        summarise(result, output, self.quiet)
        for order in self.orders:
            if not self.quiet and not order.to_output and not any(text.startswith(order.place) for text in failures):
                self._say(output, f"  {order.format} report: {order.place}")
        if github.wanted(os.environ):
            for line in github.annotations_of(result, background):
                click.echo(self.redactor.text(line), err=aside)

    def _judged(self, result: Result, notes: PatientConsole) -> Result:
        """The result in the light of the baseline."""
        if self.baseline_file is None:
            return result
        today = datetime.now(UTC).date()
        baseline = self.baseline
        if self.update and result.stop_reason != INTERRUPTED_RUN:
            baseline = updated(self.baseline, result, today)
            try:
                save_baseline(self.baseline_file, baseline, self.redactor)
            except OSError as error:  # the reports of the run are worth more than the baseline
                self._say(notes, f"Error: {self.baseline_file}: cannot be written: {error.strerror or error}")
                return result
            if not self.quiet:
                self._say(notes, f"{self.baseline_file} accepts {several(len(baseline.entries), 'finding')} now")
        elif not self.quiet:
            for entry in baseline.expired(today):
                self._say(
                    notes, f"{self.baseline_file}: {entry.clause} was accepted until {entry.expires}; it counts again"
                )
            for entry in repaired(baseline, result):
                self._say(notes, f"{self.baseline_file}: {entry.clause} holds now; --baseline-update takes it out")
        return apply(baseline, result, today)

    def _say(self, where: PatientConsole, text: str) -> None:
        where.print(self.redactor.text(text), soft_wrap=True, markup=False, highlight=False)
