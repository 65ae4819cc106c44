"""`/__mock/requests`: list, find, count, export (HAR) and clear the journal; unmatched requests with near misses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from apicontract.har import decode_body
from apicontract.safetext.invisible import json_escaped
from mockserver.clock import rfc3339
from mockserver.control.calls import as_response, get_mock
from mockserver.control.criteria import Criteria, read_criteria
from mockserver.control.har import to_har
from mockserver.control.nearmiss import NearMiss, near_misses
from mockserver.control.space import own_version
from mockserver.form import BadInputError
from mockserver.journal.entry import Entry
from mockserver.journal.journal import Journal, Reading
from mockserver.journal.masked import Pairs
from mockserver.pipeline.body import GoneError, TooLargeError, read_body
from mockserver.pipeline.problem import mock_problem
from mockserver.state.spaces import NAME_RULE

JSON = Any
_REQUESTS = "/__mock/requests"


def journal_routes() -> list[Route]:
    """Return the routes of the journal."""
    return [
        Route(_REQUESTS, list_requests, methods=["GET"]),
        Route(_REQUESTS, clear_requests, methods=["DELETE"]),
        Route(f"{_REQUESTS}.har", export_har, methods=["GET"]),
        Route(f"{_REQUESTS}/count", count_requests, methods=["GET", "POST"]),
        Route(f"{_REQUESTS}/find", list_requests, methods=["POST"]),
        Route(f"{_REQUESTS}/unmatched", list_unmatched, methods=["GET"]),
        Route(f"{_REQUESTS}/{{number}}", show_request, methods=["GET"]),
    ]


async def list_requests(request: Request) -> Response:
    """List the matching entries, oldest first."""
    asked = await _asked(request)
    if isinstance(asked, Response):
        return asked
    criteria, (entries, dropped) = asked
    found = criteria.find(entries)
    return json_response(
        {
            "requests": [entry_json(entry) for entry in found],
            "found": len(found),
            "kept": len(entries),
            "forgotten": dropped,
        }
    )


async def count_requests(request: Request) -> Response:
    """Count the matching entries."""
    asked = await _asked(request)
    if isinstance(asked, Response):
        return asked
    criteria, (entries, dropped) = asked
    return json_response({"count": len(criteria.find(entries)), "kept": len(entries), "forgotten": dropped})


async def list_unmatched(request: Request) -> Response:
    """List the matching entries without an operation, each with its near misses."""
    asked = await _asked(request)
    if isinstance(asked, Response):
        return asked
    criteria, (entries, _) = asked
    contracts = [api.contract for api in get_mock(request).apis]
    found = [entry for entry in criteria.find(entries) if not entry.matched]
    shown = [
        {**entry_json(entry), "near_misses": [_miss_json(miss) for miss in near_misses(entry, contracts)]}
        for entry in found
    ]
    return json_response({"requests": shown, "found": len(shown)})


async def show_request(request: Request) -> Response:
    """Show an entry by its number."""
    asked = await _asked(request)
    if isinstance(asked, Response):
        return asked
    entries, wanted = asked[1].entries, request.path_params["number"]
    for entry in entries:
        if str(entry.number) == wanted:
            return json_response(entry_json(entry))
    kept = f"{entries[0].number} to {entries[-1].number}" if entries else "none"
    return as_response(mock_problem(404, "The journal has no request with this number", valid=[kept]))


async def export_har(request: Request) -> Response:
    """Export the matching entries as a HAR file."""
    asked = await _asked(request)
    if isinstance(asked, Response):
        return asked
    criteria, (entries, _) = asked
    document = orjson.dumps(to_har(criteria.find(entries), own_version()), option=orjson.OPT_INDENT_2)
    body = json_escaped(document.decode())
    disposition = {"content-disposition": 'attachment; filename="requests.har"'}
    return Response(body, media_type="application/json", headers=disposition)


async def clear_requests(request: Request) -> Response:
    """Remove all entries of a space."""
    found = await find_journal(request)
    if isinstance(found, Response):
        return found
    if found is not None:
        await found.clear()
    return Response(status_code=204)


async def _asked(request: Request) -> Response | tuple[Criteria, Reading]:
    """Return the criteria of a request and the journal of its space, or the refusal of invalid criteria."""
    journal = await find_journal(request)
    if isinstance(journal, Response):
        return journal
    given: Mapping[str, JSON] = dict(request.query_params)
    if request.method == "POST":
        body = await _body(request)
        if isinstance(body, Response):
            return body
        given = {**given, **body}
    try:
        criteria = read_criteria(given, get_mock(request))
    except BadInputError as error:
        return as_response(mock_problem(400, error.message, parameter=error.parameter, valid=error.valid))
    return criteria, await read_journal(journal)


async def _body(request: Request) -> Response | dict[str, JSON]:
    headers = dict(request.scope["headers"])
    try:
        raw = await read_body(request.receive, headers, get_mock(request).settings.max_body)
        value = orjson.loads(raw) if raw else {}
    except (TooLargeError, GoneError, orjson.JSONDecodeError):
        value = None
    if isinstance(value, dict):
        return value
    return as_response(
        mock_problem(400, "The criteria must be a JSON object", valid=['{"operation": "...", "status": 429}'])
    )


async def find_journal(request: Request) -> Journal | Response | None:
    """Return the journal of the addressed space, None if switched off, or the refusal of an invalid `X-Test-Id`."""
    pipeline = await get_mock(request).addressed_pipeline(request.headers.get("x-test-id"))
    if pipeline is None:
        return as_response(mock_problem(400, f"X-Test-Id is {NAME_RULE}", parameter="X-Test-Id", valid=[NAME_RULE]))
    return pipeline.space.journal


async def read_journal(journal: Journal | None, after: int = 0) -> Reading:
    """Return the masked entries with a number above `after`; none if the journal is switched off."""
    return Reading([], 0) if journal is None else await journal.read(after)


def entry_json(entry: Entry) -> dict[str, JSON]:
    """Return an entry as JSON."""
    return {
        "number": entry.number,
        "at": rfc3339(entry.at),
        "milliseconds": round(entry.seconds * 1000, 3),
        "line": entry.line,
        "operation": entry.operation,
        "contract": entry.contract,
        "parameters": entry.parameters,
        "key": entry.key,
        "problem": entry.problem,
        "rule": entry.rule,
        "fault": entry.fault,
        "preference": entry.preference,
        "test_id": entry.test_id,
        "client": entry.client,
        "user_agent": entry.user_agent,
        "request": {
            "method": entry.method,
            "path": entry.path,
            "query": entry.query,
            "headers": _headers(entry.headers),
            **_content(entry.body),
        },
        "response": {
            "status": entry.status,
            "headers": _headers(entry.answer_headers),
            **_content(entry.answer_body),
        },
    }


def _headers(pairs: Pairs) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _content(body: bytes) -> dict[str, JSON]:
    """Return a body as member `json`, `text` or `base64`; empty for an empty body."""
    if not body:
        return {}
    try:
        return {"json": orjson.loads(body)}
    except orjson.JSONDecodeError:
        text, encoding = decode_body(body)
        return {encoding or "text": text}


def _miss_json(miss: NearMiss) -> dict[str, JSON]:
    return {
        "method": miss.method,
        "path": miss.path,
        "operation": miss.operation,
        "contract": miss.contract,
        "distance": miss.distance,
        "why": list(miss.why) or ["no difference: the path is served now"],
    }


def json_response(value: Mapping[str, JSON] | Iterable[JSON]) -> Response:
    """Return a JSON response."""
    return Response(json_escaped(orjson.dumps(value).decode()), media_type="application/json")
