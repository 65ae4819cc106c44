"""What the judges know of the APIs beside the traffic: their contracts, and those of other editions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from apicontract.contract import Contract
from apicontract.operations import Operation
from apicontract.parameters import Parameter
from mockserver.state.entry import Entry


@dataclass(frozen=True, slots=True)
class Knowledge:
    """`served` by selector; `others`: further editions of the same APIs. `live`: operations (selector, id) whose
    answers may differ from second to second."""

    served: Mapping[str, Contract]
    others: Sequence[Contract] = ()
    live: frozenset[tuple[str, str]] = frozenset()
    _operations: dict[tuple[str, str], Operation] = field(default_factory=dict)

    def operation(self, entry: Entry) -> Operation | None:
        """The operation that answered an entry."""
        if not entry.operation:
            return None
        name = (entry.contract, entry.operation)
        if name not in self._operations:
            self._operations[name] = self.served[entry.contract].operation(entry.operation)
        return self._operations[name]

    def is_live(self, entry: Entry) -> bool:
        """Whether asking again after seconds can be worth it."""
        return (entry.contract, entry.operation) in self.live

    def elsewhere(self, entry: Entry, name: str) -> list[str]:
        """The other editions whose operation of the same id has a query parameter of this name."""
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
    """The query parameters of an operation."""
    return [parameter for parameter in operation.parameters if parameter.location == "query"]
