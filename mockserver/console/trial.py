"""“Try it”: sends what a form says through this server, and shows the answer."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote, urlencode

from starlette.responses import Response

from apicontract.operations import Operation
from mockserver.console.contracts import Trial, operation_named, show_operation, trial_of
from mockserver.console.curl import credentials, curl
from mockserver.console.sending import send as send_request
from mockserver.console.served import api_of, key_of
from mockserver.console.visit import Visit
from mockserver.control.calls import NotFoundError


async def send(visit: Visit) -> Response:
    """The page of the operation, with the answer in it."""
    contract, operation = operation_named(visit)
    api = api_of(visit, contract.selector)
    if api is None:
        raise NotFoundError(f"{contract.selector} is not served; start with --contract {contract.selector}.", [])
    trial = trial_of(visit, api, operation)
    path, query, headers = _request(operation, trial)
    headers += credentials(operation, key_of(visit, trial.key))
    if trial.prefer:
        headers.append(("Prefer", trial.prefer))
    body = trial.body if operation.body is not None else ""
    if body and operation.body is not None:
        headers.append(("Content-Type", operation.body.content[0].name))
    sent = await send_request(
        visit,
        operation.method,
        path,
        query,
        [(name.lower().encode("latin-1", "replace"), value.encode("latin-1", "replace")) for name, value in headers],
        body.encode(),
        "try it",
    )
    url = visit.request.url
    target = f"{url.scheme}://{url.netloc}{visit.root}{path}{'?' + query if query else ''}"
    own = [*headers, ("X-Test-Id", visit.test)] if visit.test else headers
    return show_operation(
        visit, contract, operation, replace(trial, sent=sent, curl=curl(target, operation.method, own, body))
    )


def _request(operation: Operation, trial: Trial) -> tuple[str, str, list[tuple[str, str]]]:
    """Path, query and headers; what was left empty is left out."""
    path, query, headers = operation.path, [], []
    for typed in trial.typed:
        name, value = typed.parameter.name, typed.value
        if typed.parameter.location == "path":
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        elif not value:
            continue
        elif typed.parameter.location == "query":
            query.append((name, value))
        elif typed.parameter.location == "header":
            headers.append((name, "".join(char for char in value if char.isprintable())))
    return path, urlencode(query), headers
