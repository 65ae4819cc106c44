"""Errors chosen by `Prefer`, by `__code` or by a fault: one answer, in the words of the documents, without nonsense."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from apicontract import Operation, bundled
from tests.openapi.facts import members_of
from tests.openapi.reading import contract, operations, responses
from tests.servers import OLD_SITE, PLATFORM_SITE, SITE, ZENOVAY, Server, serving

JSON = Any
NOW = "2026-02-07T12:00:40Z"
NEW, OLD = "zenovay@2026-02", "zenovay@2025-01"
CONTRACTS = {selector: bundled().load(selector) for selector in bundled().files}
FILES = {NEW: "zenovay-2026-02", OLD: "zenovay-2025-01", "analytics-platform@v2": "analytics-platform-v2"}
KEYS = {"zenovay": "zv_demo_pro", "analytics-platform": "ap_demo"}
ERRORS = [
    (selector, operation, status)
    for selector, found in CONTRACTS.items()
    for operation in found.operations
    for status in operation.statuses
    if status >= 400
]
IDS = [f"{selector}-{operation.id}-{status}" for selector, operation, status in ERRORS]
VARYING = {"x-request-id", "preference-applied", "x-mock-fault"}
NONSENSE = re.compile(r"\{[a-z_]+\}|\b0 bytes|must be valid|not invalid|'request'|\bNone\b|'' |must be\W*$")


@pytest.fixture(scope="module")
def new() -> Iterator[Server]:
    with serving("--quiet", "--now", NOW) as running:
        yield running


@pytest.fixture(scope="module")
def old() -> Iterator[Server]:
    with serving("--quiet", "--now", NOW, "--edition", "2025-01") as running:
        yield running


@pytest.fixture
def servers(new: Server, old: Server) -> dict[str, Server]:
    return {NEW: new, OLD: old, "analytics-platform@v2": new}


def ask(server: Server, selector: str, operation: Operation, **headers: str) -> httpx.Response:
    """Send a request without a body that names an operation, and in headers an error."""
    site = OLD_SITE if selector == OLD else SITE
    path = operation.path.format(websiteId=site, siteId=PLATFORM_SITE, trackingCode="ZV_abc123xyz")
    return server.request(operation.method, path, KEYS[selector.partition("@")[0]], headers=headers)


def stable(response: httpx.Response) -> list[tuple[str, str]]:
    """The headers of a response, without those that differ between any two requests or say which error was applied."""
    return sorted((name, value) for name, value in response.headers.items() if name not in VARYING)


def error_fields(selector: str, operation: str, status: int) -> set[str]:
    """The path of every member that a contract declares for an error."""
    root = contract(FILES[selector])
    node = next(found for found in operations(root) if found.id == operation)
    return members_of(root, responses(root, node)[str(status)]["content"]["application/json"]["schema"])


def undeclared(body: JSON, declared: set[str], path: str = "") -> Iterator[str]:
    """Yield the members of a body that are not declared; what stands in a member of any type is not looked at."""
    if not isinstance(body, dict) or not any(name.startswith(path) for name in declared):
        return
    for name, value in body.items():
        here = f"{path}{name}"
        if here not in declared:
            yield here
        if any(known.startswith(f"{here}.") for known in declared):
            yield from undeclared(value, declared, f"{here}.")


def wrong_with(selector: str, operation: Operation, response: httpx.Response) -> list[str]:
    """Return what is wrong with an error: its schema, its members, its words."""
    declared = operation.response(response.status_code)
    assert declared is not None
    assert declared.media is not None
    assert declared.media.schema is not None
    found = [violation.message for violation in declared.media.schema.violations(response.json())]
    found += undeclared(response.json(), error_fields(selector, operation.id, response.status_code))
    return found + NONSENSE.findall(response.text)


@pytest.mark.parametrize(("selector", "operation", "status"), ERRORS, ids=IDS)
def test_every_way_to_choose_an_error_gives_the_same_sensible_answer(
    servers: dict[str, Server], selector: str, operation: Operation, status: int
) -> None:
    server = servers[selector]
    preferred = ask(server, selector, operation, Prefer=f"code={status}")
    injected = ask(server, selector, operation, **{"X-Mock-Fault": str(status)})
    assert (preferred.status_code, preferred.headers["preference-applied"]) == (status, f"code={status}")
    assert (injected.status_code, injected.headers["x-mock-fault"]) == (status, str(status))
    assert preferred.content == injected.content
    assert stable(preferred) == stable(injected)
    assert wrong_with(selector, operation, preferred) == []


@pytest.mark.parametrize("selector", CONTRACTS)
def test_every_error_that_can_be_named_gives_a_sensible_answer(servers: dict[str, Server], selector: str) -> None:
    server = servers[selector]
    wrong, asked = [], 0
    for operation in CONTRACTS[selector].operations:
        refused = ask(server, selector, operation, **{"X-Mock-Fault": "no-such-error"})
        names = [name for name in refused.json()["valid"] if not name.isupper() and not name.isdigit()]
        for name in names:
            asked += 1
            found = wrong_with(selector, operation, ask(server, selector, operation, **{"X-Mock-Fault": name}))
            wrong += [f"{operation.id} {name}: {problem}" for problem in found]
    assert wrong == []
    assert asked > 5 * len(CONTRACTS[selector].operations)


@pytest.mark.parametrize(
    ("operation", "status", "error"),
    [
        ("listHeatmapPages", 500, {"message": "Failed to fetch heatmap data", "code": "GENERIC_ERROR"}),
        ("getWebsite", 403, {"message": "API key does not have access to this website", "code": "FORBIDDEN"}),
        ("getWebsite", 404, {"message": "Website not found", "code": "NOT_FOUND"}),
        ("listWebsites", 401, {"message": "Invalid or missing API key", "code": "UNAUTHORIZED"}),
    ],
)
def test_a_documented_body_comes_first_and_its_timestamp_is_the_clocks(
    new: Server, operation: str, status: int, error: dict[str, str]
) -> None:
    answer = ask(new, NEW, CONTRACTS[NEW].operation(operation), Prefer=f"code={status}").json()
    assert answer == {"success": False, "error": {**error, "timestamp": "2026-02-07T12:00:40.000Z"}}


def test_a_kind_of_error_is_worded_as_its_operation_documents_it(new: Server) -> None:
    heatmaps, websites = (CONTRACTS[NEW].operation(name) for name in ("listHeatmapPages", "getWebsite"))
    for name in ("server-error", "GENERIC_ERROR"):
        answer = ask(new, NEW, heatmaps, **{"X-Mock-Fault": name})
        assert answer.json()["error"]["message"] == "Failed to fetch heatmap data"
    answer = ask(new, NEW, websites, **{"X-Mock-Fault": "no-permission"})
    assert answer.json()["error"]["message"] == "Insufficient permissions"


def test_the_documented_400_of_2025_comes_first(old: Server) -> None:
    answer = ask(old, OLD, CONTRACTS[OLD].operation("getWebsite"), Prefer="code=400")
    assert answer.json()["error"]["details"] == {
        "parameter": "start_date",
        "provided": "invalid",
        "expected": "YYYY-MM-DD",
    }


@pytest.mark.parametrize("header", ["Prefer: code=429", "X-Mock-Fault: 429", "X-Mock-Fault: rate-limited"])
@pytest.mark.parametrize("key", ["zv_demo_pro", ""])
def test_a_429_at_40_seconds_past_the_minute_asks_to_wait_20(new: Server, header: str, key: str) -> None:
    name, _, value = header.partition(": ")
    answer = new.get(f"{ZENOVAY}/websites", key, headers={name: value})
    assert answer.headers["retry-after"] == "20"
    assert answer.headers["x-ratelimit-reset"] == "1770465660"
    assert answer.headers["x-ratelimit-remaining"] == "0"
    assert "Retry in 20 seconds" in answer.json()["error"]["message"]


def test_a_chosen_429_names_no_rule_that_could_be_switched_off(new: Server) -> None:
    for headers in ({"Prefer": "code=429"}, {"X-Mock-Fault": "429"}):
        assert "x-mock-rule" not in new.get(f"{ZENOVAY}/websites", "zv_demo_pro", headers=headers).headers


def test_seconds_to_wait_stand_in_the_body_of_a_429_only(old: Server) -> None:
    for _, operation, status in (error for error in ERRORS if error[0] == OLD):
        error = ask(old, OLD, operation, Prefer=f"code={status}").json()["error"]
        assert error.get("retry_after") == (20 if status == 429 else None), f"{operation.id} {status}"


def test_a_400_speaks_of_a_parameter_of_its_own_operation(new: Server) -> None:
    error = ask(new, NEW, CONTRACTS[NEW].operation("listCountries"), Prefer="code=400").json()["error"]
    assert error["message"] == "The 'range' parameter must be one of 24h, 7d, 30d, 90d, 1y"
    assert error["details"] == {"parameter": "range", "provided": "0", "expected": "one of 24h, 7d, 30d, 90d, 1y"}


def test_a_400_of_an_operation_without_parameters_names_none(new: Server) -> None:
    error = ask(new, NEW, CONTRACTS[NEW].operation("listWebsites"), Prefer="code=400").json()["error"]
    assert (error["message"], error["code"], "details" in error) == ("Invalid parameters", "VALIDATION_ERROR", False)


def test_a_chosen_refusal_of_a_body_is_that_of_a_real_one(new: Server) -> None:
    track = CONTRACTS[NEW].operation("trackEvent")
    path = track.path.format(trackingCode="ZV_abc123xyz")
    chosen = ask(new, NEW, track, Prefer="code=400")
    real = new.request("POST", path, json={})
    assert chosen.json() == real.json()
    chosen = ask(new, NEW, track, Prefer="code=413")
    assert "1048576 bytes" in chosen.json()["error"]["message"]
    chosen = ask(new, NEW, track, Prefer="code=415")
    real = new.request("POST", path, content=b"<a/>", headers={"Content-Type": "application/xml"})
    assert chosen.json() == real.json()


@pytest.mark.parametrize(
    ("selector", "given"),
    [(NEW, {"type", "session_id", "url", "device_type", "user_agent"}), (OLD, {"referrer"})],
)
def test_every_missing_member_of_a_body_is_named_at_once_as_in_the_contracts_example(
    servers: dict[str, Server], selector: str, given: set[str]
) -> None:
    track = CONTRACTS[selector].operation("trackEvent")
    assert track.body is not None
    code = "abc123def456" if selector == OLD else "ZV_abc123xyz"
    whole = track.body.content[0].sample
    body = {name: value for name, value in whole.items() if name in given}
    answer = servers[selector].request("POST", track.path.format(trackingCode=code), json=body).json()
    example = track.responses["400"].examples["missing-member"]
    assert {**answer["error"], "timestamp": ""} == {**example["error"], "timestamp": ""}
    assert f"An example: {json.dumps(whole)}" in answer["error"]["message"]
