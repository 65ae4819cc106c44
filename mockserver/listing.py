"""What the command line shows of contracts and fixtures: keys, operations, and whether all of it is in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.table import Table
from rich.text import Text

from mockserver.app import load_apis
from mockserver.contract.contract import Contract
from mockserver.contract.operations import Operation
from mockserver.settings import Settings

Shown = Table | Text


def keys(settings: Settings) -> Iterator[Shown]:
    """A table of keys for each contract that has fixtures."""
    for api in load_apis(settings):
        table = _table(
            f"{api.contract.title} ({api.contract.selector})", "key", "plan", "a minute", "a month", "what it is"
        )
        for key in api.keys.values():
            plan = api.contract.plans.get(key.plan)
            month = "" if plan is None or plan.per_month is None else f"{plan.per_month:,}"
            table.add_row(key.secret, key.plan, str(plan.per_minute) if plan else "", month, key.description)
        if api.keys:
            yield table
        else:
            yield Text(f"{api.contract.selector}: no fixtures, so any credential is accepted")


def operations(settings: Settings) -> Iterator[Shown]:
    """A table of operations for each contract."""
    for api in load_apis(settings):
        contract = api.contract
        columns = ("operation", "method", "path", "parameters", "statuses", "provenance")
        table = _table(f"{contract.title} ({contract.selector})", *columns)
        for operation in contract.operations:
            statuses = " ".join(operation.responses)
            table.add_row(
                operation.id,
                operation.method,
                operation.path,
                _parameters(operation),
                statuses,
                str(operation.provenance),
            )
        yield table


def validation(settings: Settings) -> Iterator[Shown]:
    """One line for each contract and for its fixtures.

    Raises:
        ContractError, FixtureError: the first thing that is not in order.
    """
    for api in load_apis(settings):
        _compile_schemas(api.contract)
        yield Text(f"{api.contract.selector}: {len(api.contract.operations)} operations, every schema compiles")
        if api.dataset is not None:
            yield Text(f"{api.contract.selector}: fixtures of {len(api.keys)} keys keep the contract")


def _compile_schemas(contract: Contract) -> None:
    for operation in contract.operations:
        for parameter in operation.parameters:
            _ = parameter.schema.validator
        contents: list[Any] = [response.content for response in operation.responses.values()]
        for media in [media for content in contents for media in content] + list(
            operation.body.content if operation.body else ()
        ):
            if media.schema is not None:
                _ = media.schema.validator


def _parameters(operation: Operation) -> str:
    return ", ".join(
        f"{parameter.name}"
        + ("" if parameter.required else "?")
        + (f" ({parameter.schema.expected})" * bool(parameter.schema.expected))
        for parameter in operation.parameters
    )


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", show_lines=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
