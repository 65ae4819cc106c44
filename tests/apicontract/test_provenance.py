"""Where the parts of a contract come from."""

from __future__ import annotations

import pytest

from apicontract import Parameter, bundled
from apicontract.provenance import (
    DOCUMENTED,
    Stated,
    read_description,
    read_keyword_provenance,
    read_provenance,
    weakest,
)

SUPPLEMENT = {"level": "supplement", "page": "Q", "section": "S"}
NODE = {
    "x-inferred": {"keywords": ["minimum", "headers"], "reason": "no page says so"},
    "x-provenance-of": {"code": SUPPLEMENT, "headers": {"X-Id": SUPPLEMENT}, "required": {"wait": SUPPLEMENT}},
}


@pytest.mark.parametrize(
    ("keyword", "member", "level"),
    [
        ("type", None, "documented"),
        ("minimum", None, "inferred"),
        ("code", None, "supplement"),
        ("headers", "X-Id", "supplement"),
        ("headers", "X-Other", "inferred"),
        ("required", "wait", "supplement"),
        ("required", "id", "documented"),
    ],
)
def test_a_keyword_and_a_value_of_it_can_stand_on_another_page(keyword: str, member: str | None, level: str) -> None:
    assert read_keyword_provenance(NODE, keyword, DOCUMENTED, member).level == level


def test_a_node_that_is_no_mapping_is_what_it_stands_in() -> None:
    assert read_keyword_provenance(True, "type", DOCUMENTED) == DOCUMENTED


def test_only_the_words_of_a_page_stand_in_quotation_marks() -> None:
    assert read_description({"description": "Website domain\n", "x-quoted": True}) == "“Website domain”"
    assert read_description({"description": "The domain"}) == "The domain"
    assert read_description({}) == ""


def test_the_parts_of_the_contracts_are_no_surer_than_their_pages() -> None:
    new, platform = bundled().load("zenovay@2026-02"), bundled().load("analytics-platform@v2")
    kind = new.errors.kinds["no-permission"]
    assert (kind.provenance.level, kind.code_provenance.level) == ("documented", "supplement")
    assert platform.errors.kinds["plan-refused"].provenance.level == "inferred"
    assert platform.errors.kinds["quota-exceeded"].provenance.level == "inferred"
    assert new.rate_limit is not None
    assert {status: source.level for status, source in new.rate_limit.uncounted.items()} == {
        401: "supplement",
        429: "inferred",
    }
    wait = next(one for one in new.operation("listWebsites").responses["429"].headers if one.name == "Retry-After")
    assert (wait.provenance.level, wait.presence.level) == ("supplement", "inferred")


def test_a_header_of_a_shared_set_is_no_surer_than_the_answer_says() -> None:
    answers = bundled().load("zenovay@2026-02").operation("getWebsite").responses
    sure = {status: {header.name: header.provenance.level for header in answers[status].headers} for status in answers}
    assert (sure["200"]["X-RateLimit-Limit"], sure["404"]["X-RateLimit-Limit"]) == ("supplement", "inferred")
    assert (sure["200"]["x-request-id"], sure["404"]["x-request-id"]) == ("supplement", "supplement")


@pytest.mark.parametrize("selector", ["zenovay@2026-02", "zenovay@2025-01", "analytics-platform@v2"])
def test_every_part_of_a_contract_knows_where_it_is_stated(selector: str) -> None:
    contract = bundled().load(selector)
    parts: list[Stated] = [*contract.cross_rules, *contract.plans.values()]
    for operation in contract.operations:
        parts += [operation, *operation.parameters, *operation.responses.values(), *operation.rules]
        parts += [header for response in operation.responses.values() for header in response.headers]
        parts += [each for each in (operation.body, operation.tracking) if each is not None]
    for part in parts:
        _, node = contract.document.find(part.pointer)
        if isinstance(part, Parameter):
            assert node["name"] == part.name
            assert part.keyword("type").pointer.startswith(f"{part.pointer}/schema")
        assert weakest(part.provenance, read_provenance(node, part.provenance)) == part.provenance
        assert contract.document.place(part.pointer).line > 1
