"""Steps as requests, with the resources that the target turned out to have."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

from apicontract import Operation, Parameter
from contract_tests.client.credentials import Credential, bad_credential, credential_of
from contract_tests.model.exchange import Request
from contract_tests.model.keys import names_a_key, placeholder
from contract_tests.model.options import Options
from contract_tests.plan.step import Step
from contract_tests.plan.values import example_of, text_of
from contract_tests.plan.written import one_text
from contract_tests.reading.identifiers import unknown_id
from contract_tests.reading.records import find_lists
from contract_tests.reading.traffic import Traffic

JSON = Any
_ENOUGH = 3


def base_of(options: Options) -> str:
    """Return the path before the contract's own paths: the target's, unless it repeats the contract's base path."""
    path = urlsplit(options.target).path.rstrip("/")
    base = options.contract.base_path
    return path.removesuffix(base) if base and path.endswith(base) else path


def materialise(step: Step, traffic: Traffic, options: Options) -> Request | str:
    """Return the request of a step, or why it cannot be made."""
    operation = next((op for op in options.contract.operations if op.id == step.operation), None)
    resource = _resource(step, traffic, options, operation) if operation else {}
    if isinstance(resource, str):
        return resource
    query, headers = list(step.query), list(step.headers)
    if step.deferred is not None:
        more = step.deferred(traffic, resource)
        if isinstance(more, str):
            return more
        query += [(name, text_of(value)) for name, value in more.items() if name not in dict(query)]
    if step.role and (operation is None or operation.security):
        credential = _credential(step, options, operation)
        if isinstance(credential, str):
            return credential
        headers += credential.headers
        query += credential.query
    path = step.path
    for name, value in resource.items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    parts = urlsplit(options.target)
    url = f"{parts.scheme}://{parts.netloc}{base_of(options)}{path}"
    if query:
        url += "?" + "&".join(f"{quote(name)}={_quoted(text)}" for name, text in query)
    meant = {**resource, **dict(query)}
    return Request(step.method, url, tuple(headers), step.body, step.operation, meant, step.role, step.purpose)


def _resource(step: Step, traffic: Traffic, options: Options, operation: Operation) -> dict[str, str] | str:
    """Return the values of the path parameters, or why there are none."""
    found: dict[str, str] = {}
    for parameter in operation.parameters:
        if parameter.location == "path":
            value = _value(step, traffic, options, operation, parameter)
            if value is None:
                return _reason(step, parameter)
            found[parameter.name] = value
    return found


def _credential(step: Step, options: Options, operation: Operation | None) -> Credential | str:
    """Return the credential of a step's role, or why there is none."""
    role = "main" if step.role.startswith("invalid") else step.role
    key = options.keys.get(role)
    if key is None:
        return "needs a key (--api-key)" if role == "main" else f"needs a key for the role {role!r}"
    holder = operation or next(op for op in options.contract.operations if op.security)
    if step.role != role:
        credential = bad_credential(holder, step.role.partition(":")[2], step.scheme, key)
        return credential if credential is not None else "this kind of damage does not apply to the key"
    return credential_of(holder, placeholder(role), step.scheme)


def _quoted(text: str) -> str:
    """Quote a query value, but not the shell expression for a key: the transport quotes what it puts there."""
    return text if names_a_key(text) else quote(text, safe="/,")


def _value(step: Step, traffic: Traffic, options: Options, operation: Operation, parameter: Parameter) -> str | None:
    mains = ranked(traffic, operation, parameter)
    if step.which == "unknown":
        return unknown_id(parameter, traffic.ids(operation, parameter.name), options.seed)
    if step.which == "malformed":
        return "not-an-id"
    own = (
        traffic.ids(operation, parameter.name, step.role)
        if step.role not in ("", "main") and not step.role.startswith("invalid")
        else mains
    )
    if step.which == "foreign":
        return next((value for value in mains if value not in own), None) if own else None
    if step.which == "second":
        return mains[1] if len(mains) > 1 else None
    if own or mains:
        return (own or mains)[0]
    if operation.method not in ("GET", "HEAD") or (parameter.resource is not None and _was_listed(traffic)):
        return None
    return one_text(parameter, example_of(parameter, operation))


def _was_listed(traffic: Traffic) -> bool:
    """Return whether the key's resources were listed, so that an empty list means that there is none."""
    return any(view.comparable and view.role == "main" and not view.resource and view.lists for view in traffic.views)


def ranked(traffic: Traffic, operation: Operation, parameter: Parameter) -> list[str]:
    """Return the main key's resources in the order they are listed, those that turned out to be empty last.

    Several parameters can name one resource (its id, its tracking code): they share the order.
    """
    values = traffic.ids(operation, parameter.name)
    empty = _empty_ones(traffic) if len(values) > 1 else {}
    places = empty.get(parameter.name)
    if places is None:
        places = next((found for name, found in empty.items() if name != parameter.name), set())
    return sorted(values, key=lambda value: values.index(value) in places)


def _empty_ones(traffic: Traffic) -> dict[str, set[int]]:
    """Return the places of resources with empty lists only, for each path parameter."""
    masses: dict[tuple[str, str], list[int]] = {}
    for view in traffic.views:
        if view.comparable and view.resource and view.lists:
            for name, value in view.resource:
                masses.setdefault((name, value), []).append(mass_of(view.json))
    found: dict[str, set[int]] = {}
    for (name, value), sizes in masses.items():
        operation = next(op for op in traffic.contract.operations if any(p.name == name for p in op.parameters))
        values = traffic.ids(operation, name)
        places = found.setdefault(name, set())
        if value in values and len(sizes) >= _ENOUGH and not any(sizes):
            places.add(values.index(value))
    return found


def mass_of(body: JSON) -> int:
    """Return how many records an answer lists."""
    return sum(len(items) for items in find_lists(body).values())


def _reason(step: Step, parameter: Parameter) -> str:
    if step.which == "second":
        return f"the key lists only one {parameter.name}"
    if step.which == "foreign":
        return f"no value of {parameter.name} is known that the limited key must not see"
    return f"no value of {parameter.name} is known"
