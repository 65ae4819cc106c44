"""The verdict on every client that the traffic tells apart, and which documented errors it has met."""

from __future__ import annotations

from starlette.responses import Response

from mockserver.client_report.report import as_json, client_reports
from mockserver.console.page import show
from mockserver.console.sending import read
from mockserver.console.served import named_keys
from mockserver.console.visit import Visit
from mockserver.control.client_report import collect_knowledge


async def page(visit: Visit) -> Response:
    """A card for each client."""
    entries, dropped = await read(visit)
    report = as_json(client_reports(entries, collect_knowledge(visit.mock)), dropped=dropped)
    names = {key.id: f"{key.name} ({key.shown})" for key in named_keys(visit)}
    return show(visit, "clients.html", "clients", report=report, names=names)
