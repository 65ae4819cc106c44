"""The contracts as OpenAPI documents."""

from __future__ import annotations

import re

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.openapi.reading import CONTRACTS, FOLDER, contract, operations, responses

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
