"""The commands `mockserver keys` and `mockserver operations`."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from apicontract.operations import Operation
from mockserver.engine.load import load_apis
from mockserver.settings import Settings

Shown = Table | Text


def keys(settings: Settings) -> Iterator[Shown]:
    """Yield a table of keys for each contract with fixtures."""
    for api in load_apis(settings):
        table = _table(
            f"{api.contract.title} ({api.contract.selector})", "key", "plan", "per minute", "per month", "description"
        )
        for key in api.keys.values():
            plan = api.contract.plans.get(key.plan)
            month = "" if plan is None or plan.per_month is None else f"{plan.per_month:,}"
            table.add_row(key.secret, key.plan, str(plan.per_minute) if plan else "", month, key.description)
        if api.keys:
            yield table
        else:
            yield Text(f"{api.contract.selector}: no fixtures: any credential is accepted")


def operations(settings: Settings) -> Iterator[Shown]:
    """Yield a table of operations for each contract."""
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
                operation.provenance.level,
            )
        yield table


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
