"""Output whose reader may be gone (`| head`), which must not change the exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from rich.console import Console


class TolerantConsole(Console):
    """A console that goes on without output when its reader is gone. Rich would exit with 1, a violation."""

    def on_broken_pipe(self) -> None:
        """Go on without output."""
        self.quiet = True
        discard_output(self.file)


def console(*, stderr: bool = False) -> TolerantConsole:
    """Return a console for plain text, without highlighting."""
    return TolerantConsole(stderr=stderr, highlight=False)


@contextmanager
def tolerating_closed_output() -> Iterator[None]:
    """Go on when the reader of standard output is gone, in code that prints without a console."""
    try:
        yield
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):  # click turns it into an exit
        discard_output(sys.stdout)


def discard_output(stream: IO[str]) -> None:
    """Discard what is still buffered, so that the interpreter can exit without an error."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
