"""The table `openapi/statements/` as single facts, in the same form as those of a contract (`facts.py`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.openapi.facts import Fact, leaves, text, words
from tests.openapi.reading import FOLDER, read

JSON = Any
Pair = tuple[str, str, str]


@dataclass(frozen=True)
class Row:
    """One thing that a document states, and the contract that has to say it too."""

    contract: str
    page: str
    section: str
    kind: str
    what: str
    value: JSON

    @property
    def level(self) -> str:
        return "supplement" if self.page == "SUPPLEMENT" else "documented"

    @property
    def source(self) -> str:
        return f"{self.page}, {self.section} ({self.level})"


@dataclass(frozen=True)
class Table:
    """The operations that the documents name: their routes, and which need no key."""

    routes: dict[str, str]
    public: frozenset[str]

    def operations(self, who: str) -> list[str]:
        """The operations a row speaks of: named ones; `*`, all that need a key; `*{x}`, those with x in their path."""
        if not who.startswith("*"):
            return who.split(",")
        return [name for name, route in self.routes.items() if name not in self.public and who[1:] in route]


@cache
def rows(contract: str) -> list[Row]:
    """Read the rows that bind a contract."""
    found = []
    for path in sorted((FOLDER / "statements").glob("*.yaml")):
        table = read(path)
        if contract in table["contracts"]:
            for section, entries in table["sections"].items():
                for entry in entries:
                    assert list(entry) == ["kind", "what", "value"], entry
                    found.append(Row(contract, table["page"], section, *entry.values()))
    return found


@cache
def table_of(contract: str) -> Table:
    """The operations that the rows name."""
    routes = {row.what: row.value for row in rows(contract) if row.kind == "operation"}
    return Table(routes, frozenset(row.what for row in rows(contract) if row.kind == "public"))


def stated(contract: str, statuses: dict[str, list[str]]) -> dict[Fact, str]:
    """Return the facts that the documents state; of two levels the surer one counts.

    `statuses` of each operation: "every response has the header" is said of whatever responses there are.
    """
    found: dict[Fact, str] = {}
    for row in rows(contract):
        for subject, aspect, value in _KINDS[row.kind](table_of(contract), row, statuses):
            fact = (subject, aspect, value)
            found[fact] = min(row.level, found.get(fact, row.level))
    return found


_WORDS: dict[str, list[tuple[str, str]]] = {
    **{word: [] for word in ("optional", "required", "anything")},
    **{word: [("type", "boolean"), ("one of", word)] for word in ("true", "false")},
    **{word: [("format", text(word))] for word in ("date", "date-time", "uuid")},
    "open": [("additionalProperties", "true")],
}


def in_words(subject: str, said: str) -> Iterator[Pair]:
    """Read a few words as constraints: `string uuid`, `integer 1..100`, `string of a|b`, `string ^sr_`, `true`."""
    for word in said.replace(" of ", " of:").split():
        yield from ((subject, aspect, value) for aspect, value in _constraints(word))


def _constraints(word: str) -> list[tuple[str, str]]:
    if word in _WORDS:
        return _WORDS[word]
    if word.startswith("of:"):
        return [("one of", text(member)) for member in word[3:].split("|")]
    if word.startswith("^"):
        return [("pattern", text(word))]
    if word.startswith(">="):
        return [("minLength", word[2:])]
    if ".." in word:
        low, high = word.split("..")
        return [(name, bound) for name, bound in (("minimum", low), ("maximum", high)) if bound]
    return [("type", name) for name in word.split("|")]


def _tree(subject: str, members: JSON) -> Iterator[Pair]:
    """Every member of a body, by its path."""
    yield subject, "type", "object"
    for path, said in members.items():
        here = f"{subject} {path}"
        yield from in_words(here, said)
        if path.endswith("[]"):
            continue
        yield here, "member", "yes"
        if "optional" not in said.split():
            yield here, "always there", "yes"
        if any(other.startswith(f"{path}[].") for other in members):
            yield f"{here}[]", "type", "object"


def _places(table: Table, what: str) -> Iterator[str]:
    """`a,b 400,401 x` → `a 400 x`, `a 401 x`, `b 400 x`, `b 401 x`."""
    who, _, rest = what.partition(" ")
    which, _, name = rest.partition(" ")
    for operation in table.operations(who):
        for one in which.split(","):
            yield f"{operation} {one} {name}".rstrip()


def _operation(table: Table, row: Row, _statuses: JSON) -> Iterator[Pair]:
    yield row.what, "route", row.value
    yield row.what, "source", row.source


def _public(table: Table, row: Row, _statuses: JSON) -> Iterator[Pair]:
    yield row.what, "security", "[]"


def _server(table: Table, row: Row, _statuses: JSON) -> Iterator[Pair]:
    yield "server", "url", row.value
    yield "server", "source", row.source


def _security(table: Table, row: Row, _statuses: JSON) -> Iterator[Pair]:
    subject = f"security {row.what}"
    yield subject, "source", row.source
    yield "security", "accepts", row.what
    yield from [(subject, name, text(value) if name == "scheme" else value) for name, value in row.value.items()]


def _description(table: Table, row: Row, _statuses: JSON) -> Iterator[Pair]:
    for subject in _places(table, row.what):
        yield subject, "description", words(row.value)


def _descriptions(table: Table, row: Row, _statuses: JSON) -> Iterator[Pair]:
    for subject in _places(table, row.what):
        for path, prose in row.value.items():
            yield f"{subject} {path}", "description", words(prose)


def _parameter(table: Table, row: Row, _statuses: JSON) -> Iterator[Pair]:
    for subject in _places(table, row.what):
        yield subject, "source", row.source
        yield from in_words(subject, row.value)
        if "required" in row.value.split():
            yield subject, "always there", "yes"


def _keyword(table: Table, row: Row, _statuses: JSON) -> Iterator[Pair]:
    for subject in _places(table, row.what):
        if row.kind == "enum":
            yield from [(subject, "one of", text(member)) for member in row.value]
        else:
            yield subject, row.kind, text(row.value)


def _resource(table: Table, row: Row, _statuses: JSON) -> Iterator[Pair]:
    for subject in _places(table, row.what):
        yield from [(subject, name, kind) for name, kind in row.value.items()]


def _status(table: Table, row: Row, _statuses: JSON) -> Iterator[Pair]:
    for subject in _places(table, row.what):
        yield from [(subject, "status", "yes"), (subject, "source", row.source)]
        yield subject, "media type", "application/json"


def _body(table: Table, row: Row, _statuses: JSON) -> Iterator[Pair]:
    yield f"{row.what} body", "source", row.source
    if "required" in row.value:
        yield f"{row.what} body", "always there", "yes"


def _body_fields(table: Table, row: Row, _statuses: JSON) -> Iterator[Pair]:
    yield from _tree(f"{row.what} body", row.value)


def _fields(table: Table, row: Row, _statuses: JSON) -> Iterator[Pair]:
    for subject in _places(table, row.what):
        yield from _tree(subject, row.value)


def _example(table: Table, row: Row, _statuses: JSON) -> Iterator[Pair]:
    for place in _places(table, row.what):
        subject, _, name = place.rpartition(" ")
        yield f"{subject} example {name}", "source", row.source
        for path, value in leaves(row.value):
            yield f"{subject} example {name}", path or "value", text(value)


def _error(table: Table, row: Row, _statuses: JSON) -> Iterator[Pair]:
    subject = f"error {row.what}"
    if "status" in row.value:
        yield subject, "source", row.source
    for name, value in row.value.items():
        for one in value if name == "message has" else [text(value)]:
            yield subject, name, one


def _header(table: Table, row: Row, statuses: dict[str, list[str]]) -> Iterator[Pair]:
    name, _, where = row.what.partition(" on ")
    for subject in _headed(table, where, statuses):
        here = f"{subject}, header {name}"
        yield here, "source", row.source
        yield from in_words(here, row.value["is"])
        if "required" in row.value["is"].split():
            yield here, "always there", "yes"
        for key, aspect in (("figure", "x-source"), ("unit", "x-unit"), ("example", "example")):
            if key in row.value:
                yield here, aspect, text(row.value[key])
        if "says" in row.value:
            yield here, "description", row.value["says"]


def _headed(table: Table, where: str, statuses: dict[str, list[str]]) -> Iterator[str]:
    """The responses that have a header.

    `every response`; `every response to a key`, which no 401 is, perhaps `of any path` and perhaps `but 404`; or
    `every 429`. What is said of any path is said of errors that belong to no operation as well.
    """
    told, _, but = where.partition(" but ")
    if told in ("every response", "every response to a key of any path"):
        yield "no operation"
    for operation in table.routes:
        for status in set(statuses[operation]) - set(but.split(",")):
            to_key = operation not in table.public and status != "401" and "to a key" in told
            if to_key or told in ("every response", f"every {status}"):
                yield f"{operation} {status}"


def _rule(table: Table, row: Row, _statuses: JSON) -> Iterator[Pair]:
    operation, _, name = row.what.rpartition(" ")
    subject = f"{operation} rule {name}".strip()
    yield subject, "source", row.source
    yield subject, "rule", words(row.value["rule"])
    if "exchanges" in row.value:
        yield subject, "exchanges", text(row.value["exchanges"])


def _tracking(table: Table, row: Row, _statuses: JSON) -> Iterator[Pair]:
    yield f"{row.what} tracking", "source", row.source
    yield from [(f"{row.what} tracking", name, text(value)) for name, value in row.value.items()]


def _plan(table: Table, row: Row, _statuses: JSON) -> Iterator[Pair]:
    yield f"plan {row.what}", "source", row.source
    yield from [(f"plan {row.what}", name, text(value)) for name, value in row.value.items()]


def _window(table: Table, row: Row, _statuses: JSON) -> Iterator[Pair]:
    yield from [("limits", "source", row.source), ("limits", "window_seconds", text(row.value))]


def _uncounted(table: Table, row: Row, _statuses: JSON) -> Iterator[Pair]:
    for status in row.value:
        yield from [(f"uncounted {status}", "source", row.source), (f"uncounted {status}", "in the month", "yes")]


def _nothing(table: Table, row: Row, _statuses: JSON) -> Iterator[Pair]:
    yield from ()


_KINDS: dict[str, Callable[[Table, Row, Any], Iterator[Pair]]] = {
    "operation": _operation,
    "public": _public,
    "server": _server,
    "security": _security,
    "description": _description,
    "descriptions": _descriptions,
    "parameter": _parameter,
    "default": _keyword,
    "maximum": _keyword,
    "enum": _keyword,
    "effect": _keyword,
    "resource": _resource,
    "status": _status,
    "body": _body,
    "body-fields": _body_fields,
    "fields": _fields,
    "example": _example,
    "error": _error,
    "header": _header,
    "rule": _rule,
    "tracking": _tracking,
    "plan": _plan,
    "window": _window,
    "uncounted": _uncounted,
    "absent": _nothing,
    "no-parameters": _nothing,
    "no-status": _nothing,
    "note": _nothing,
}
