"""The contracts as OpenAPI documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.openapi.reading import CONTRACTS, FOLDER, contract, level_of, operations, responses, weakest

ZENOVAY = {
    "getAnalyticsOverview": "GET /analytics/{websiteId}",
    "listVisitors": "GET /analytics/{websiteId}/visitors",
    "listPages": "GET /analytics/{websiteId}/pages",
    "listCountries": "GET /analytics/{websiteId}/countries",
    "getTechnology": "GET /analytics/{websiteId}/technology",
    "listWebsites": "GET /websites",
    "getWebsite": "GET /websites/{websiteId}",
    "listHeatmapPages": "GET /heatmaps/{websiteId}/pages",
    "listReplaySessions": "GET /replays/{websiteId}/sessions",
    "listErrorGroups": "GET /errors/{websiteId}/groups",
    "getUsage": "GET /usage",
    "trackEvent": "POST /e/{trackingCode}",
    "getLiveVisitors": "GET /live/{trackingCode}",
    "sendHeartbeat": "POST /heartbeat",
}
PLATFORM = {
    "listSites": "GET /sites",
    "getSiteStats": "GET /sites/{siteId}/stats",
    "getSiteRealtime": "GET /sites/{siteId}/realtime",
    "listSiteEvents": "GET /sites/{siteId}/events",
    "getSitePageviews": "GET /sites/{siteId}/pageviews",
}
KINDS = {
    "unknown-path": 404,
    "method-not-allowed": 405,
    "unauthorized": 401,
    "no-permission": 403,
    "plan-refused": 403,
    "rate-limited": 429,
    "quota-exceeded": 429,
    "invalid-parameter": 400,
    "invalid-body": 400,
    "unsupported-media-type": 415,
    "body-too-large": 413,
    "no-access": 403,
    "not-found": 404,
    "server-error": 500,
}


@pytest.mark.parametrize("name", CONTRACTS)
def test_the_contract_is_a_valid_openapi_document(name: str) -> None:
    OpenAPIV31SpecValidator(contract(name)).validate()


@pytest.mark.parametrize(
    ("name", "expected"),
    [("zenovay-2026-02", ZENOVAY), ("zenovay-2025-01", ZENOVAY), ("analytics-platform-v2", PLATFORM)],
)
def test_the_contract_has_all_operations_and_no_other(name: str, expected: dict[str, str]) -> None:
    assert {operation.id: operation.name for operation in operations(contract(name))} == expected


@pytest.mark.parametrize("name", ["zenovay-2026-02", "zenovay-2025-01"])
def test_only_the_tracking_operations_are_public_and_at_the_root(name: str) -> None:
    root = contract(name)
    public = {operation.name.split()[1] for operation in operations(root) if operation.public}
    assert public == {"/e/{trackingCode}", "/live/{trackingCode}", "/heartbeat"}
    for path, item in root["paths"].items():
        assert ("servers" in item) == (path in public)


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_kind_of_error_is_worded(name: str) -> None:
    kinds = {kind: entry["status"] for kind, entry in contract(name)["x-errors"]["kinds"].items()}
    # PLATFORM has no 404 for a site: what is not found is forbidden.
    assert kinds == (KINDS | {"not-found": 403} if name == "analytics-platform-v2" else KINDS)


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_operation_declares_the_statuses_it_can_answer(name: str) -> None:
    root = contract(name)
    for operation in operations(root):
        expected = {"200", "500"}
        if not operation.public:
            expected |= {"401", "403", "429"}
        if name.startswith("zenovay"):
            names_resource = "{" in operation.name or operation.id == "sendHeartbeat"
            expected |= {"404"} if names_resource else set()
            expected |= {"400"} if not operation.public else set()
            expected |= {"400", "413", "415"} if "requestBody" in operation.node else set()
        elif any(parameter["$ref"].endswith("Range") for parameter in operation.node.get("parameters", [])[1:2]):
            expected |= {"400"}
        assert set(responses(root, operation)) == expected, operation.id


@pytest.mark.parametrize("name", CONTRACTS)
def test_nothing_in_the_contract_points_outside_of_it(name: str) -> None:
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    assert set(re.findall(r"\$ref: \"?([^#\"\s]*)#", text)) == {""}
    assert re.findall(r"^.{161,}$", text, re.MULTILINE) == []


def prose(node: Any, level: str, place: str = "") -> Iterator[tuple[str, Any, str]]:
    """Every mapping that can have a description, with the level it stands at."""
    if isinstance(node, dict):
        level = weakest(level, level_of(node, level))
        if "example" not in place.rpartition("/")[0]:
            yield place, node, level
    for name, member in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from prose(member, level, f"{place}/{name}")


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_member_of_a_body_has_a_description(name: str) -> None:
    found = [
        (f"{place}/{member}", schema)
        for place, node, _ in prose(contract(name)["components"]["schemas"], "documented")
        if isinstance(node.get("properties"), dict) and not place.endswith("/properties")
        for member, schema in node["properties"].items()
    ]
    assert len(found) >= 30
    assert [place for place, schema in found if len(schema.get("description", "")) < 5] == []


CLAIM = re.compile(
    r"\d|\b(always|never|must|only|at once|included|newest|oldest|sorted|descending|default|in the last)\b"
)


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_description_that_quotes_no_page_claims_nothing(name: str) -> None:
    """What is known beyond a name stands where it has a level, or where the whole is inferred."""
    root = contract(name)
    found = [
        f"{place}: {node['description']}"
        for part in ("paths", "components")
        for place, node, level in prose(root[part], "documented", f"/{part}")
        if isinstance(node.get("description"), str) and not node.get("x-quoted") and level != "inferred"
    ]
    assert len(found) >= 20
    assert [one for one in found if CLAIM.search(one.partition(": ")[2].lower())] == []


@pytest.mark.parametrize("name", CONTRACTS)
def test_only_what_is_documented_or_supplement_is_called_a_quotation(name: str) -> None:
    for place, node, level in prose(contract(name), "documented"):
        if node.get("x-quoted"):
            assert node["description"], place
            assert level != "inferred", place
