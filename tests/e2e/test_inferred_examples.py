"""Examples that no document states: errors are what the mock answers, to the letter; instants are written alike."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from apicontract import Contract, bundled
from tests.lab import Lab
from tests.servers import OLD_SITE, PLATFORM, PLATFORM_SITE, SITE, ZENOVAY, serving

NEW, OLD, V2 = "zenovay@2026-02", "zenovay@2025-01", "analytics-platform@v2"
NOW = {NEW: "2026-02-07T12:00:00Z", OLD: "2025-01-08T12:00:00Z", V2: "2025-03-28T12:00:00Z"}
AT = {(NEW, "minute"): "2026-02-07T12:00:18Z", (OLD, "minute"): "2025-01-08T12:00:18Z", (OLD, "month"): "2025-01-31"}
LARGE: dict[str, Any] = {"content": b"x" * (1024 * 1024 + 1), "headers": {"Content-Type": "application/json"}}
XML: dict[str, Any] = {"content": b"<a/>", "headers": {"Content-Type": "application/xml"}}
BROKEN = {"headers": {"Prefer": "code=500"}}
EVENT = {
    "type": "pageview",
    "session_id": "0f9b2c7e51aa",
    "url": "/",
    "device_type": "desktop",
    "user_agent": "Mozilla/5.0",
}
LIST, UNKNOWN = f"{ZENOVAY}/websites", f"{ZENOVAY}/websites/00000000-0000-4000-8000-000000000000"
TRACK = {NEW: "/e/ZV_abc123xyz", OLD: "/e/abc123def456"}
STATS = f"{PLATFORM}/sites/{PLATFORM_SITE}/stats"
# (contract, example) → path, key, and what else is asked; a body is posted
ASKED: dict[tuple[str, str], tuple[str, str, dict[str, Any]]] = {
    (NEW, "invalid-parameters"): (LIST, "zv_demo_pro", {"headers": {"Prefer": "code=400"}}),
    (NEW, "invalid-limit"): (f"{ZENOVAY}/heatmaps/{SITE}/pages?limit=500", "zv_demo_pro", {}),
    (NEW, "missing-member"): (TRACK[NEW], "", {"json": EVENT}),
    (NEW, "no-permission"): (LIST, "zv_demo_noperm", {}),
    (NEW, "paid-plan-required"): (LIST, "zv_demo_free", {}),
    (NEW, "minute"): (LIST, "zv_demo_pro", {}),
    (NEW, "month"): (LIST, "zv_demo_exhausted", {}),
    (NEW, "broken"): (LIST, "zv_demo_pro", BROKEN),
    (NEW, "too-large"): (TRACK[NEW], "", LARGE),
    (NEW, "no-json"): (TRACK[NEW], "", XML),
    (OLD, "invalid-range"): (f"{ZENOVAY}/analytics/{OLD_SITE}?timeRange=1y", "zv_demo_pro", {}),
    (OLD, "missing-member"): (TRACK[OLD], "", {"json": {}}),
    (OLD, "invalid-key"): (LIST, "zv_wrong", {}),
    (OLD, "no-permission"): (LIST, "zv_demo_noperm", {}),
    (OLD, "not-found"): (UNKNOWN, "zv_demo_pro", {}),
    (OLD, "minute"): (LIST, "zv_demo_pro", {}),
    (OLD, "month"): (LIST, "zv_demo_exhausted", {}),
    (OLD, "broken"): (LIST, "zv_demo_pro", BROKEN),
    (OLD, "too-large"): (TRACK[OLD], "", LARGE),
    (OLD, "no-json"): (TRACK[OLD], "", XML),
    (V2, "no-access"): (f"{PLATFORM}/sites/nothing/stats", "ap_demo", {}),
    (V2, "minute"): (STATS, "ap_demo", {}),
    (V2, "broken"): (STATS, "ap_demo", BROKEN),
    (V2, "invalid-range"): (f"{STATS}?range=1y", "ap_demo", {}),
}
INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(\.\d{3})?Z")
CONTRACTS = {selector: bundled().load(selector) for selector in NOW}


@pytest.fixture(scope="module", params=NOW)
def served(request: pytest.FixtureRequest) -> Iterator[tuple[Contract, Lab]]:
    with serving("--contract", request.param, "--now", NOW[request.param], "--quiet") as running:
        lab = Lab(running)
        with lab.client:
            yield CONTRACTS[request.param], lab


def made_up(contract: Contract) -> dict[str, Any]:
    """The bodies of errors that no document states, by the names of the examples."""
    found: dict[str, Any] = {}
    for operation in contract.operations:
        for status, response in operation.responses.items():
            for name, value in response.examples.items() if int(status) >= 400 else ():
                if response.media is not None and response.media.sources[name].level == "inferred":
                    assert found.setdefault(name, value) == value, f"{name} is two things"
    return found


def test_every_error_that_no_document_states_is_asked_for() -> None:
    stated = {(selector, name) for selector, contract in CONTRACTS.items() for name in made_up(contract)}
    assert stated <= set(ASKED)


def test_an_error_that_no_document_states_is_what_is_answered(served: tuple[Contract, Lab]) -> None:
    contract, lab = served
    for name, value in made_up(contract).items():
        path, key, more = ASKED[contract.selector, name]
        lab.set("POST", "reset")
        lab.set("POST", "clock", {"action": "freeze", "at": AT.get((contract.selector, name), NOW[contract.selector])})
        if name == "minute":
            lab.set("PUT", f"limits/{key}", {"remaining": 0})
        if name == "paid-plan-required":
            lab.set("PUT", "settings", {"refused_plans": ["free"]})
        headers = {**({"Authorization": f"Bearer {key}"} if key else {}), **more.get("headers", {})}
        method = "POST" if {"json", "content"} & set(more) else "GET"
        assert lab.client.request(method, path, **{**more, "headers": headers}).json() == value, name


def places(value: Any, where: str = "") -> Iterator[tuple[str, str]]:
    """Where an instant stands in JSON, and how it is written."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from places(part, f"{where}.{name}")
    elif isinstance(value, list):
        for part in value:
            yield from places(part, f"{where}[]")
    elif isinstance(value, str) and (match := INSTANT.fullmatch(value)):
        yield where, "milliseconds" if match[2] else "seconds"


def test_an_instant_of_an_example_is_written_as_in_an_answer(served: tuple[Contract, Lab]) -> None:
    contract, lab = served
    site = OLD_SITE if contract.selector == OLD else SITE
    seen = 0
    for operation in contract.operations:
        path = operation.path.replace("{websiteId}", site).replace("{siteId}", PLATFORM_SITE)
        if operation.method != "GET" or "{" in path:
            continue
        key = "ap_demo" if contract.selector == V2 else "zv_demo_enterprise"
        answered = dict(places(lab.client.get(path, headers={"Authorization": f"Bearer {key}"}).json()))
        for name, value in operation.responses["200"].examples.items():
            for where, how in places(value):
                seen += 1
                assert answered.get(where, how) == how, f"{operation.id} {name}{where}"
    assert seen
