"""The page with the client report."""

from __future__ import annotations

from starlette.responses import Response

from mockserver.client_report.report import as_json, client_reports
from mockserver.console.context import PageContext
from mockserver.console.page import show
from mockserver.console.sending import read
from mockserver.console.served import named_keys
from mockserver.control.client_report import collect_knowledge


async def page(context: PageContext) -> Response:
    """Return the page, with a card for each client."""
    entries, dropped = await read(context)
    report = as_json(client_reports(entries, collect_knowledge(context.mock)), dropped=dropped)
    names = {key.id: f"{key.name} ({key.shown})" for key in named_keys(context)}
    return show(context, "clients.html", "clients", report=report, names=names)
