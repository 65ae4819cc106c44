"""The contracts that traffic is judged by: those that are served, and other editions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from apicontract.contract import Contract
from apicontract.operations import Operation
from apicontract.parameters import Parameter
from mockserver.journal.entry import Entry


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The contracts that traffic is judged by. `served`: by selector. `others`: further editions of the same APIs.

    `live`: operations (selector, operationId) whose answers change within seconds. `keys`: the label of a key, by id.
    """

    served: Mapping[str, Contract]
    others: Sequence[Contract] = ()
    live: frozenset[tuple[str, str]] = frozenset()
    keys: Mapping[str, str] = field(default_factory=dict)
    _operations: dict[tuple[str, str], Operation] = field(default_factory=dict)

    def operation(self, entry: Entry) -> Operation | None:
        """Return the operation that answered an entry, or None."""
        if not entry.operation:
            return None
        name = (entry.contract, entry.operation)
        if name not in self._operations:
            self._operations[name] = self.served[entry.contract].operation(entry.operation)
        return self._operations[name]

    def is_live(self, entry: Entry) -> bool:
        """Whether the answer of an entry can change within seconds."""
        return (entry.contract, entry.operation) in self.live

    def elsewhere(self, entry: Entry, name: str) -> list[str]:
        """Return the other editions whose operation with this id has a query parameter of this name."""
        mine = self.served[entry.contract]
        return [
            other.selector
            for other in self.others
            if other.name == mine.name
            and other.selector != mine.selector
            and any(
                operation.id == entry.operation and name in {parameter.name for parameter in queries(operation)}
                for operation in other.operations
            )
        ]


def queries(operation: Operation) -> list[Parameter]:
    """Return the query parameters of an operation."""
    return [parameter for parameter in operation.parameters if parameter.location == "query"]
