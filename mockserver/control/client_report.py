"""`/__mock/client-report`: what the traffic of each client proves about it."""

from __future__ import annotations

from functools import lru_cache

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from apicontract.catalogue import bundled
from apicontract.contract import Contract
from mockserver.client_report.knowledge import Knowledge
from mockserver.client_report.report import as_json, client_reports
from mockserver.control.calls import mock_of
from mockserver.control.journal import journal_of, json_response, read_journal, refusal
from mockserver.engine.mock import Mock
from mockserver.pipeline.problem import mock_problem


def client_report_routes() -> list[Route]:
    """The route of the report."""
    return [Route("/__mock/client-report", client_report, methods=["GET"])]


async def client_report(request: Request) -> Response:
    """Every clause for every client: of one space, or with `all=true` of every space of the server."""
    mock = mock_of(request)
    unknown = [name for name in request.query_params if name != "all"]
    wanted = request.query_params.get("all", "false")
    if unknown or wanted not in ("true", "false"):
        return refusal(mock_problem(400, "The only parameter is all", parameter="all", valid=["all=true", "all=false"]))
    own = await journal_of(request)
    if isinstance(own, Response):
        return own
    journals = [own]
    if wanted == "true":
        journals = [pipeline.space.journal for pipeline in await mock.every_space()]
    known = knowledge_of(mock)
    readings = [await read_journal(journal) for journal in journals]
    reports = [report for reading in readings for report in client_reports(reading.entries, known)]
    return json_response(as_json(reports, dropped=sum(reading.dropped for reading in readings)))


def knowledge_of(mock: Mock) -> Knowledge:
    """What there is to know of the contracts that are served, and of other editions of the same APIs."""
    served = {api.contract.selector: api.contract for api in mock.apis}
    live = frozenset(
        (api.contract.selector, name) for api in mock.apis for name, endpoint in api.endpoints.items() if endpoint.live
    )
    return Knowledge(served, _others(served), live)


@lru_cache(maxsize=16)
def load_bundled(selector: str) -> Contract:
    """A contract of the package, read once: it never changes while the server runs."""
    return bundled().load(selector)


def _others(served: dict[str, Contract]) -> list[Contract]:
    names = {contract.name for contract in served.values()}
    selectors = [one for one in bundled().files if one not in served and one.partition("@")[0] in names]
    return [load_bundled(selector) for selector in selectors]
