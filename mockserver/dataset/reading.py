"""Read fixture files with line numbers, so that an error can name the line to change."""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class FixtureError(Exception):
    """A fixture is invalid. `line` counts from 1; 0 means the whole file."""

    def __init__(self, file: Path, line: int, reason: str) -> None:
        self.file, self.line, self.reason = file, line, reason
        super().__init__(f"{file}:{line}: {reason}" if line else f"{file}: {reason}")


@dataclass(frozen=True, slots=True)
class Entry:
    """A mapping of a YAML file or a row of a CSV file: its values and their lines."""

    file: Path
    line: int
    values: Mapping[str, Any]
    lines: Mapping[str, int]

    def fail(self, member: str | None, reason: str) -> NoReturn:
        """Raise a FixtureError for the line of a member, or of the entry if None."""
        raise FixtureError(self.file, self.lines.get(member or "", self.line), reason)

    def check(self, required: Mapping[str, type], optional: Mapping[str, type] | None = None) -> "Entry":
        """Return the entry if it has all required members, and every member is known and of its type.

        Raises:
            FixtureError: A member is missing, unknown or of another type.
        """
        optional = optional or {}
        for name in required:
            if name not in self.values:
                self.fail(None, f"'{name}' is missing")
        for name, value in self.values.items():
            expected = required.get(name) or optional.get(name)
            if expected is None:
                known = ", ".join((*required, *optional))
                self.fail(name, f"unknown member '{name}'; expected one of {known}")
            if expected is object or (value is None and name in optional):
                continue
            if not isinstance(value, expected) or (expected is int and isinstance(value, bool)):
                self.fail(name, f"'{name}' must be {_NAMES.get(expected, expected.__name__)}, not {_shown(value)}")
        return self

    def entry(self, member: str) -> "Entry":
        """Return a member that must be a mapping."""
        value = self.values.get(member)
        if not isinstance(value, Entry):
            self.fail(member, f"'{member}' must be a mapping, not {_shown(value)}")
        return value

    def entries(self, member: str) -> tuple["Entry", ...]:
        """Return a member that must be a list of mappings."""
        values = self.values.get(member)
        if not isinstance(values, list):
            self.fail(member, f"'{member}' must be a list, not {_shown(values)}")
        for value in values:
            if not isinstance(value, Entry):
                self.fail(member, f"'{member}' must be a list of mappings, not of {_shown(value)}")
        return tuple(values)

    def strings(self, member: str) -> tuple[str, ...]:
        """Return a member that must be a list of strings."""
        values = self.values.get(member)
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            self.fail(member, f"'{member}' must be a list of strings")
        return tuple(values)

    def plain(self) -> dict[str, Any]:
        """Return the values without line numbers."""
        return {name: _plain(value) for name, value in self.values.items()}


_NAMES: Mapping[type, str] = {
    str: "a string",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    Entry: "a mapping",
}


def _shown(value: object) -> str:
    return "a mapping" if isinstance(value, Entry) else "nothing" if value is None else repr(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Entry):
        return value.plain()
    return [_plain(item) for item in value] if isinstance(value, list) else value


def read_yaml(path: Path) -> Entry:
    """Read a YAML file whose top level is a mapping.

    Raises:
        FixtureError: The file is missing or invalid.
    """
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except FileNotFoundError:
        raise FixtureError(path, 0, "this file is missing") from None
    except UnicodeDecodeError:
        raise FixtureError(path, 0, "this file is not UTF-8 text") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise FixtureError(path, mark.line + 1 if mark else 0, f"not YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise FixtureError(path, 0, f"not YAML: {error}") from None
    value = _value(path, node) if node is not None else None
    if not isinstance(value, Entry):
        raise FixtureError(path, 1, "the top level must be a mapping")
    return value


def _value(path: Path, node: yaml.Node) -> Any:
    # Built from nodes, not by yaml's constructor, to keep lines, find duplicate members and leave dates unparsed.
    if isinstance(node, yaml.ScalarNode):
        return _scalar(path, node)
    if isinstance(node, yaml.SequenceNode):
        return [_value(path, item) for item in node.value]
    values: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for key, item in node.value:
        name = key.value
        if name in values:
            raise FixtureError(path, key.start_mark.line + 1, f"duplicate member '{name}'")
        values[name] = _value(path, item)
        lines[name] = key.start_mark.line + 1
    return Entry(path, node.start_mark.line + 1, values, lines)


def _scalar(path: Path, node: yaml.ScalarNode) -> Any:
    tag, text = node.tag.rpartition(":")[2], node.value
    try:
        if tag == "int":
            return int(text.replace("_", ""))
        if tag == "float":
            return float(text)
    except ValueError:
        raise FixtureError(
            path, node.start_mark.line + 1, f"expected a decimal number, found '{text}'; quote it if it is text"
        ) from None
    if tag == "bool":
        return text.lower() in ("true", "yes", "on")
    return None if tag == "null" else text


Cell = Callable[[str], Any]


def whole(text: str) -> int:
    """Read a CSV cell with a count."""
    if not text.isascii() or not text.isdigit():
        raise ValueError("must be a whole number, 0 or more")
    return int(text)


def text(value: str) -> str:
    """Read a CSV cell with text that must not be empty."""
    if not value:
        raise ValueError("must not be empty")
    return value


def read_csv(path: Path, columns: Mapping[str, Cell], optional: Mapping[str, Cell] | None = None) -> tuple[Entry, ...]:
    """Read a CSV file with a header row. Each column has a reader, which raises ValueError with the reason.

    Raises:
        FixtureError: The file is missing or invalid.
    """
    return tuple(_rows(path, columns, optional or {}))


def _rows(path: Path, columns: Mapping[str, Cell], optional: Mapping[str, Cell]) -> Iterator[Entry]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            header = next(rows, [])
            for name in columns:
                if name not in header:
                    raise FixtureError(path, 1, f"the column '{name}' is missing")
            for name in header:
                if name not in columns and name not in optional:
                    raise FixtureError(
                        path, 1, f"unknown column '{name}'; expected one of {', '.join((*columns, *optional))}"
                    )
            if len(set(header)) < len(header):
                raise FixtureError(path, 1, "duplicate column in the header")
            readers = [columns.get(name) or optional[name] for name in header]
            for cells in rows:
                yield _row(path, rows.line_num, header, readers, cells)
    except FileNotFoundError:
        raise FixtureError(path, 0, "this file is missing") from None
    except UnicodeDecodeError:
        raise FixtureError(path, 0, "this file is not UTF-8 text") from None
    except csv.Error as error:
        raise FixtureError(path, rows.line_num, f"not CSV: {error}") from None


def _row(path: Path, line: int, header: list[str], readers: list[Cell], cells: list[str]) -> Entry:
    if len(cells) != len(header):
        raise FixtureError(path, line, f"expected {len(header)} cells as in the header, found {len(cells)}")
    values: dict[str, Any] = {}
    for name, reader, cell in zip(header, readers, cells, strict=True):
        try:
            values[name] = reader(cell)
        except ValueError as error:
            raise FixtureError(path, line, f"'{name}' {error}, not '{cell}'") from None
    return Entry(path, line, values, {})
