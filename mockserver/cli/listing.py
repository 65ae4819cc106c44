"""The commands `mockserver keys` and `mockserver operations`, and how a command shows lines and tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rich.box import HEAVY_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from apicontract.operations import Operation
from apicontract.safetext.invisible import one_line, visible
from mockserver.engine.load import load_apis
from mockserver.settings import Settings


class Listing(NamedTuple):
    """A table as text."""

    title: str
    columns: Sequence[str]
    rows: list[Sequence[str]]


def keys(settings: Settings) -> Iterator[Listing | str]:
    """Yield a table of keys for each contract with fixtures."""
    for api in load_apis(settings):
        rows: list[Sequence[str]] = []
        for key in api.keys.values():
            plan = api.contract.plans.get(key.plan)
            month = "" if plan is None or plan.per_month is None else f"{plan.per_month:,}"
            rows.append((key.secret, key.plan, str(plan.per_minute) if plan else "", month, key.description))
        if rows:
            columns = ("key", "plan", "per minute", "per month", "description")
            yield Listing(f"{api.contract.title} ({api.contract.selector})", columns, rows)
        else:
            yield f"{api.contract.selector}: no fixtures: any credential is accepted"


def operations(settings: Settings) -> Iterator[Listing]:
    """Yield a table of operations for each contract."""
    for api in load_apis(settings):
        contract = api.contract
        columns = ("operation", "method", "path", "parameters", "statuses", "provenance")
        rows = [
            (
                operation.id,
                operation.method,
                operation.path,
                _parameters(operation),
                " ".join(operation.responses),
                operation.provenance.level,
            )
            for operation in contract.operations
        ]
        yield Listing(f"{contract.title} ({contract.selector})", columns, [*rows])


def _parameters(operation: Operation) -> str:
    return ", ".join(
        f"{parameter.name}"
        + ("" if parameter.required else "?")
        + (f" ({parameter.schema.expected})" * bool(parameter.schema.expected))
        for parameter in operation.parameters
    )


def show(items: Iterable[Listing | str]) -> None:
    """Print lines and tables. A stranger may have written them: neither control characters nor markup take effect."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=1_000)
    for item in items:
        shown = Text(visible(item)) if isinstance(item, str) else _table(item, boxed=console.is_terminal)
        console.print(shown, soft_wrap=not console.is_terminal)


def _table(listing: Listing, *, boxed: bool) -> Table:
    title = Text(one_line(listing.title), style="bold")
    table = Table(title=title, title_justify="left", box=HEAVY_HEAD if boxed else None)
    for column in listing.columns:
        table.add_column(column, overflow="fold")
    for row in listing.rows:
        table.add_row(*(Text(one_line(cell)) for cell in row))
    return table
