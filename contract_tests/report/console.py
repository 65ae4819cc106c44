"""Printing to somebody who may have stopped listening (`| head`): that changes nothing about how a command ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from rich.console import Console


class PatientConsole(Console):
    """A console that falls silent when its reader is gone. Rich would end the process with 1, a violation."""

    def on_broken_pipe(self) -> None:
        """Go on without being heard."""
        self.quiet = True
        mute(self.file)


def console(*, stderr: bool = False) -> PatientConsole:
    """A console for plain text: nothing in it is guessed to be a number or a link."""
    return PatientConsole(stderr=stderr, highlight=False)


@contextmanager
def unheard() -> Iterator[None]:
    """The same for what is printed without a console."""
    try:
        yield
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):  # click makes an exit of it
        mute(sys.stdout)


def mute(stream: IO[str]) -> None:
    """Let what is still buffered go nowhere, so that the interpreter can end in peace."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
