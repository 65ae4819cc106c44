"""The page with the client report."""

from __future__ import annotations

from starlette.responses import Response

from mockserver.client_report.report import as_json, client_reports
from mockserver.console.context import PageContext
from mockserver.console.page import show
from mockserver.console.sending import read
from mockserver.control.client_report import collect_knowledge

_ORDER = ("fail", "pass", "not seen")
_MOST = 3
"""Maximum number of pieces of evidence for a clause, and of requests in each."""


async def page(context: PageContext) -> Response:
    """Return the page, with a card for each client: those that failed first."""
    entries, dropped = await read(context)
    report = as_json(client_reports(entries, collect_knowledge(context.mock)), dropped=dropped)
    clients = sorted(report["clients"], key=lambda client: _ORDER.index(client["verdict"]))
    return show(context, "clients.html", "clients", clients=clients, forgotten=report["forgotten"], most=_MOST)
