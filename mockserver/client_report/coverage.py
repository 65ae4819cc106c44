"""Error coverage: the documented errors that a client has received."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from apicontract.contract import Contract
from mockserver.client_report.knowledge import Knowledge
from mockserver.journal.entry import Entry


@dataclass(frozen=True, slots=True)
class DocumentedError:
    """An error of a contract. `name`: its kind, or `getThing 404` if the contract has no `x-errors`.

    `met`: the numbers of the entries that got it.
    """

    contract: str
    name: str
    status: int
    code: str
    provenance: str
    met: tuple[int, ...]


def coverage(entries: Sequence[Entry], knowledge: Knowledge) -> list[DocumentedError]:
    """List the documented errors of every contract that was used, received or not."""
    used = {entry.contract for entry in entries if entry.contract}
    found: list[DocumentedError] = []
    for selector in sorted(used):
        contract = knowledge.served[selector]
        mine = [entry for entry in entries if entry.contract == selector and not (entry.broken or entry.is_from_mock)]
        found += _kinds(contract, mine) if contract.errors.has_own_format else _statuses(contract, mine)
    return found


def _kinds(contract: Contract, entries: Iterable[Entry]) -> list[DocumentedError]:
    met: dict[str, list[int]] = {}
    for entry in entries:
        if entry.problem:
            met.setdefault(entry.problem, []).append(entry.number)
    return [
        DocumentedError(
            contract.selector, kind.name, kind.status, kind.code, kind.provenance.level, tuple(met.get(kind.name, ()))
        )
        for kind in contract.errors.kinds.values()
    ]


def _statuses(contract: Contract, entries: Iterable[Entry]) -> list[DocumentedError]:
    met: dict[tuple[str, int], list[int]] = {}
    for entry in entries:
        if entry.status >= 400:
            met.setdefault((entry.operation, entry.status), []).append(entry.number)
    return [
        DocumentedError(
            contract.selector,
            f"{operation.id} {status}",
            int(status),
            "",
            response.provenance.level,
            tuple(met.get((operation.id, int(status)), ())),
        )
        for operation in contract.operations
        for status, response in operation.responses.items()
        if status.isdigit() and int(status) >= 400
    ]
