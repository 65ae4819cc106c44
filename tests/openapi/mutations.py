"""Every small change to what a contract calls documented or supplement, one at a time.

The walk knows OpenAPI and the `x-` extensions, and nothing of what the comparison looks at: a change that the
comparison overlooks is a hole in it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from tests.openapi.reading import level_of, operations, resolve, weakest

JSON = Any
INFERRED = "inferred"
DOCUMENTED = {"level": "documented", "page": "REF", "section": "Made up"}
_ABOUT = ("x-provenance", "x-provenance-of", "x-inferred", "x-quoted")
# What is said for a reader, or for the console, and is no fact of the API.
_PROSE = {"description", "summary", "reason", "tags", "x-chart", "statement", "$ref"}
_KEYWORDS = {
    "type": "made-up",
    "enum": ["made-up"],
    "const": "made-up",
    "default": "made-up",
    "format": "email",
    "pattern": "^made-up$",
    "minLength": 3,
    "maxLength": 300,
    "minimum": -5,
    "maximum": 500_000,
    "exclusiveMinimum": -5,
    "multipleOf": 5,
    "minItems": 1,
    "maxItems": 20,
    "uniqueItems": True,
    "minProperties": 1,
    "additionalProperties": False,
    "not": {"const": "made-up"},
    "anyOf": [{"type": "string"}],
    "readOnly": True,
    "deprecated": True,
}
_MADE_UP: dict[str, JSON] = {
    "properties": {"type": "string"},
    "headers": {"schema": {"type": "string"}, "x-provenance": DOCUMENTED},
    "examples": {"value": {"made-up": 1}, "x-provenance": DOCUMENTED},
    "content": {"schema": {"type": "string"}},
    "links": {"operationId": "listWebsites", "x-provenance": DOCUMENTED},
    "responses": {"description": "", "content": {}, "x-provenance": DOCUMENTED},
    "kinds": {"status": 418, "code": "made-up", "message": "made up", "x-provenance": DOCUMENTED},
    "x-plans": {"title": "Made up", "requests_per_minute": 5, "x-provenance": DOCUMENTED},
    "uncounted": DOCUMENTED,
    "securitySchemes": {"type": "http", "scheme": "basic", "x-provenance": DOCUMENTED},
}
_MADE_UP_ITEMS: dict[str, JSON] = {
    "enum": "made-up",
    "required": "made_up",
    "type": "made-up",
    "parameters": {"name": "made_up", "in": "query", "schema": {"type": "string"}, "x-provenance": DOCUMENTED},
    "x-rules": {"id": "made-up", "rule": "true", "message": "Made up.", "x-provenance": DOCUMENTED},
    "x-cross-rules": {"id": "made-up", "rule": "true", "exchanges": {}, "x-provenance": DOCUMENTED},
    "servers": {"url": "https://made-up.example", "x-provenance": DOCUMENTED},
    "security": {},
}
_DOUBTFUL = {
    *("required", "example", "x-source", "x-unit", "status", "code", "message", "title", "requests_per_minute"),
    *("unknown", "denied"),
}
_SCHEMAS = {"schema", "items", "allOf", "properties"}


@dataclass(frozen=True)
class Mutant:
    """One change: what a mapping or list holds afterwards. `owner`: the operation it is seen in, None for none."""

    place: str
    what: str
    owner: str | None
    node: JSON
    after: JSON

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"

    def seen_by(self, look: Callable[[str | None], bool]) -> bool:
        """Make the change, look at the contract, and take it back."""
        before = self.node.copy()
        _fill(self.node, self.after)
        try:
            return look(self.owner)
        finally:
            _fill(self.node, before)


def _fill(node: JSON, content: JSON) -> None:
    node.clear()
    if isinstance(node, dict):
        node.update(content)
    else:
        node.extend(content)


def mutants(root: JSON) -> Iterator[Mutant]:
    """Every change to a document, each mapping and list once: where it is reached as something that is stated."""
    walk = _Walk(root)
    for name in ("servers", "x-plans", "x-rate-limit", "x-errors", "security", "x-cross-rules"):
        yield from walk.value(root[name], _At(f"/{name}", name))
    yield from walk.value(root["components"]["securitySchemes"], _At("/securitySchemes", "securitySchemes"))
    for operation in operations(root):
        yield from walk.value(operation.node, _At(f"/{operation.id}", "operation", operation.id))


@dataclass(frozen=True)
class _At:
    """Where the walk is. `key`: the keyword a value belongs to; of an entry of a map or list, that of it and a dot.

    `left_out`: entries of a map or list that are inferred.
    """

    place: str
    key: str
    owner: str | None = None
    level: str = "documented"
    left_out: tuple[str, ...] = ()

    def down(self, name: str | int, key: str, left_out: tuple[str, ...] = ()) -> _At:
        return replace(self, place=f"{self.place}/{name}", key=key, left_out=left_out)


class _Walk:
    def __init__(self, root: JSON) -> None:
        self.root = root
        self.seen: set[int] = set()
        self.keywords = itertools.cycle(_KEYWORDS)
        self.coded = "{code}" in str(root["x-errors"]["body"])

    def value(self, node: JSON, at: _At) -> Iterator[Mutant]:
        if isinstance(node, dict) and "$ref" in node:
            yield from self.value(resolve(self.root, node), at)
        if not isinstance(node, (dict, list)) or id(node) in self.seen:
            return
        level = weakest(at.level, level_of(node, at.level)) if isinstance(node, dict) else at.level
        if level == INFERRED and isinstance(node, dict):
            yield Mutant(at.place, "called documented", at.owner, node, {**node, "x-provenance": DOCUMENTED})
            return
        self.seen.add(id(node))
        here = replace(at, level=level)
        if isinstance(node, list):
            yield from self.items(node, here)
        else:
            yield from self.map(node, here) if at.key in _MADE_UP else self.node(node, here)

    def items(self, node: list[JSON], at: _At) -> Iterator[Mutant]:
        for index, item in enumerate(node):
            if _is_inferred(resolve(self.root, item)) or item in at.left_out:
                continue
            yield Mutant(at.place, f"without {index}", at.owner, node, _without(node, index))
            if isinstance(item, (dict, list)):
                yield from self.value(item, at.down(index, f"{at.key}."))
            else:
                yield Mutant(at.place, f"{index} altered", at.owner, node, _with(node, index, _other(item)))
        if at.key in _MADE_UP_ITEMS:
            yield Mutant(at.place, "one more", at.owner, node, [*node, _MADE_UP_ITEMS[at.key]])

    def map(self, node: dict[str, JSON], at: _At) -> Iterator[Mutant]:
        for name, member in node.items():
            if name in at.left_out:
                continue
            if not _is_inferred(resolve(self.root, member)):
                yield Mutant(at.place, f"without {name}", at.owner, node, _without(node, name))
                yield Mutant(at.place, f"{name} renamed", at.owner, node, {**_without(node, name), f"{name}x": member})
            yield from self.value(member, at.down(name, f"{at.key}."))
        new = "418" if at.key in ("responses", "uncounted") else "made-up"
        yield Mutant(at.place, "one more", at.owner, node, {**node, new: _MADE_UP[at.key]})

    def node(self, node: dict[str, JSON], at: _At) -> Iterator[Mutant]:
        for what, after in (*_otherwise(node), *_inferred(node), *_of_other_pages(node), *_quoted(node)):
            yield Mutant(at.place, what, at.owner, node, {**node, **after})
        inferred = node.get("x-inferred", {}).get("keywords", [])
        for name, value in node.items():
            if at.key == "examples." and name == "value":
                left_out = tuple(node.get("x-inferred", {}).get("members", ()))
                yield from self.example(node, name, at.down(name, "", left_out), "")
            elif name not in (*_ABOUT, *_PROSE, *inferred) and not self.is_prose(at.key, name):
                yield from self.keyword(node, name, value, at)
        if at.key.partition(".")[0] in _SCHEMAS:
            for keyword in [one for one in itertools.islice(self.keywords, 5) if one not in node]:
                yield Mutant(f"{at.place}/{keyword}", "added", at.owner, node, {**node, keyword: _KEYWORDS[keyword]})

    def keyword(self, node: dict[str, JSON], name: str, value: JSON, at: _At) -> Iterator[Mutant]:
        here = f"{at.place}/{name}"
        doubled = name == "type" and "enum" in node  # values say of which type they are
        entries = name in _MADE_UP or name in _MADE_UP_ITEMS  # each of them is removed
        if not doubled and not entries and self.is_stated(name, value):
            yield Mutant(here, "removed", at.owner, node, _without(node, name))
        if isinstance(value, (dict, list)):
            others = node.get("x-provenance-of", {}).get(name, {})
            left_out = tuple(member for member, source in others.items() if _is_inferred(source))
            yield from self.value(value, at.down(name, name, left_out))
        else:
            yield Mutant(here, "altered", at.owner, node, _with(node, name, _other(value)))
        if (name in _KEYWORDS or name in _DOUBTFUL) and not doubled:
            known = node.get("x-inferred", {})
            marked = {**known, "keywords": [*known.get("keywords", ()), name]}
            yield Mutant(here, "called inferred", at.owner, node, {**node, "x-inferred": marked})

    def is_stated(self, name: str, value: JSON) -> bool:
        """Whether something of a value is more than a guess."""
        if name == "x-resource":
            return bool({"unknown", "denied"} & value.keys() - set(value.get("x-inferred", {}).get("keywords", ())))
        return not _is_inferred(resolve(self.root, value))

    def is_prose(self, key: str, name: str) -> bool:
        """Texts of rules, what only this project uses, and the code of an error whose body has none."""
        if (key, name) == ("kinds.", "code"):
            return not self.coded
        return (key, name) in {
            ("x-rules.", "message"),
            ("x-cross-rules.", "message"),
            ("x-resource", "kind"),
            ("x-errors", "body"),  # a template; `test_examples.py` holds it against the schemas
        }

    def example(self, node: JSON, key: JSON, at: _At, path: str) -> Iterator[Mutant]:
        """Every value of an example altered, removed, and one added to every object."""
        value = node[key]
        if not isinstance(value, (dict, list)) or not value:
            yield Mutant(at.place, "altered", at.owner, node, _with(node, key, _other(value)))
            if path:
                yield Mutant(at.place, "removed", at.owner, node, _without(node, key))
            return
        if isinstance(value, dict):
            yield Mutant(at.place, "one more", at.owner, value, {**value, "made_up": 1})
        for name in value if isinstance(value, dict) else range(len(value)):
            inner = f"{path}.{name}" if path else str(name)
            if not any(f"{inner}.".startswith(f"{prefix}.") for prefix in at.left_out):
                yield from self.example(value, name, at.down(name, "", at.left_out), inner)


def _otherwise(node: dict[str, JSON]) -> Iterator[tuple[str, JSON]]:
    """Another level, page or section."""
    own = node.get("x-provenance")
    if own is not None:
        for level in sorted({"documented", "supplement", INFERRED} - {own["level"]}):
            yield f"called {level}", {"x-provenance": {**own, "level": level}}
        for name in ("page", "section"):
            yield f"another {name}", {"x-provenance": {**own, name: own[name] + "x"}}


def _inferred(node: dict[str, JSON]) -> Iterator[tuple[str, JSON]]:
    """What is inferred called no guess, and what is stated in its place left out."""
    inferred = node.get("x-inferred", {})
    for name in inferred.get("keywords", ()):
        left = [keyword for keyword in inferred["keywords"] if keyword != name]
        yield f"{name} called no guess", {"x-inferred": {**inferred, "keywords": left}}
    if "stated" in inferred:
        yield "nothing stated", {"x-inferred": _without(inferred, "stated")}


def _of_other_pages(node: dict[str, JSON]) -> Iterator[tuple[str, JSON]]:
    """What stands on another page said to stand on this one, or on a third."""
    others = node.get("x-provenance-of", {})
    for keyword, own in others.items():
        yield f"{keyword} of no other page", {"x-provenance-of": _without(others, keyword)}
        for name in [None] if "level" in own else list(own):
            third = DOCUMENTED if name is None else {**own, name: DOCUMENTED}
            yield f"{keyword} {name or ''} of a third page", {"x-provenance-of": {**others, keyword: third}}


def _quoted(node: dict[str, JSON]) -> Iterator[tuple[str, JSON]]:
    """A description of this project called a quotation, a quotation called none, and one that is altered."""
    if "description" not in node:
        return
    if node.get("x-quoted"):
        yield "called no quotation", {"x-quoted": False}
        yield "quoted otherwise", {"description": node["description"] + " Always."}
    else:
        yield "called a quotation", {"x-quoted": True}


def _is_inferred(node: JSON) -> bool:
    return isinstance(node, dict) and (level_of(node, "") == INFERRED or node.get("level") == INFERRED)


def _without(node: JSON, key: JSON) -> JSON:
    """A mapping or list without an entry."""
    if isinstance(node, dict):
        return {name: value for name, value in node.items() if name != key}
    return node[:key] + node[key + 1 :]


def _with(node: JSON, key: JSON, value: JSON) -> JSON:
    """A mapping or list with another entry."""
    return {**node, key: value} if isinstance(node, dict) else [*node[:key], value, *node[key + 1 :]]


def _other(value: JSON) -> JSON:
    """Another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1
    return f"{value}x" if isinstance(value, str) else "x"
