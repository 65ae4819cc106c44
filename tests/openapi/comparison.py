"""A contract beside the table of what the documents state: every difference, in both directions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from tests.openapi.facts import Fact, facts_of
from tests.openapi.reading import Operation, contract, operations, parameters, responses
from tests.openapi.table import rows, stated, table_of

JSON = Any


class Comparison:
    """The table of one contract, made ready to be held against any version of that contract."""

    def __init__(self, name: str) -> None:
        root = contract(name)
        self.name = name
        self.rows = rows(name)
        self._routes = table_of(name).routes
        self._stated: dict[str, dict[Fact, str]] = defaultdict(dict)
        self._sources: dict[str, set[str]] = defaultdict(set)
        statuses = {operation.id: list(responses(root, operation)) for operation in operations(root)}
        for fact, level in stated(name, statuses).items():
            if fact[1] == "source":
                self._sources[self._shared(fact[0])].add(fact[2])
            else:
                self._stated[self._owner(fact[0])][fact] = level
        self._sources["any"] = {row.source for row in self.rows}
        self._ruled_out = [row for row in self.rows if row.kind in ("no-parameters", "absent", "no-status")]

    def differences(self, root: JSON, whose: Operation | None = None) -> list[str]:
        """What is claimed and not stated, and what is stated and not claimed: of one operation, or of none."""
        claimed = facts_of(root, [whose])
        found = list(self._unstated(claimed))
        for fact, level in self._stated["" if whose is None else whose.id].items():
            if fact not in claimed:
                found.append(f"{_said(fact)}: {level}, and missing in the contract")
        return found + list(self._contrary(root, whose))

    def all_differences(self, root: JSON) -> list[str]:
        """The same of everything."""
        found = self.differences(root)
        for operation in operations(root):
            found += self.differences(root, operation)
        missing = sorted(set(self._routes) - {operation.id for operation in operations(root)})
        return found + [f"{name}: the operation is missing in the contract" for name in missing]

    def _unstated(self, claimed: dict[Fact, str]) -> Iterator[str]:
        for fact, level in claimed.items():
            if fact[1] == "source":
                if fact[2] not in self._sources[self._shared(fact[0])]:
                    yield f"{_said(fact)}: that page and section state no such thing"
            else:
                known = self._stated[self._owner(fact[0])].get(fact)
                if known != level:
                    yield f"{_said(fact)}: called {level}, " + (f"and is {known}" if known else "and no row states it")

    def _contrary(self, root: JSON, whose: Operation | None) -> Iterator[str]:
        """What a document says that there is not, and the contract has."""
        for row in self._ruled_out:
            who, _, rest = row.what.partition(" ")
            if whose is None or whose.id not in table_of(self.name).operations(who):
                continue
            if row.kind == "no-parameters":
                found = [p["name"] for p in parameters(root, whose)]
            elif row.kind == "absent":
                found = [p["name"] for p in parameters(root, whose) if rest == f"{p['in']} {p['name']}"]
            else:
                found = [rest] if rest in responses(root, whose) else []
            yield from (f"{whose.id} has {name}, and {row.page} says: {row.value}" for name in found)

    def _owner(self, subject: str) -> str:
        first = subject.partition(" ")[0].rstrip(",")
        return first if first in self._routes else ""

    def _shared(self, subject: str) -> str:
        """Operations share responses and parameters, which name one of the pages that state them."""
        owner = self._owner(subject)
        rest = subject[len(owner) :]
        return f"*{rest}" if owner and rest else subject


def _said(fact: Fact) -> str:
    return f"{fact[0]}, {fact[1]} {fact[2]}"
