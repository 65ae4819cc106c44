"""Every link of a contract, followed: what it takes from an answer is what the next operation wants."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis

from apicontract import bundled
from tests.openapi.reading import contract, operations, parameters, responses
from tests.servers import PLATFORM, ZENOVAY, Server, serving

JSON = Any
KEYS = {"zenovay": "zv_demo_pro", "analytics-platform": "ap_demo"}


@dataclass(frozen=True)
class Asked:
    """A request by its parts, and what came of it."""

    path: dict[str, JSON]
    query: dict[str, JSON]
    sent: JSON
    status: int
    body: JSON


def pointed(value: JSON, pointer: str) -> JSON:
    """What a JSON pointer leads to."""
    for step in pointer.split("/")[1:]:
        value = value[int(step) if isinstance(value, list) else step]
    return value


def evaluated(expression: JSON, asked: Asked) -> JSON:
    """A runtime expression (OpenAPI, Link Object)."""
    if not isinstance(expression, str) or not expression.startswith("$"):
        return expression
    source, _, pointer = expression.partition("#")
    known = {"$response.body": asked.body, "$request.body": asked.sent}
    if source in known:
        return pointed(known[source], pointer)
    return {"path": asked.path, "query": asked.query}[source.split(".")[1]][source.split(".")[2]]


def asking(server: Server, selector: str, operation_id: str, values: dict[str, JSON], body: JSON = None) -> Asked:
    """Send a request with some values of parameters, by name."""
    root = contract(selector.replace("@", "-"))
    operation = next(operation for operation in operations(root) if operation.id == operation_id)
    places = {parameter["name"]: parameter["in"] for parameter in parameters(root, operation)}
    assert set(values) <= set(places), f"{operation_id} takes {sorted(places)}"
    path = {name: value for name, value in values.items() if places[name] == "path"}
    query = {name: value for name, value in values.items() if places[name] == "query"}
    method, template = operation.name.split()
    before = "" if operation.public else ZENOVAY if selector.startswith("zenovay") else PLATFORM
    sent = {} if body is None else {"json": body}
    response = server.request(
        method, before + template.format(**path), KEYS[selector.partition("@")[0]], params=query, **sent
    )
    return Asked(path, query, body, response.status_code, response.json())


def example_of(node: JSON) -> JSON:
    """The first example of a body or parameter, which is that of the success."""
    return next(iter(node["examples"].values()))["value"] if "examples" in node else None


def start(server: Server, selector: str, operation_id: str) -> Asked:
    """Send the request that the contract shows first."""
    root = contract(selector.replace("@", "-"))
    operation = next(operation for operation in operations(root) if operation.id == operation_id)
    required = [parameter for parameter in parameters(root, operation) if parameter.get("required")]
    body = operation.node.get("requestBody", {}).get("content", {}).get("application/json", {})
    return asking(server, selector, operation_id, {p["name"]: example_of(p) for p in required}, example_of(body))


def links(selector: str) -> Iterator[tuple[str, str, JSON]]:
    """Every link: the operation whose answer has it, its name, and itself."""
    root = contract(selector.replace("@", "-"))
    for operation in operations(root):
        for name, link in responses(root, operation)["200"].get("links", {}).items():
            yield operation.id, name, link


@pytest.mark.parametrize("selector", sorted(bundled().files))
def test_every_link_leads_to_a_success(selector: str) -> None:
    now = "2025-01-08T12:00:00Z" if selector == "zenovay@2025-01" else "2026-02-07T12:00:00Z"
    followed = 0
    with serving("--quiet", "--contract", selector, "--no-rate-limit", "--now", now) as server:
        for operation_id, name, link in links(selector):
            first = start(server, selector, operation_id)
            assert first.status == 200, operation_id
            values = {parameter: evaluated(text, first) for parameter, text in link.get("parameters", {}).items()}
            body = None
            if link["operationId"] == "trackEvent":  # the answer names the website, the visit is the client's
                body = start(server, selector, "trackEvent").sent
            second = asking(server, selector, link["operationId"], values, body)
            assert second.status == 200, f"{operation_id} -> {name}: {second.body}"
            followed += 1
    assert followed == len(list(links(selector))) >= 6


@pytest.mark.parametrize("selector", sorted(bundled().files))
def test_links_lead_from_the_list_to_every_operation_that_names_something(selector: str) -> None:
    root = contract(selector.replace("@", "-"))
    first = {"zenovay": "listWebsites", "analytics-platform": "listSites"}[selector.partition("@")[0]]
    reached, new = {first}, {first}
    while new:
        new = {link["operationId"] for source, _, link in links(selector) if source in new} - reached
        reached |= new
    named = {operation.id for operation in operations(root) if "{" in operation.name}
    assert named <= reached


@pytest.mark.parametrize("selector", sorted(bundled().files))
def test_schemathesis_finds_the_links_for_its_stateful_tests(selector: str) -> None:
    document = json.loads(json.dumps(bundled().load(selector).document.root))
    found = schemathesis.openapi.from_dict(document).statistic.transitions
    assert (found.selected, found.total) == (len(list(links(selector))),) * 2
