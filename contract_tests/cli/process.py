"""The end of the process: one clear line and the right exit code, whatever happens."""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from apicontract import ContractError
from apicontract.safetext.invisible import one_line, visible
from contract_tests.model.keys import VARIABLE
from contract_tests.model.options import ConfigurationError
from contract_tests.reading.har import HarError
from contract_tests.report.baseline import BaselineError
from contract_tests.report.console import discard_output
from contract_tests.report.files import ReportError
from contract_tests.report.redaction import Redactor, SecretLeakError

CONFORMS, VIOLATES, USAGE, INCONCLUSIVE, INTERRUPTED = 0, 1, 2, 3, 130
EXIT_CODES = {"conforms": CONFORMS, "violates": VIOLATES, "inconclusive": INCONCLUSIVE}
_EXPECTED = (BaselineError, ConfigurationError, ContractError, HarError, ReportError, SecretLeakError)
_SHOW_TRACE = "CONTRACT_TESTS_TRACEBACK"


class Program(click.Group):
    """A group whose commands return their exit code.

    Python exits with 1 after an error, and click after Ctrl-C: both would be taken for a violation.
    """

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command and end the process."""
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        with _terminable():
            code = self._ended(args, prog_name, complete_var, **extra)
        sys.exit(code)

    def _ended(self, args: Sequence[str] | None, prog_name: str | None, complete_var: str | None, **extra: Any) -> int:
        try:
            code = super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
            return code if isinstance(code, int) else CONFORMS
        except click.Abort:
            _say("interrupted")
            return INTERRUPTED
        except KeyboardInterrupt:
            _say("interrupted")
            return INTERRUPTED
        except click.ClickException as error:
            error.show()
            return USAGE
        except _EXPECTED as error:
            _say(f"Error: {error}")
            return USAGE
        except (BrokenPipeError, SystemExit):  # the reader of the output is gone; click turns that into an exit
            discard_output(sys.stdout)
            return INCONCLUSIVE
        except Exception as error:  # noqa: BLE001 - a defect of this tool must not look like one of the server
            return _defect(error, args)


def _defect(error: Exception, arguments: Sequence[str] | None) -> int:
    """Report an unexpected error, without the keys that its text may hold."""
    redactor = _known_secrets(sys.argv[1:] if arguments is None else arguments)
    if os.environ.get(_SHOW_TRACE):
        _say(redactor.text("".join(traceback.format_exception(error))))
    text = one_line(redactor.text(f"{type(error).__name__}: {error}"), 400)
    _say(f"Error: contract-tests itself failed: {text}; {_SHOW_TRACE}=1 shows where")
    return USAGE


def _known_secrets(arguments: Sequence[str]) -> Redactor:
    values = [value for name, value in os.environ.items() if name.startswith(VARIABLE)]
    for index, argument in enumerate(arguments):
        name, _, value = argument.partition("=")
        if name in ("--api-key", "--key"):
            following = arguments[index + 1] if index + 1 < len(arguments) else ""
            text = value or following
            values.append(text.partition("=")[2] if name == "--key" else text)
    return Redactor.of({f"given-{index}": value for index, value in enumerate(values) if len(value) >= 4})


def _say(text: str) -> None:
    click.echo(visible(text), err=True)


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM, which CI sends when a job is cancelled, end a run as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ignore signals while something short must be finished, such as the reports after a Ctrl-C."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
