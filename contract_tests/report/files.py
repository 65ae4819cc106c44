"""Which report goes where."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from contract_tests.model.finding import Result
from contract_tests.reading.har import har_of
from contract_tests.report import html_report, json_report, junit, sarif
from contract_tests.report.context import Background
from contract_tests.report.redaction import Redactor, write_text

STANDARD_OUTPUT = "-"


def _har(_: Result, background: Background) -> str:
    return json.dumps(har_of(background.exchanges), ensure_ascii=False, indent=1, default=str) + "\n"


FORMATS: Mapping[str, Callable[[Result, Background], str]] = {
    "json": json_report.render,
    "junit": junit.render,
    "html": html_report.render,
    "sarif": sarif.render,
    "har": _har,
}


class ReportError(Exception):
    """A report that cannot be written. The message names the file and the way out."""


@dataclass(frozen=True, slots=True)
class Order:
    """One wanted report. `place`: a file, or `-` for standard output."""

    format: str
    place: str

    @property
    def to_output(self) -> bool:
        """Whether it goes to standard output."""
        return self.place == STANDARD_OUTPUT


def orders_of(texts: Iterable[str]) -> list[Order]:
    """Read `FORMAT=FILE`.

    Raises:
        ReportError: a format is unknown, or two reports go to the same place.
    """
    orders: list[Order] = []
    for text in texts:
        name, equals, place = text.partition("=")
        if name not in FORMATS or not equals or not place:
            raise ReportError(f"{text!r} is no report: write FORMAT=FILE with FORMAT one of {', '.join(FORMATS)}")
        if any(os.path.abspath(order.place) == os.path.abspath(place) for order in orders):  # noqa: PTH100 - `-` too
            raise ReportError(f"two reports go to {place!r}; name another file for one of them")
        orders.append(Order(name, place))
    return orders


def examine(orders: Iterable[Order]) -> None:
    """Find out before a run, and not after it, whether its reports can be written.

    Raises:
        ReportError: with the place that cannot.
    """
    for order in orders:
        if order.to_output:
            continue
        path = Path(order.place)
        if path.is_dir():
            raise ReportError(f"{order.place} is a folder; name a file in it: {order.format}={path / 'report'}")
        folder = path.resolve().parent
        while not folder.exists():
            folder = folder.parent
        if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
            raise ReportError(f"{order.place}: {folder} cannot be written to; name another file for {order.format}")


def write_all(orders: Iterable[Order], result: Result, background: Background, redactor: Redactor) -> list[str]:
    """Write every report; a failure of one does not keep the others from being written.

    `result` and `background` must have been redacted already; what is written is scanned nevertheless.

    Returns:
        what could not be written, and why.
    """
    failures = []
    for order in orders:
        try:
            text = FORMATS[order.format](result, background)
            if order.to_output:
                sys.stdout.write(redactor.sealed(text))
                sys.stdout.flush()
            else:
                write_text(Path(order.place), text, redactor)
        except OSError as error:
            failures.append(f"{order.place}: cannot be written: {error.strerror or error}")
        except Exception as error:  # noqa: BLE001 - one report that fails must not cost the others
            failures.append(f"{order.place}: the {order.format} report was not written: {redactor.text(str(error))}")
    return failures
