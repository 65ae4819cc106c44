"""What reports show beside the result."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from apicontract.document import Document
from contract_tests.model.exchange import Exchange

_OPERATION = re.compile(r"""^\s*["']?operationId["']?\s*:\s*["']?([^"',#\s]+)""")


@dataclass(frozen=True)
class ReportContext:
    """The exchanges of a run, when it began, and the file of its contract, also as the document that facts stand in."""

    exchanges: Sequence[Exchange] = ()
    document: Path | None = None
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    source: Document | None = None

    @cached_property
    def by_number(self) -> Mapping[int, Exchange]:
        """Exchanges under the numbers that findings refer to."""
        return {exchange.number: exchange for exchange in self.exchanges}

    def place_of(self, pointer: str) -> tuple[str, int]:
        """Return the file and the line of a JSON pointer, or of its closest parent; an empty file where there is none.

        The contract is read again for it, at the first finding.
        """
        if self.source is None or "#" not in pointer:
            return "", 0
        place = self.source.place(pointer)
        return _inside(Path(place.path)) or Path(place.path).name, place.line

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
        return _inside(self.document) if self.document is not None else ""


def _inside(path: Path) -> str:
    """Return a path relative to the working directory; empty where it is outside."""
    try:
        inside = path.resolve().relative_to(Path.cwd().resolve())
    except ValueError:
        return ""
    return "" if "site-packages" in inside.parts else inside.as_posix()
