"""The command `mockserver report`: the client report of a running server as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.client.mock import Mock

JSON = Any
_MARKS = {"pass": "✓", "fail": "✗", "not seen": "·"}
_MOST = 5


def fetch_report(url: str, test_id: str, token: str, *, every: bool) -> JSON:
    """Fetch the report of a server: on its default space, one test (`test_id`), or all (`every`).

    Raises:
        MockError: The server does not answer, or refuses the request.
    """
    return Mock(url, test_id, token).call("GET", "/client-report" + ("?all=true" if every else ""))


def render_report(report: Mapping[str, JSON]) -> Iterator[str]:
    """Yield the lines of the report."""
    if not report["clients"]:
        yield "no client has sent a request"
    for client in report["clients"]:
        yield from _client(client)
        yield ""
    if report["forgotten"]:
        yield f"{report['forgotten']} older requests are no longer in the journal; `serve --journal-max` sets its size"
    failed = sum(client["verdict"] == "fail" for client in report["clients"])
    yield f"{report['verdict']}: {len(report['clients'])} clients, {failed} failed, {report['requests']} requests"


def _client(client: Mapping[str, JSON]) -> Iterator[str]:
    yield f"{client['name']}   {client['requests']} requests"
    width = max(len(ruling["clause"]) for ruling in client["clauses"])
    for ruling in client["clauses"]:
        verdict = ruling["verdict"]
        said = f"not seen: {ruling['note']}" if verdict == "not seen" else ruling["title"]
        yield f"  {_MARKS[verdict]} {ruling['clause']:<{width}}  {said}"
        if verdict == "fail":
            yield from (f"      {evidence['says']}" for evidence in ruling["evidence"][:_MOST])
            if ruling["occurrences"] > _MOST:
                yield f"      … {ruling['occurrences'] - _MOST} more"
            yield f"      → {ruling['advice']}"
    coverage = client["error_coverage"]
    yield f"  errors received: {coverage['met']} of {coverage['documented']}"
    by_contract: dict[str, tuple[list[str], list[str]]] = {}
    for error in coverage["errors"]:
        met, missing = by_contract.setdefault(error["contract"], ([], []))
        code = error["code"] or error["error"]
        name = f"{error['status']} {code} ({error['error']})" if code != error["error"] else f"{error['status']} {code}"
        (met if error["met"] else missing).append(name)
    for contract, (met, missing) in by_contract.items():
        yield f"      {contract}: received {', '.join(met) or 'none'}; not received {', '.join(missing) or 'none'}"
