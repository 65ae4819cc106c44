"""From a step to a request: the resources that the target turned out to have."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

from contract_tests.checks.expectation import unknown_id
from contract_tests.checks.records import lists_of
from contract_tests.checks.traffic import Traffic
from contract_tests.client.credentials import VARIABLE, broken, present, variable
from contract_tests.exchange import Request
from contract_tests.options import Options
from contract_tests.plan.step import Step
from contract_tests.plan.values import example_of, text_of
from mockserver.contract import Operation, Parameter

JSON = Any


def base_of(options: Options) -> str:
    """The path that stands before the contract's own paths: the target's, unless it repeats the contract's base path."""
    path = urlsplit(options.target).path.rstrip("/")
    base = options.contract.base_path
    return path.removesuffix(base) if base and path.endswith(base) else path


def materialise(step: Step, traffic: Traffic, options: Options) -> Request | str:
    """The request, or why it cannot be made."""
    operation = next((op for op in options.contract.operations if op.id == step.operation), None)
    resource: dict[str, str] = {}
    for parameter in operation.parameters if operation else ():
        if parameter.location == "path":
            value = _value(step, traffic, options, operation, parameter)  # type: ignore[arg-type]
            if value is None:
                return _reason(step, parameter)
            resource[parameter.name] = value
    query = list(step.query)
    if step.late is not None:
        more = step.late(traffic, resource)
        if isinstance(more, str):
            return more
        query += [(name, text_of(value)) for name, value in more.items() if name not in dict(query)]
    headers = list(step.headers)
    if step.role and operation is None or operation is not None and operation.security and step.role:
        holder = operation or next(op for op in options.contract.operations if op.security)
        key = options.keys.get("main" if step.role.startswith("invalid") else step.role)
        if key is None:
            return f"needs a key for the role {step.role.partition(':')[0]!r}" if step.role != "main" else "needs a key (--api-key)"
        if step.role.startswith("invalid"):
            credential = broken(holder, step.role.partition(":")[2], step.scheme, key)
            if credential is None:
                return "this key cannot be broken in this way"
        else:
            credential = present(holder, f"${variable(step.role)}", step.scheme)
        headers += credential.headers
        query += credential.query
    path = step.path
    for name, value in resource.items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    parts = urlsplit(options.target)
    url = f"{parts.scheme}://{parts.netloc}{base_of(options)}{path}"
    if query:
        url += "?" + "&".join(f"{quote(name)}={_quoted(text)}" for name, text in query)
    return Request(
        step.method, url, tuple(headers), step.body, step.operation, {**resource, **dict(query)}, step.role, step.purpose
    )


def _quoted(text: str) -> str:
    """A query value; a key's shell expression stays readable, the transport quotes what it puts there."""
    return text if text.startswith(f"${VARIABLE}") else quote(text, safe="/")


def _value(step: Step, traffic: Traffic, options: Options, operation: Operation, parameter: Parameter) -> str | None:
    mains = ranked(traffic, operation, parameter)
    if step.which == "unknown":
        return unknown_id(parameter, traffic.ids(operation, parameter.name), options.seed)
    if step.which == "malformed":
        return "not-an-id"
    own = traffic.ids(operation, parameter.name, step.role) if step.role not in ("", "main") and not step.role.startswith("invalid") else mains
    if step.which == "foreign":
        return next((value for value in mains if value not in own), None) if own else None
    if step.which == "second":
        return mains[1] if len(mains) > 1 else None
    if own or mains:
        return (own or mains)[0]
    return text_of(example_of(parameter, operation)) if _is_guessable(operation) else None


def _is_guessable(operation: Operation) -> bool:
    return operation.method in ("GET", "HEAD")


def ranked(traffic: Traffic, operation: Operation, parameter: Parameter) -> list[str]:
    """The main key's resources: those that answers have shown to hold data first, those that looked empty last."""
    values = traffic.ids(operation, parameter.name)
    weights: dict[str, int] = {}
    for view in traffic.views if len(values) > 1 else ():
        for name, value in view.resource if view.plain else ():
            if name == parameter.name:
                weights[value] = max(weights.get(value, 0), mass_of(view.json))
    return sorted(values, key=lambda value: 0 if weights.get(value, 0) > 0 else 1 if value not in weights else 2)


def mass_of(body: JSON) -> int:
    """How many records an answer lists."""
    return sum(len(items) for items in lists_of(body).values())


def _reason(step: Step, parameter: Parameter) -> str:
    if step.which == "second":
        return f"the key lists only one {parameter.name}"
    if step.which == "foreign":
        return f"no {parameter.name} is known that the limited key must not see"
    return f"no {parameter.name} is known"
