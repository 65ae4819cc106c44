"""The contracts say what the documents say: compared with the table `openapi/statements/`, in both directions."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from tests.openapi.comparison import Comparison
from tests.openapi.facts import facts_of, text
from tests.openapi.reading import CONTRACTS, FOLDER, contract, operations, read, resolve, responses
from tests.openapi.table import in_words, rows, stated

JSON = Any
NEW, PLATFORM = "zenovay-2026-02", "analytics-platform-v2"


@pytest.mark.parametrize("name", CONTRACTS)
def test_what_a_contract_calls_documented_or_supplement_is_what_the_documents_state(name: str) -> None:
    assert Comparison(name).all_differences(contract(name)) == []


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_note_says_what_became_of_a_sentence_that_no_contract_can_hold(name: str) -> None:
    assert [row.what for row in rows(name) if row.kind == "note" and len(row.value) < 20] == []


def test_every_table_binds_a_contract() -> None:
    for path in (FOLDER / "statements").glob("*.yaml"):
        assert set(read(path)["contracts"]) <= set(CONTRACTS), path.name


def changed(name: str, *steps: str | int, value: JSON) -> JSON:
    """A contract with another value at a place."""
    root = copy.deepcopy(contract(name))
    node = root
    for step in steps[:-1]:
        node = node[step]
    node[steps[-1]] = value
    return root


def with_member(name: str, operation_id: str, status: str, path: str, **keywords: JSON) -> JSON:
    """A contract with other keywords for a member of a body."""
    root = copy.deepcopy(contract(name))
    operation = next(operation for operation in operations(root) if operation.id == operation_id)
    body = responses(root, operation)[status]["content"]["application/json"]["schema"]
    found = [body]
    for step in path.split("."):
        found = [node for outer in found for node in members(root, outer, step)]
    found[-1].update(keywords)
    return root


def members(root: JSON, schema: JSON, name: str) -> Iterator[JSON]:
    """The schemas of a member, those in `allOf` last."""
    node = resolve(root, schema)
    if name in node.get("properties", {}):
        yield resolve(root, node["properties"][name])
    for part in node.get("allOf", ()):
        yield from members(root, part, name)


NAMED: dict[str, tuple[JSON, str]] = {
    "a bound of a documented list": (
        with_member(NEW, "listHeatmapPages", "200", "data.pages", maxItems=20),
        "listHeatmapPages 200 data.pages, maxItems 20: called documented, and no row states it",
    ),
    "a made-up code": (
        with_member(NEW, "getWebsite", "404", "error.code", enum=["NOT_FOUND", "GONE"]),
        'getWebsite 404 error.code, one of "GONE": called documented, and no row states it',
    ),
    "another window": (
        changed(PLATFORM, "x-rate-limit", "window_seconds", value=61),
        "limits, window_seconds 60: documented, and missing in the contract",
    ),
    "an emptied rule": (
        changed(NEW, "paths", "/websites", "get", "x-rules", 0, "rule", value="true"),
        "listWebsites rule websites-total-is-their-number, rule true: called documented, and no row states it",
    ),
    "another unit of a reset": (
        changed(PLATFORM, "components", "headers", "RateLimitReset", "x-unit", value="seconds"),
        'listSites 200, header X-RateLimit-Reset, x-unit "seconds": called documented, and no row states it',
    ),
}


@pytest.mark.parametrize("which", NAMED)
def test_an_invention_is_named(which: str) -> None:
    root, expected = NAMED[which]
    assert expected in Comparison(PLATFORM if "/sites" in root["paths"] else NEW).all_differences(root)


def test_a_parameter_that_a_page_rules_out_is_named_even_as_a_guess() -> None:
    guess = {"name": "range", "in": "query", "schema": {"type": "string"}, "x-provenance": {"level": "inferred"}}
    root = changed(NEW, "paths", "/heatmaps/{websiteId}/pages", "get", "parameters", 1, value=guess)
    assert any("listHeatmapPages has range" in line for line in Comparison(NEW).all_differences(root))


def test_how_a_contract_is_divided_into_components_makes_no_difference() -> None:
    inline = copy.deepcopy(contract(PLATFORM))
    inline["components"]["schemas"]["SitesResponse"]["properties"]["sites"]["items"] = inline["components"]["schemas"][
        "Site"
    ]
    assert facts_of(inline) == facts_of(contract(PLATFORM))
    split = copy.deepcopy(contract(PLATFORM))
    site = split["components"]["schemas"]["Site"]
    name = {"type": "object", "required": ["name"], "properties": {"name": site["properties"].pop("name")}}
    site["required"].remove("name")
    site["allOf"] = [name]
    assert facts_of(split) == facts_of(contract(PLATFORM))


@pytest.mark.parametrize("keywords", [{"const": True}, {"type": "boolean", "enum": [True]}, {"enum": [True]}])
def test_one_value_can_be_written_in_several_ways(keywords: JSON) -> None:
    root = copy.deepcopy(contract(NEW))
    success = resolve(root, root["components"]["schemas"]["WebsitesResponse"]["properties"]["success"])
    success.clear()
    success.update(keywords)
    assert facts_of(root) == facts_of(contract(NEW))


def test_a_few_words_are_read_as_constraints() -> None:
    def read_words(said: str) -> set[tuple[str, str]]:
        return {(aspect, value) for _, aspect, value in in_words("x", said)}

    assert read_words("integer 0..9") == {("type", "integer"), ("minimum", "0"), ("maximum", "9")}
    assert read_words("string|null") == {("type", "string"), ("type", "null")}
    assert read_words("string uuid optional") == {("type", "string"), ("format", '"uuid"')}
    assert read_words("string >=8") == {("type", "string"), ("minLength", "8")}
    assert read_words("string ^sr_") == {("type", "string"), ("pattern", '"^sr_"')}
    assert read_words("true") == {("type", "boolean"), ("one of", "true")}
    assert read_words("string of a|b") == {("type", "string"), ("one of", '"a"'), ("one of", '"b"')}


def unlike_the_envelope(name: str, root: JSON) -> list[str]:
    """The operations whose success, as the documents state it, is not what `x-envelope` puts around a body."""
    facts = stated(name, {operation.id: list(responses(root, operation)) for operation in operations(root)})
    envelope = root.get("x-envelope")
    found = []
    for operation in operations(root):
        body = f"{operation.id} 200 "
        members = {
            subject.removeprefix(body)
            for subject, aspect, _ in facts
            if aspect == "member" and subject.startswith(body)
        }
        members = {member for member in members if "." not in member}
        if envelope is None:
            is_same = not {"success", "data"} <= members
        else:
            wanted = {
                (body + member, "format", text("date-time"))
                if value == "{now}"
                else (body + member, "one of", text(value))
                for member, value in envelope.items()
                if value != "{data}"
            }
            is_same = not members or (members == set(envelope) and wanted <= facts.keys())
        found += [] if is_same else [operation.id]
    return found


@pytest.mark.parametrize("name", CONTRACTS)
def test_the_envelope_is_the_one_that_the_documents_show_of_every_success(name: str) -> None:
    assert unlike_the_envelope(name, contract(name)) == []


@pytest.mark.parametrize(
    "envelope",
    [
        {"success": False, "data": "{data}", "timestamp": "{now}"},
        {"success": True, "data": "{data}"},
        {"success": True, "data": "{data}", "timestamp": "{now}", "version": 1},
        {"success": True, "data": "{data}", "timestamp": "2026-02-07"},
        {"success": True, "result": "{data}", "timestamp": "{now}"},
    ],
)
def test_another_envelope_is_noticed(envelope: JSON) -> None:
    assert len(unlike_the_envelope(NEW, changed(NEW, "x-envelope", value=envelope))) >= 9


def test_an_envelope_that_is_missing_is_noticed() -> None:
    root = {name: node for name, node in contract(NEW).items() if name != "x-envelope"}
    assert len(unlike_the_envelope(NEW, root)) >= 9
