"""`/__mock/client-report`: the client report."""

from __future__ import annotations

from functools import lru_cache

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from apicontract.catalogue import bundled
from apicontract.contract import Contract
from mockserver.client_report.knowledge import Knowledge
from mockserver.client_report.report import as_json, client_reports
from mockserver.control.calls import as_response, get_mock
from mockserver.control.journal import find_journal, json_response, read_journal
from mockserver.engine.mock import Mock
from mockserver.journal.redaction import key_label
from mockserver.pipeline.problem import mock_problem


def client_report_routes() -> list[Route]:
    """Return the routes of the client report."""
    return [Route("/__mock/client-report", client_report, methods=["GET"])]


async def client_report(request: Request) -> Response:
    """Answer all clauses for every client of one space, or with `all=true` of all spaces."""
    mock = get_mock(request)
    unknown = [name for name in request.query_params if name != "all"]
    wanted = request.query_params.get("all", "false")
    if unknown or wanted not in ("true", "false"):
        return as_response(
            mock_problem(400, "The only parameter is all", parameter="all", valid=["all=true", "all=false"])
        )
    own = await find_journal(request)
    if isinstance(own, Response):
        return own
    journals = [own]
    if wanted == "true":
        journals = [pipeline.space.journal for pipeline in await mock.every_space()]
    known = collect_knowledge(mock)
    readings = [await read_journal(journal) for journal in journals]
    reports = [report for reading in readings for report in client_reports(reading.entries, known)]
    return json_response(as_json(reports, dropped=sum(reading.dropped for reading in readings)))


def collect_knowledge(mock: Mock) -> Knowledge:
    """Return the served contracts, the other editions of their APIs, and the operations with live data."""
    served = {api.contract.selector: api.contract for api in mock.apis}
    live = frozenset(
        (api.contract.selector, name) for api in mock.apis for name, endpoint in api.endpoints.items() if endpoint.live
    )
    keys = {key.id: key_label(key.secret, mock.settings) for api in mock.apis for key in api.keys.values()}
    return Knowledge(served, _others(served), live, keys)


@lru_cache(maxsize=16)
def load_bundled(selector: str) -> Contract:
    """Return a bundled contract; cached, because it never changes while the server runs."""
    return bundled().load(selector)


def _others(served: dict[str, Contract]) -> list[Contract]:
    names = {contract.name for contract in served.values()}
    selectors = [one for one in bundled().files if one not in served and one.partition("@")[0] in names]
    return [load_bundled(selector) for selector in selectors]
