"""Route a path to its operations through a tree of segments; the cost does not depend on the number of paths."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote

from apicontract.operations import Operation

_TEMPLATE = re.compile(r"\{([^{}/]+)\}")


@dataclass(frozen=True, slots=True)
class Route:
    """The operations of one path, by method. `names`: the path parameters of each method, in order."""

    path: str
    operations: dict[str, Operation] = field(default_factory=dict)
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def operation(self, method: str) -> Operation | None:
        """Return the operation of a method, or None. HEAD falls back to GET; a path that cannot be read takes all."""
        found = self.operations.get(method)
        if found is None and method == "HEAD":
            found = self.operations.get("GET")
        return self.operations.get("*") if found is None else found

    @property
    def allowed(self) -> str:
        """The value of the `Allow` header: its methods, OPTIONS, and HEAD if it has GET."""
        methods = set(self.operations) - {"*"} | {"OPTIONS"}
        if "GET" in methods:
            methods.add("HEAD")
        return ", ".join(sorted(methods))


@dataclass(frozen=True, slots=True)
class Match:
    """A route, and the raw values of its path parameters, in order."""

    route: Route
    texts: tuple[str, ...]

    @property
    def values(self) -> dict[str, str]:
        """The values by the names of the first operation's template."""
        return self.values_of(next(iter(self.route.operations)))

    def values_of(self, method: str) -> dict[str, str]:
        """Return the values by name; the template of each method has names of its own. HEAD falls back to GET."""
        names = self.route.names
        return dict(zip(names.get(method) or names.get("GET", ()), self.texts, strict=False))


@dataclass(slots=True)
class _Node:
    static: dict[str, _Node] = field(default_factory=dict)
    patterns: list[tuple[re.Pattern[str], _Node]] = field(default_factory=list)
    any: _Node | None = None
    route: Route | None = None


class Router:
    """Finds the route of a raw (percent-encoded) path. A fixed segment takes precedence over a parameter."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._root = _Node()
        self.routes: list[Route] = []
        known = list(operations)
        for operation in known:
            self._add(operation, operation.path)
        for operation in known:
            for path in operation.aliases:
                self._add(operation, path)

    def find(self, raw_path: str) -> Match | None:
        """Return the route of a path, or None. A parameter does not match an empty segment."""
        texts: list[str] = []
        segments = [unquote(segment) for segment in raw_path.split("/")[1:]]
        node = _descend(self._root, segments, 0, texts)
        if node is None or node.route is None:
            return None
        return Match(node.route, tuple(texts))

    def _add(self, operation: Operation, path: str) -> None:
        """Add an operation at a path, unless the path has an operation with this method already."""
        node = self._root
        names: list[str] = []
        for segment in path.split("/")[1:]:
            found = _TEMPLATE.findall(segment)
            names += found
            if not found:
                node = node.static.setdefault(unquote(segment), _Node())
            elif segment == f"{{{found[0]}}}":
                node.any = node.any or _Node()
                node = node.any
            else:
                node = _pattern_node(node, segment)
        if node.route is None:
            node.route = Route(path)
            self.routes.append(node.route)
        if operation.method not in node.route.operations:
            node.route.operations[operation.method] = operation
            node.route.names[operation.method] = tuple(names)


def _pattern_node(node: _Node, segment: str) -> _Node:
    """Return the child node of a segment such as `report-{day}.csv`."""
    parts = _TEMPLATE.split(segment)
    expression = "".join("([^/]+?)" if index % 2 else re.escape(part) for index, part in enumerate(parts))
    pattern = re.compile(expression)
    for known, child in node.patterns:
        if known.pattern == pattern.pattern:
            return child
    child = _Node()
    node.patterns.append((pattern, child))
    return child


def _descend(node: _Node, segments: list[str], index: int, texts: list[str]) -> _Node | None:
    if index == len(segments):
        return node if node.route is not None else None
    segment = segments[index]
    fixed = node.static.get(segment)
    if fixed is not None:
        found = _descend(fixed, segments, index + 1, texts)
        if found is not None:
            return found
    for pattern, child in node.patterns:
        match = pattern.fullmatch(segment)
        if match:
            mark = len(texts)
            texts.extend(match.groups())
            found = _descend(child, segments, index + 1, texts)
            if found is not None:
                return found
            del texts[mark:]
    if node.any is not None and segment:
        texts.append(segment)
        found = _descend(node.any, segments, index + 1, texts)
        if found is not None:
            return found
        texts.pop()
    return None
