"""Programs of others that run for a while and say when they are ready."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def running(
    command: Sequence[str | Path], ready: str, folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Run a program until the end of the block, and yield what it printed up to the line with `ready`."""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder, env=environment
    ) as process:
        assert process.stdout is not None
        said = ""
        while ready not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        draining = threading.Thread(target=process.stdout.read)  # it logs every request
        draining.start()
        try:
            yield said
        finally:
            process.terminate()
            draining.join()
