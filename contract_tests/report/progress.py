"""The progress of a run: a bar on a terminal, plain lines in a log, nothing when quiet."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from apicontract.safetext.invisible import one_line
from contract_tests.model.events import Event
from contract_tests.report.wording import plural

_EVERY = 15.0
"""Seconds between two lines of a log."""
_SOON = 5.0
"""Seconds after which a log mentions that the run waits."""


class RunProgress:
    """Listens to a run and shows its progress."""

    def __init__(
        self, console: Console, *, live: bool, quiet: bool = False, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._console, self._live, self._quiet, self._now = console, live and not quiet, quiet, now
        self._last = Event("planned", 0, 0)
        self._began = self._said = now()
        self._bar = Progress(
            BarColumn(bar_width=28),
            TextColumn("{task.fields[requests]} · {task.fields[findings]} · {task.fields[left]}", markup=False),
            TextColumn("{task.fields[doing]}", style="dim", markup=False),
            console=console,
            transient=True,
            disable=not self._live,
        )
        self._task = self._bar.add_task("", total=None, **self._fields())

    def __enter__(self) -> RunProgress:
        self._began = self._said = self._now()
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def listen(self, event: Event) -> None:
        """Show an event."""
        self._last = event
        if self._live:
            total = max(event.total, event.requests) or None
            self._bar.update(self._task, completed=event.requests, total=total, **self._fields())
            return
        patience = _SOON if event.kind == "waiting" else _EVERY
        if not self._quiet and self._now() - self._said >= patience:
            self._said = self._now()
            fields = self._fields()
            doing = f" · {fields['doing']}" if fields["doing"] else ""
            line = f"{fields['requests']} · {fields['findings']} · {fields['left']}{doing}"
            self._console.print(line, soft_wrap=True, highlight=False, markup=False)

    @property
    def minutes_left(self) -> float:
        """The minutes that the run expects; else those that the rest takes at the pace so far."""
        event = self._last
        if event.seconds_left or not event.requests:
            return event.seconds_left / 60
        rest = max(event.total - event.requests, 0)
        return (self._now() - self._began) / event.requests * rest / 60

    def _fields(self) -> dict[str, Any]:
        event, minutes = self._last, self.minutes_left
        doing = "reproducing findings" if event.kind == "confirming" and not event.message else event.message
        return {
            "requests": f"{event.requests}/{max(event.total, event.requests)} requests" if event.total else "starting",
            "findings": plural(event.findings, "finding"),
            "left": "under a minute left" if minutes < 1 else f"about {math.ceil(minutes)} min left",
            "doing": one_line(doing, 60),
        }
