"""Read YAML and JSON as plain data, with the place of every value in the text on request."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import orjson
import yaml
from yaml._yaml import CParser

JSON = Any
Tree = Any
"""The places of a value: a number for a scalar, (number, members by name or index) for a mapping or a list."""
DEEPEST = 150
"""Maximum nesting of YAML. The deepest public documents have less than 80 levels; Python's stack holds about 900."""
_EXPANSION = 1_000_000
"""Maximum number of values that the aliases of a YAML document stand for."""
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_WORDS: dict[str, JSON] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_WORDS |= {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NUMERIC = frozenset("+-.0123456789")
_TAG = "tag:yaml.org,2002:"
_TOKEN = re.compile(r'[ \t\r\n]*(?:("(?:[^"\\]|\\.)*")|([][{},:])|([^][{},:" \t\r\n]+))')


class TextError(Exception):
    """A text that is not YAML or JSON. `line` and `column` count from 1; `line` is 0 if unknown."""

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.line, self.column = line, column


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A name that a mapping has twice; the last one counts."""

    name: str
    pointer: str
    line: int
    column: int
    first_line: int


@dataclass(slots=True)
class Parsed:
    """A text as plain data. `tree` is None unless places were asked for."""

    root: JSON
    tree: Tree = None
    starts: list[int] | None = None
    duplicates: list[Duplicate] = field(default_factory=list)

    def find(self, pointer: str) -> tuple[int, int]:
        """Return line and column, from 1, of the value at a JSON pointer, or of its closest parent that exists."""
        tree = self.tree
        for step in split_pointer(pointer):
            if not isinstance(tree, tuple):
                break
            inner = tree[1]
            if isinstance(inner, list):
                if not step.isdecimal() or int(step) >= len(inner):
                    break
                tree = inner[int(step)]
            elif step in inner:
                tree = inner[step]
            else:
                break
        return _line_and_column(tree[0] if isinstance(tree, tuple) else tree, self.starts)


def split_pointer(pointer: str) -> list[str]:
    """Return the steps of a JSON pointer; the empty pointer has none."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def join_pointer(steps: Iterable[str | int], start: str = "") -> str:
    """Return a JSON pointer with more steps."""
    return start + "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def parse(data: bytes, *, places: bool = False, is_json: bool = False) -> Parsed:
    """Parse YAML or JSON. A text that begins with a brace or bracket is JSON if a JSON parser accepts it.

    Args:
        data: The text.
        places: Whether `Parsed.find` is to know the place of every value.
        is_json: Whether the text must be JSON, not a YAML text that looks like it.

    Raises:
        TextError: The text is neither.
    """
    data = _as_utf8(data)
    if not is_json and data.lstrip()[:1] not in (b"{", b"["):
        return _read_yaml(data, places=places)
    try:
        root = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        with suppress(TextError):  # a YAML flow mapping begins like JSON
            if not is_json:
                return _read_yaml(data, places=places)
        raise TextError(error.msg, error.lineno, error.colno) from None
    parsed = Parsed(root)
    if places:
        _place_json(data.decode(), parsed)
    return parsed


def _as_utf8(data: bytes) -> bytes:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            try:
                return data.decode(encoding).encode()
            except UnicodeError:
                raise TextError(f"not {encoding}") from None
    return data


def _line_and_column(place: int, starts: list[int] | None) -> tuple[int, int]:
    """Return line and column of a place: an offset in JSON, line and column in one number in YAML."""
    if starts is None:
        return (place >> 20) + 1, (place & 0xFFFFF) + 1
    line = bisect_right(starts, place)
    return line, place - starts[line - 1] + 1


def _read_yaml(data: bytes, *, places: bool) -> Parsed:
    try:
        return _Composer(data, places=places).read()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        message = error.problem or "not YAML"
        raise (TextError(message, mark.line + 1, mark.column + 1) if mark else TextError(message)) from None
    except yaml.reader.ReaderError as error:
        line = data.count(b"\n", 0, max(int(error.position), 0)) + 1
        raise TextError(f"not YAML: {error.reason}", line, 1) from None
    except (yaml.YAMLError, UnicodeError) as error:
        raise TextError(f"not YAML: {str(error).splitlines()[0]}") from None


class _Composer:
    """Builds plain data from the events of libyaml's parser: YAML 1.2 scalars, every name a text.

    An alias is the same Python object as its anchor, so that a document needs no more memory than its text; the size
    that it would have without aliases is bounded for everything that copies it.
    """

    def __init__(self, data: bytes, *, places: bool) -> None:
        self.next: Callable[[], Any] = CParser(data).get_event
        self.places = places
        self.anchors: dict[str, tuple[JSON, Tree, int] | None] = {}
        self.duplicates: list[Duplicate] = []
        self.path: list[str] = []
        self.size = self.copied = 0

    def read(self) -> Parsed:
        event = self.next()
        while not isinstance(event, (yaml.DocumentStartEvent, yaml.StreamEndEvent)):
            event = self.next()
        if isinstance(event, yaml.StreamEndEvent):
            return Parsed(None, 0)
        root, tree = self.value(self.next())
        self.next()  # the end of the document
        event = self.next()
        if not isinstance(event, yaml.StreamEndEvent):
            raise TextError("expected one document, found a second one", *_start(event))
        return Parsed(root, tree if self.places else None, None, self.duplicates)

    def value(self, event: Any) -> tuple[JSON, Tree]:
        kind = type(event)
        self.size += 1
        if kind is yaml.ScalarEvent:
            made = _scalar(event)
            place = _place(event) if self.places else 0
            if event.anchor is not None:
                self.anchors[event.anchor] = (made, place, 1)
            return made, place
        if kind is yaml.AliasEvent:
            return self.alias(event)
        if len(self.path) >= DEEPEST:
            raise TextError(f"nested deeper than {DEEPEST} levels", *_start(event))
        if event.tag not in (None, "!", f"{_TAG}map", f"{_TAG}seq"):
            raise TextError(f"expected plain data, found the tag {event.tag}", *_start(event))
        before, place = self.size, _place(event) if self.places else 0
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        made, inner = self.mapping() if kind is yaml.MappingStartEvent else self.sequence()
        tree = (place, inner) if self.places else 0
        if event.anchor is not None:
            self.anchors[event.anchor] = (made, tree, self.size - before)
        return made, tree

    def alias(self, event: Any) -> tuple[JSON, Tree]:
        if event.anchor not in self.anchors:
            raise TextError(f"the alias *{event.anchor} has no anchor", *_start(event))
        known = self.anchors[event.anchor]
        if known is None:
            raise TextError(f"the alias *{event.anchor} contains itself; use $ref there", *_start(event))
        self.size += known[2]
        self.copied += known[2]
        if self.copied > _EXPANSION:
            raise TextError(f"the aliases expand to more than {_EXPANSION:,} values", *_start(event))
        return known[0], known[1]

    def sequence(self) -> tuple[list[JSON], list[Tree]]:
        made: list[JSON] = []
        trees: list[Tree] = []
        self.path.append("0")
        while type(event := self.next()) is not yaml.SequenceEndEvent:
            self.path[-1] = str(len(made))
            value, tree = self.value(event)
            made.append(value)
            if self.places:
                trees.append(tree)
        self.path.pop()
        return made, trees

    def mapping(self) -> tuple[dict[str, JSON], dict[str, Tree]]:
        made: dict[str, JSON] = {}
        trees: dict[str, Tree] = {}
        lines: dict[str, int] = {}
        merged: list[tuple[JSON, Tree]] = []
        self.path.append("")
        while type(event := self.next()) is not yaml.MappingEndEvent:
            self.path[-1] = name = self.name(event)
            value, tree = self.value(self.next())
            if name == "<<" and type(event) is yaml.ScalarEvent and not event.style:
                merged += _parts(event, value, tree)
                continue
            if name in made:
                self.duplicates.append(Duplicate(name, join_pointer(self.path), *_start(event), lines[name]))
            made[name], lines[name] = value, event.start_mark.line + 1
            if self.places:
                trees[name] = (_place(event), tree[1]) if isinstance(tree, tuple) else _place(event)
        self.path.pop()
        for value, tree in merged:
            made = {**value, **made}
            trees = {**tree[1], **trees} if self.places else trees
        return made, trees

    def name(self, event: Any) -> str:
        """Return the name of a member: its text, so that `200` and `true` are names as written."""
        if type(event) is yaml.ScalarEvent:
            if event.anchor is not None:
                self.anchors[event.anchor] = (event.value, 0, 1)
            return str(event.value)
        value = self.alias(event)[0] if type(event) is yaml.AliasEvent else None
        if not isinstance(value, str):
            raise TextError("expected a text as the name of a member", *_start(event))
        return value


def _parts(event: Any, value: JSON, tree: Tree) -> list[tuple[dict[str, JSON], Tree]]:
    """Return the mappings that `<<` merges, with their places."""
    several = isinstance(value, list)
    parts = value if several else [value]
    if not all(isinstance(part, dict) for part in parts):
        raise TextError("expected a mapping to merge (<<)", *_start(event))
    trees = tree[1] if several and isinstance(tree, tuple) else [tree] * len(parts)
    return list(zip(parts, trees, strict=True))


def _scalar(event: Any) -> JSON:
    text, tag = event.value, event.tag
    if tag is None:
        if event.style:  # libyaml names the plain style with an empty text
            return text
        if text in _WORDS:
            return _WORDS[text]
        return _number(text) if text[0] in _NUMERIC else text
    if tag in ("!", f"{_TAG}str", f"{_TAG}timestamp", f"{_TAG}binary"):
        return text
    if tag in (f"{_TAG}int", f"{_TAG}float", f"{_TAG}bool", f"{_TAG}null"):
        return _WORDS[text] if text in _WORDS else _number(text)
    raise TextError(f"expected plain data, found the tag {tag}", *_start(event))


def _number(text: str) -> JSON:
    """Return the number that a text is, else the text. Infinity is not a number in JSON."""
    if _INTEGER.fullmatch(text) and len(text) < 300:
        return int(text, 0 if text[1:2] in ("o", "x") else 10)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return number if abs(number) != float("inf") else text
    return text


def _start(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _place(event: Any) -> int:
    return int(event.start_mark.line << 20 | min(event.start_mark.column, 0xFFFFF))


def _place_json(text: str, parsed: Parsed) -> None:
    """Find the place of every value in a valid JSON text."""
    parsed.starts = [0, *(match.end() for match in re.finditer("\n", text))]
    match_token, position, path = _TOKEN.match, 0, list[str]()
    stack: list[tuple[Any, dict[str, int] | None]] = []  # the places of the members so far, and those of their names
    name, named_at = "", -1
    while (token := match_token(text, position)) is not None:
        position = token.end()
        string, mark, _ = token.groups()
        if mark in (",", ":"):
            continue
        if mark in ("}", "]"):
            stack.pop()
            path.pop()
            continue
        inner, names = stack[-1] if stack else (None, None)
        at = token.start(token.lastindex or 0)
        if names is not None and named_at < 0:
            name, named_at = orjson.loads(string), at
            if name in names:
                parsed.duplicates.append(_duplicate(name, path, at, names[name], parsed.starts))
            names[name] = at
            continue
        place, named_at = at if named_at < 0 else named_at, -1
        tree: Tree = (place, {} if mark == "{" else []) if mark else place
        if inner is None:
            parsed.tree = tree
        elif names is not None:
            inner[name] = tree
        else:
            name = str(len(inner))
            inner.append(tree)
        if mark:
            stack.append((tree[1], {} if mark == "{" else None))
            path.append(name)


def _duplicate(name: str, path: list[str], at: int, first: int, starts: list[int]) -> Duplicate:
    line, column = _line_and_column(at, starts)
    return Duplicate(name, join_pointer([*path[1:], name]), line, column, _line_and_column(first, starts)[0])
