"""All 33 operations over a real socket: success, and every declared status on demand, valid against the contract."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import httpx
import pytest

from apicontract import Contract, Operation, bundled
from tests.servers import OLD_SITE, PLATFORM_SITE, SITE, Server, serving

CONTRACTS = {selector: bundled().load(selector) for selector in bundled().files}
OPERATIONS = [(selector, operation) for selector, contract in CONTRACTS.items() for operation in contract.operations]
KEYS = {"zenovay": "zv_demo_enterprise", "analytics-platform": "ap_demo"}
IDS = [f"{selector}-{operation.id}" for selector, operation in OPERATIONS]
SESSIONS = count(1)
BODIES: dict[str, Any] = {
    "trackEvent": {
        "type": "pageview",
        "url": "/pricing",
        "device_type": "desktop",
        "browser": "Chrome",
        "os": "macOS",
        "user_agent": "test",
    },
    "sendHeartbeat": {},
}


@pytest.fixture(scope="module")
def old() -> Iterator[Server]:
    with serving("--quiet", "--edition", "2025-01", "--no-rate-limit") as running:
        yield running


@pytest.fixture(scope="module")
def new() -> Iterator[Server]:
    with serving("--quiet", "--no-rate-limit") as running:
        yield running


def send(server: Server, selector: str, operation: Operation, **options: Any) -> httpx.Response:
    code = "abc123def456" if selector.endswith("2025-01") else "ZV_abc123xyz"
    site = OLD_SITE if selector.endswith("2025-01") else SITE
    path = operation.path.format(websiteId=site, siteId=PLATFORM_SITE, trackingCode=code)
    if operation.body is not None and "content" not in options:
        body = BODIES[operation.id] | {"session_id": f"session-{next(SESSIONS):04d}", "tracking_code": code}
        options["json"] = body
        if operation.id == "sendHeartbeat":
            track = next(found for found in CONTRACTS[selector].operations if found.id == "trackEvent")
            event = BODIES["trackEvent"] | {"session_id": body["session_id"]}
            server.request("POST", track.path.format(trackingCode=code), json=event).raise_for_status()
    return server.request(operation.method, path, KEYS[selector.partition("@")[0]], **options)


def faults(contract: Contract, operation: Operation, response: httpx.Response) -> list[str]:
    """What a response has that its contract does not say, or lacks."""
    declared = operation.response(response.status_code)
    if declared is None or declared.media is None or declared.media.schema is None:
        return [f"{response.status_code} is not declared with a schema"]
    found = [
        f"{violation.path}: {violation.message}" for violation in declared.media.schema.violations(response.json())
    ]
    for header in declared.headers:
        value = response.headers.get(header.name)
        if header.required and value is None:
            found.append(f"{header.name} is missing")
        if (
            value is not None
            and value.isdigit()
            and not header.schema.is_valid(int(value))
            and not header.schema.is_valid(value)
        ):
            found.append(f"{header.name}: {value}")
    if response.headers["content-type"] != declared.media.name:
        found.append(f"content-type {response.headers['content-type']}")
    return found


def test_there_are_33_operations() -> None:
    assert sorted(len(contract.operations) for contract in CONTRACTS.values()) == [5, 14, 14]


@pytest.mark.parametrize(("selector", "operation"), OPERATIONS, ids=IDS)
def test_every_operation_answers_as_its_contract_says(
    old: Server, new: Server, selector: str, operation: Operation
) -> None:
    response = send(old if selector.endswith("2025-01") else new, selector, operation)
    assert response.status_code == operation.success, response.text
    assert faults(CONTRACTS[selector], operation, response) == []


@pytest.mark.parametrize(("selector", "operation"), OPERATIONS, ids=IDS)
def test_every_declared_status_can_be_had_with_the_right_body_and_headers(
    old: Server, new: Server, selector: str, operation: Operation
) -> None:
    server = old if selector.endswith("2025-01") else new
    for status in operation.statuses:
        response = send(server, selector, operation, headers={"Prefer": f"code={status}"})
        assert response.status_code == status, response.text
        assert response.headers["preference-applied"] == f"code={status}"
        assert faults(CONTRACTS[selector], operation, response) == []
        by_query = send(server, selector, operation, params={"__code": status})
        assert (by_query.status_code, by_query.headers["preference-applied"]) == (status, f"code={status}")


@pytest.mark.parametrize(("selector", "operation"), OPERATIONS, ids=IDS)
def test_every_named_example_can_be_had(old: Server, new: Server, selector: str, operation: Operation) -> None:
    server = old if selector.endswith("2025-01") else new
    for response in operation.responses.values():
        for name, example in response.examples.items():
            prefer = f"code={response.status}, example={name}"
            answered = send(server, selector, operation, headers={"Prefer": prefer})
            assert (answered.status_code, answered.json()) == (int(response.status), example)


@pytest.mark.parametrize(("selector", "operation"), OPERATIONS, ids=IDS)
def test_made_answers_keep_the_schema_and_follow_the_seed(
    old: Server, new: Server, selector: str, operation: Operation
) -> None:
    server = old if selector.endswith("2025-01") else new
    first, again, other = (
        send(server, selector, operation, headers={"Prefer": f"dynamic=true, seed={seed}"}) for seed in (1, 1, 2)
    )
    assert faults(CONTRACTS[selector], operation, first) == []
    assert first.json() == again.json()
    assert other.status_code == operation.success


def test_a_preference_that_cannot_be_met_lists_what_can(new: Server) -> None:
    answer = new.get("/api/external/v1/websites", "zv_demo_pro", headers={"Prefer": "code=418"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json()["valid"]) == {"200", "400", "401", "403", "429", "500"}
    answer = new.get("/api/external/v1/websites?__example=nothing", "zv_demo_pro")
    assert answer.status_code == 400
    assert len(answer.json()["valid"]) > 2
    assert new.get("/api/external/v1/websites?__dynamic=perhaps", "zv_demo_pro").status_code == 400


def test_a_forced_error_counts_nothing() -> None:
    with serving() as server:
        path = "/api/external/v1/websites"
        before = server.get(path, "zv_demo_pro").headers["x-ratelimit-remaining"]
        forced = server.get(path, "zv_demo_pro", headers={"Prefer": "code=500"})
        assert forced.headers["x-ratelimit-remaining"] == before
        refused = server.get(path, "zv_demo_pro", headers={"Prefer": "code=429"})
        assert refused.headers["x-ratelimit-remaining"] == "0"
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        after = server.get(path, "zv_demo_pro")
        assert int(after.headers["x-ratelimit-remaining"]) in (int(before) - 1, 29)
        assert int(after.headers["x-usage-total"]) == int(forced.headers["x-usage-total"]) + 1
