"""Filter criteria for journal entries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from apicontract.errors import KINDS
from mockserver.engine.mock import Mock
from mockserver.form import BadInputError
from mockserver.journal.entry import Entry

JSON = Any
_STATUS = re.compile(r"0|[1-5]\d\d|[1-5]xx", re.IGNORECASE)
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Criteria:
    """A conjunction of tests; of the matching entries the newest `limit` are returned."""

    tests: tuple[Callable[[Entry], bool], ...] = ()
    limit: int = MOST

    def find(self, entries: Iterable[Entry]) -> list[Entry]:
        """Return the matching entries, oldest first."""
        found = [entry for entry in entries if all(test(entry) for test in self.tests)]
        return found[-self.limit :]


def read_criteria(given: Mapping[str, JSON], mock: Mock) -> Criteria:
    """Read criteria from query parameters or the members of a JSON body.

    Raises:
        BadInputError: A name or value is invalid.
    """
    tests: list[Callable[[Entry], bool]] = []
    limit = MOST
    for name, value in given.items():
        if name not in _NAMES:
            raise BadInputError(str(name)[:80], f"unknown criterion {name!r}", _NAMES)
        if isinstance(value, bool) and name != "matched":
            raise BadInputError(name, f"{name} cannot be {str(value).lower()}", [])
        if not isinstance(value, (str, int)) or (isinstance(value, str) and "\x00" in value):
            raise BadInputError(name, f"{name} must be a single string or number", [])
        if name == "limit":
            limit = _number(name, value, 1)
        elif value != "":
            tests.append(_TESTS[name](value, mock))
    return Criteria(tuple(tests), limit)


def _number(name: str, value: JSON, least: int) -> int:
    text = str(value)
    if not text.isascii() or not text.isdigit() or len(text) > 9 or not least <= int(text) <= 999_999_999:
        raise BadInputError(name, f"{name} must be a whole number from {least}, found {text[:40]!r}", [f"{least}…"])
    return int(text)


def _operation(value: JSON, mock: Mock) -> Callable[[Entry], bool]:
    known = sorted({operation.id for api in mock.apis for operation in api.contract.operations})
    return _one_of("operation", value, known, lambda entry: entry.operation)


def _contract(value: JSON, mock: Mock) -> Callable[[Entry], bool]:
    return _one_of("contract", value, [api.contract.selector for api in mock.apis], lambda entry: entry.contract)


def _method(value: JSON, _mock: Mock) -> Callable[[Entry], bool]:
    return _one_of("method", str(value).upper(), _METHODS, lambda entry: entry.method)


def _problem(value: JSON, mock: Mock) -> Callable[[Entry], bool]:
    kinds = dict.fromkeys([*KINDS, *(name for api in mock.apis for name in api.contract.errors.kinds)])
    return _one_of("problem", value, kinds, lambda entry: entry.problem)


def _one_of(name: str, value: JSON, known: Iterable[str], member: Callable[[Entry], str]) -> Callable[[Entry], bool]:
    valid = list(known)
    if value not in valid:
        raise BadInputError(name, f"unknown {name} {str(value)[:80]!r}", valid)
    return lambda entry: member(entry) == value


def _status(value: JSON, _mock: Mock) -> Callable[[Entry], bool]:
    text = str(value).lower()
    if not _STATUS.fullmatch(text):
        valid = ["200", "404", "429", "2xx", "4xx", "5xx", "0 (no answer)"]
        raise BadInputError("status", f"status must be a status or a class such as 4xx, found {text[:40]!r}", valid)
    return lambda entry: str(entry.status) == text or (text.endswith("xx") and str(entry.status)[0] == text[0])


def _key(value: JSON, mock: Mock) -> Callable[[Entry], bool]:
    """Match a key by ID or secret, or an unknown credential as the journal masks it."""
    ids = {key.secret: key.id for api in mock.apis for key in api.keys.values()}
    wanted = ids.get(str(value), str(value))
    if wanted not in ids.values() and "…" not in wanted:
        raise BadInputError("key", "no key has this id or secret", sorted(ids.values()))
    return lambda entry: entry.key == wanted


def _client(value: JSON, _mock: Mock) -> Callable[[Entry], bool]:
    """Match a client by address or user agent."""
    return lambda entry: value in (entry.client, entry.user_agent)


def _path(value: JSON, _mock: Mock) -> Callable[[Entry], bool]:
    return lambda entry: entry.path == value


def _search(value: JSON, _mock: Mock) -> Callable[[Entry], bool]:
    """Match a part of method, path and query, in either case."""
    wanted = str(value).lower()
    return lambda entry: wanted in f"{entry.method} {entry.target}".lower()


def _fault(value: JSON, _mock: Mock) -> Callable[[Entry], bool]:
    return lambda entry: str(value) in entry.fault


def _matched(value: JSON, _mock: Mock) -> Callable[[Entry], bool]:
    text = str(value).lower()
    if text not in ("true", "false"):
        raise BadInputError("matched", f"matched must be true or false, found {text[:40]!r}", ["true", "false"])
    return lambda entry: entry.matched == (text == "true")


def _since(value: JSON, _mock: Mock) -> Callable[[Entry], bool]:
    number = _number("since", value, 0)
    return lambda entry: entry.number > number


_TESTS: dict[str, Callable[[JSON, Mock], Callable[[Entry], bool]]] = {
    "operation": _operation,
    "status": _status,
    "key": _key,
    "client": _client,
    "method": _method,
    "path": _path,
    "search": _search,
    "contract": _contract,
    "problem": _problem,
    "fault": _fault,
    "matched": _matched,
    "since": _since,
}
_NAMES = (*_TESTS, "limit")
