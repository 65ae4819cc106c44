"""What reports show beside the result."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

import yaml

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

    def place_of(self, pointer: str) -> tuple[str, int]:
        """Return the file and the line of a JSON pointer, or of its closest parent; an empty file where there is none.

        The contract is read again for it, at the first finding.
        """
        file, hash_, inner = pointer.partition("#")
        path = Path(file) if file else self.document
        if not hash_ or path is None:
            return "", 0
        if path not in self._nodes:
            try:
                self._nodes[path] = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
            except (OSError, ValueError, yaml.YAMLError):
                self._nodes[path] = None
        node = self._nodes[path]
        return (_inside(path) or path.name, _line_of(node, inner)) if node is not None else ("", 0)

    @cached_property
    def _nodes(self) -> dict[Path, yaml.Node | None]:
        """The parsed files, with the place of every node."""
        return {}

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


def _line_of(node: yaml.Node, pointer: str) -> int:
    """Return the line of the member or item that a JSON pointer leads to, or of the last one on the way that exists."""
    line = node.start_mark.line
    for step in pointer.strip("/").split("/") if pointer.strip("/") else ():
        name = unquote(step).replace("~1", "/").replace("~0", "~")
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == name), None)
        elif isinstance(node, yaml.SequenceNode) and name.isdigit() and int(name) < len(node.value):
            pair = (node.value[int(name)],) * 2
        else:
            pair = None
        if pair is None:
            break
        line, node = pair[0].start_mark.line, pair[1]
    return line + 1
