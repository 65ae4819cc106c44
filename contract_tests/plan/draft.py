"""The draft of a plan: the steps written so far, in no order yet."""

from __future__ import annotations

from collections import Counter
from typing import Any

from apicontract import Contract, Operation, Parameter
from apicontract.provenance import LEVELS, weakest
from contract_tests.model.options import Options
from contract_tests.plan.step import Step, Which
from contract_tests.plan.values import example_of, longest_range, node_of, text_of
from contract_tests.plan.written import one_text, query_pairs
from contract_tests.reading.paging import enum_of, paging_of, range_of

Query = tuple[tuple[str, str], ...]
UNKNOWN_PARAMETER = ("contract_tests_unknown", "1")
MANY = 200
"""Records that are enough for one answer."""


class Draft:
    """Collects the steps of one contract. `turn` rotates variants over operations, so that each is tried somewhere."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.contract: Contract = options.contract
        reads = [operation for operation in self.contract.operations if operation.method == "GET"]
        self.reads = sorted(reads, key=_authority)  # documented operations first: they get the first of each kind
        self.steps: list[Step] = []
        self._turns = 0

    def turn(self) -> int:
        """Return the next number."""
        self._turns += 1
        return self._turns - 1

    def add(
        self,
        operation: Operation,
        kind: str,
        purpose: str,
        query: Query = (),
        *,
        role: str | None = None,
        which: Which = "first",
        without: str = "",
        **more: Any,
    ) -> None:
        """Add a step for an operation, with what its required parameters need; `without` leaves one of them out."""
        given = {name for name, _ in query} | {without}
        needed = tuple(
            pair
            for parameter in operation.parameters
            if parameter.location == "query" and parameter.required and parameter.name not in given
            for pair in query_pairs(parameter, example_of(parameter, operation))
        )
        headers = tuple(
            (parameter.name, one_text(parameter, example_of(parameter, operation)))
            for parameter in operation.parameters
            if parameter.location == "header" and parameter.required
        )
        self.steps.append(
            Step(
                purpose,
                "GET",
                operation.path,
                0,
                operation.id,
                (*needed, *query),
                headers,
                role=("main" if operation.security else "") if role is None else role,
                which=which,
                kind=kind,
                **more,
            )
        )

    def long_range(self, span: Parameter) -> str:
        """Return the range that most requests have: the one that cross rules compare, else the longest."""
        named = Counter(
            text_of(wanted.parameters[span.name])
            for rule in self.contract.cross_rules
            for wanted in rule.exchanges.values()
            if wanted.parameters.get(span.name, span.default) != span.default
            and wanted.parameters.get(span.name) in enum_of(span)
        )
        return named.most_common(1)[0][0] if named else text_of(longest_range(span))

    def wide(self, operation: Operation) -> Query:
        """Return the query that shows the most data in one answer."""
        query: list[tuple[str, str]] = []
        span, limit = range_of(operation), paging_of(operation).limit
        if span is not None:
            query.append((span.name, self.long_range(span)))
        if limit is not None:
            top = node_of(limit).get("maximum")
            query.append((limit.name, str(top if isinstance(top, int) and top <= MANY else MANY)))
        return tuple(query)


def path_parameters(operation: Operation) -> list[Parameter]:
    """Return the path parameters of an operation."""
    return [parameter for parameter in operation.parameters if parameter.location == "path"]


def query_parameters(operation: Operation) -> list[Parameter]:
    """Return the query parameters of an operation."""
    return [parameter for parameter in operation.parameters if parameter.location == "query"]


def _authority(operation: Operation) -> int:
    response = operation.response(operation.success)
    level = weakest(operation.provenance, response.provenance) if response else operation.provenance
    return LEVELS.index(level.level)
