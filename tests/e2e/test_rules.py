"""The contracts' CEL rules, on the answers the fixtures give over a real socket: every operation, many ways asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from apicontract import Contract, Operation, bundled
from contract_tests.reading.cel import Variables, holds
from tests.servers import OLD_SITE, PLATFORM_SITE, QUIET, SITE, Server, serving

CONTRACTS = {selector: bundled().load(selector) for selector in bundled().files}
SITES = {
    "zenovay@2026-02": ("zv_demo_enterprise", "websiteId", (SITE, QUIET)),
    "zenovay@2025-01": ("zv_demo_enterprise", "websiteId", (OLD_SITE, SITE)),
    "analytics-platform@v2": ("ap_demo", "siteId", (PLATFORM_SITE, "6507f1f77bcf86cd799439012")),
}
INSTANTS = ("2026-02-07T12:00:00Z", "2026-03-01T00:00:00Z", "2026-11-21T23:59:30Z")


@pytest.fixture(scope="module", params=[(selector, now) for selector in CONTRACTS for now in INSTANTS], ids="-".join)
def running(request: pytest.FixtureRequest) -> Iterator[tuple[Contract, Server]]:
    selector, now = request.param
    with serving("--contract", selector, "--now", now, "--quiet", "--no-rate-limit") as server:
        yield CONTRACTS[selector], server


def exchange(server: Server, contract: Contract, operation: Operation, given: Mapping[str, Any]) -> dict[str, Any]:
    key, _, _ = SITES[contract.selector]
    code = "abc123def456" if contract.edition == "2025-01" else "ZV_abc123xyz"
    texts = {name: str(value) for name, value in {"trackingCode": code, **given}.items()}
    query = {p.name: texts[p.name] for p in operation.parameters if p.location == "query" and p.name in texts}
    answer = server.request(operation.method, operation.path.format(**texts), key, params=query)
    assert answer.status_code == 200, answer.text
    defaults = {p.name: p.schema.default for p in operation.parameters if p.schema.default is not None}
    return {
        "body": answer.json(),
        "params": defaults | dict(given),
        "headers": headers_of(answer),
        "status": answer.status_code,
    }


def headers_of(answer: httpx.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


def variants(operation: Operation) -> Iterator[dict[str, Any]]:
    """The defaults, every enum value, and both bounds of every number."""
    yield {}
    for parameter in operation.parameters:
        if parameter.location == "query":
            node = parameter.schema.resolved
            for value in (*node.get("enum", ()), *(node[bound] for bound in ("minimum", "maximum") if bound in node)):
                yield {parameter.name: value}
    if operation.parameter("pathname"):
        yield {"pathname": "/pricing"}
        yield {"pathname": "/no/such/page"}


def test_every_rule_holds_however_it_is_asked(running: tuple[Contract, Server]) -> None:
    contract, server = running
    _, name, sites = SITES[contract.selector]
    checked, broken = set(), []
    for operation in contract.operations:
        if operation.method != "GET":
            continue
        for site in sites if operation.parameter(name) else sites[:1]:
            for given in variants(operation):
                variables = Variables(exchange(server, contract, operation, {name: site, **given}))
                for rule in operation.rules:
                    checked.add(rule.id)
                    if not holds(rule.expression, variables):
                        broken.append((operation.id, rule.id, site, given))
    assert broken == []
    assert len(checked) == len({rule.id for operation in contract.operations for rule in operation.rules}) > 10


def test_every_rule_across_operations_holds(running: tuple[Contract, Server]) -> None:
    contract, server = running
    _, name, sites = SITES[contract.selector]
    for site in sites:
        for rule in contract.cross_rules:
            exchanges = {
                alias: exchange(
                    server, contract, contract.operation(wanted.operation), {name: site, **wanted.parameters}
                )
                for alias, wanted in rule.exchanges.items()
            }
            assert holds(rule.expression, Variables(exchanges)), (rule.id, site)


def test_the_rules_see_a_figure_that_was_changed(running: tuple[Contract, Server]) -> None:
    contract, server = running
    _, name, sites = SITES[contract.selector]
    operation = next(found for found in contract.operations if found.id in ("getAnalyticsOverview", "getSitePageviews"))
    variables = exchange(server, contract, operation, {name: sites[0]})
    data = variables["body"].get("data", variables["body"])
    days = next(data[member] for member in ("daily_stats", "dailyStats", "chart") if member in data)
    figure = next(member for member, value in days[1].items() if isinstance(value, int))
    days[1][figure] += 1
    assert not all(holds(rule.expression, Variables(variables)) for rule in operation.rules)
