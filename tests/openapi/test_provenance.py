"""Every part of a contract says where it comes from."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from tests.openapi.facts import leaves
from tests.openapi.reading import CONTRACTS, LEVELS, contract, operations, parameters, resolve

JSON = Any
PAGES = {"documented": {"REF", "HEATMAPS", "WEBSITE", "WEBSITES", "PLATFORM"}, "supplement": {"SUPPLEMENT"}}


def parts(root: JSON) -> Iterator[tuple[str, JSON]]:
    """Everything that has to have a provenance, with the place it stands at."""
    components = root["components"]
    for section in ("securitySchemes", "parameters", "headers", "responses", "schemas", "examples"):
        for name, node in components[section].items():
            yield f"components.{section}.{name}", node
    yield from _general_parts(root)
    for operation in operations(root):
        yield operation.id, operation.node
        yield f"{operation.id} tracking", operation.node.get("x-tracking", operation.node)
        for parameter in parameters(root, operation):
            yield f"{operation.id} parameter {parameter['name']}", parameter
            for name, example in parameter.get("examples", {}).items():
                yield f"{operation.id} parameter {parameter['name']} example {name}", example
        for rule in operation.node.get("x-rules", []):
            yield f"{operation.id} rule {rule['id']}", rule
        bodies = {"request": operation.node["requestBody"]} if "requestBody" in operation.node else {}
        for status, raw in (operation.node["responses"] | bodies).items():
            yield from _body_parts(root, f"{operation.id} {status}", resolve(root, raw))


def _general_parts(root: JSON) -> Iterator[tuple[str, JSON]]:
    for name, node in root["x-plans"].items():
        yield f"x-plans.{name}", node
    for name, node in root["x-errors"]["kinds"].items():
        yield f"x-errors.kinds.{name}", node
    yield "x-rate-limit", root["x-rate-limit"]
    for status, source in root["x-rate-limit"]["uncounted"].items():
        yield f"x-rate-limit.uncounted.{status}", {"x-provenance": source}
    for item in (root, *root["paths"].values()):
        for server in item.get("servers", ()):
            yield f"server {server['url']}", server
    for rule in root["x-cross-rules"]:
        yield f"x-cross-rules {rule['id']}", rule


def _body_parts(root: JSON, place: str, body: JSON) -> Iterator[tuple[str, JSON]]:
    yield place, body
    for name, link in body.get("links", {}).items():
        yield f"{place} link {name}", link
    for name, header in body.get("headers", {}).items():
        yield f"{place} header {name}", resolve(root, header)
    for media in body["content"].values():
        for name, example in media["examples"].items():
            yield f"{place} example {name}", resolve(root, example)


def nodes(node: JSON, place: str = "") -> Iterator[tuple[str, JSON]]:
    """Every mapping of a document."""
    if isinstance(node, dict):
        yield place, node
    for name, member in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from nodes(member, f"{place}/{name}")


def without(root: JSON) -> list[str]:
    return [place for place, node in parts(root) if "x-provenance" not in node]


def wrong(provenance: JSON) -> bool:
    """Neither a page and section of its level, nor a reason."""
    level = provenance.get("level")
    if level == "inferred":
        return set(provenance) != {"level", "reason"} or len(provenance["reason"]) < 10
    return set(provenance) != {"level", "page", "section"} or provenance["page"] not in PAGES.get(level, ())


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_part_of_a_contract_has_a_provenance(name: str) -> None:
    assert without(contract(name)) == []


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_provenance_names_its_page_and_section_or_its_reason(name: str) -> None:
    found = [(place, node["x-provenance"]) for place, node in nodes(contract(name)) if "x-provenance" in node]
    assert {provenance["level"] for _, provenance in found} <= set(LEVELS)
    assert [place for place, provenance in found if wrong(provenance)] == []


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_inferred_keyword_exists_and_has_a_reason(name: str) -> None:
    for place, node in nodes(contract(name)):
        if "x-inferred" in node:
            inferred = node["x-inferred"]
            assert len(inferred["reason"]) >= 10, place
            if "members" in inferred:  # of an example
                assert set(inferred) == {"members", "reason"}, place
                assert [path for path in inferred["members"] if not _has(node["value"], path)] == [], place
            else:
                assert set(inferred) - {"stated"} == {"keywords", "reason"}, place
                assert [word for word in inferred["keywords"] if word not in node] == [], place
                assert set(inferred.get("stated", {})) <= set(inferred["keywords"]), place


def _has(value: JSON, path: str) -> bool:
    return any(f"{found}.".startswith(f"{path}.") for found, _ in leaves(value))


@pytest.mark.parametrize("name", CONTRACTS)
def test_no_page_and_section_is_listed_that_nothing_comes_from(name: str) -> None:
    root = contract(name)
    used = [node for place, node in nodes(root) if not place.startswith("/x-sources/")]
    assert [source for source, provenance in root["x-sources"].items() if provenance not in used] == []


@pytest.mark.parametrize(
    "place",
    ["paths//websites/get", "components/parameters/WebsiteId", "components/headers/UsageLimit", "x-plans/pro"],
)
def test_a_missing_provenance_is_noticed(place: str) -> None:
    root = copy.deepcopy(contract("zenovay-2026-02"))
    node = root
    for step in place.replace("//", "/~").split("/"):
        node = node[step.replace("~", "/")]
    del node["x-provenance"]
    assert without(root) != []


@pytest.mark.parametrize(
    "provenance",
    [
        {"level": "guessed", "reason": "it looked like it"},
        {"level": "inferred"},
        {"level": "inferred", "reason": ""},
        {"level": "documented", "page": "SUPPLEMENT", "section": "Usage"},
        {"level": "supplement", "page": "SUPPLEMENT"},
    ],
)
def test_a_provenance_that_says_nothing_is_noticed(provenance: JSON) -> None:
    assert wrong(provenance)
