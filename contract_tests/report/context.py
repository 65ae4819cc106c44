"""What reports show beside the result."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from contract_tests.model.exchange import Exchange

_OPERATION = re.compile(r"""^\s*["']?operationId["']?\s*:\s*["']?([^"',#\s]+)""")


@dataclass(frozen=True)
class ReportContext:
    """The exchanges of a run, when it began, and the file of its contract."""

    exchanges: Sequence[Exchange] = ()
    document: Path | None = None
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    @cached_property
    def by_number(self) -> Mapping[int, Exchange]:
        """Exchanges under the numbers that findings refer to."""
        return {exchange.number: exchange for exchange in self.exchanges}

    @cached_property
    def lines(self) -> Mapping[str, int]:
        """The line of each operationId in the contract's file, counted from 1. Empty without a readable file."""
        if self.document is None:
            return {}
        try:
            text = self.document.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return {}
        found = {}
        for number, line in enumerate(text.splitlines(), 1):
            match = _OPERATION.match(line)
            if match:
                found[match[1]] = number
        return found

    @property
    def file(self) -> str:
        """The contract's file, relative to the working directory; empty where it is outside."""
        if self.document is None:
            return ""
        try:
            inside = self.document.resolve().relative_to(Path.cwd().resolve())
        except ValueError:
            return ""
        return "" if "site-packages" in inside.parts else inside.as_posix()
