"""The “Try it” form: sends a request through this server, and shows the answer."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote, urlencode

from starlette.responses import Response

from apicontract.operations import Operation
from mockserver.console.context import PageContext
from mockserver.console.contracts import Trial, find_named_operation, read_trial, show_operation
from mockserver.console.curl import credentials, curl
from mockserver.console.sending import send as send_request
from mockserver.console.served import find_api, find_key
from mockserver.control.calls import NotFoundError


async def send(context: PageContext) -> Response:
    """Send the request of the form, and return the page of the operation with the answer."""
    contract, operation = find_named_operation(context)
    api = find_api(context, contract.selector)
    if api is None:
        raise NotFoundError(f"{contract.selector} is not served; start with --contract {contract.selector}.", [])
    trial = read_trial(context, api, operation)
    path, query, headers = _request(operation, trial)
    headers += credentials(operation, find_key(context, trial.key))
    if trial.prefer:
        headers.append(("Prefer", trial.prefer))
    body = trial.body if operation.body is not None else ""
    if body and operation.body is not None:
        headers.append(("Content-Type", operation.body.content[0].name))
    result = await send_request(
        context,
        operation.method,
        path,
        query,
        [(name.lower().encode("latin-1", "replace"), value.encode("latin-1", "replace")) for name, value in headers],
        body.encode(),
        "try it",
    )
    url = context.request.url
    target = f"{url.scheme}://{url.netloc}{context.root}{path}{'?' + query if query else ''}"
    own = [*headers, ("X-Test-Id", context.test)] if context.test else headers
    return show_operation(
        context, contract, operation, replace(trial, result=result, curl=curl(target, operation.method, own, body))
    )


def _request(operation: Operation, trial: Trial) -> tuple[str, str, list[tuple[str, str]]]:
    """Return path, query and headers, without empty fields."""
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
