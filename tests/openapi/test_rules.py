"""Every rule of a contract is CEL that holds for a right answer and fails for a wrong one."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from contract_tests.reading.cel import Variables, holds
from tests.openapi.reading import CONTRACTS, contract, operations, parameters, read, resolve, responses

JSON = Any
CASES = {name: read(Path(__file__).with_name(f"rules-{name}.yaml")) for name in CONTRACTS}


def own_rules(name: str) -> dict[str, tuple[str, JSON]]:
    """The rules of one operation each: rule id → operationId and rule."""
    return {
        rule["id"]: (operation.id, rule)
        for operation in operations(contract(name))
        for rule in operation.node.get("x-rules", [])
    }


def cross_rules(name: str) -> dict[str, JSON]:
    return {rule["id"]: rule for rule in contract(name)["x-cross-rules"]}


def exchange(name: str, operation: str) -> dict[str, JSON]:
    """The answer that keeps the rules: body, effective parameters and headers."""
    answer = copy.deepcopy(CASES[name]["answers"][operation])
    if "example" in answer:
        answer["body"] = copy.deepcopy(contract(name)["components"]["examples"][answer.pop("example")]["value"])
    return {"headers": {}, "status": 200, **answer}


def changed(before: dict[str, JSON], changes: Mapping[str, JSON]) -> dict[str, JSON]:
    """An exchange with other values at some places."""
    after = copy.deepcopy(before)
    for path, value in changes.items():
        start, _, rest = path.partition(".")
        steps = [start, rest] if start in ("params", "headers") else ["body", *path.split(".")]
        node = after
        for step in steps[:-1]:
            node = node[int(step) if isinstance(node, list) else step]
        last = steps[-1]
        node[int(last) if isinstance(node, list) else last] = value
    assert after != before
    return after


def both(name: str, rule: JSON) -> dict[str, dict[str, JSON]]:
    """The exchanges of a rule over several, as they keep it."""
    keeps = CASES[name]["cross"][rule["id"]].get("keeps", {})
    found = {}
    for key, wanted in rule["exchanges"].items():
        answer = exchange(name, wanted["operation"])
        found[key] = changed(answer, keeps[key]) if key in keeps else answer
    return found


OWN = [(name, rule_id) for name in CONTRACTS for rule_id in own_rules(name)]
OWN_BREAKS = [(n, i, change) for n in CONTRACTS for i, changes in CASES[n]["breaks"].items() for change in changes]
CROSS = [(name, rule_id) for name in CONTRACTS for rule_id in cross_rules(name)]
CROSS_BREAKS = [(n, i, change) for n in CONTRACTS for i, case in CASES[n]["cross"].items() for change in case["breaks"]]


@pytest.mark.parametrize(("name", "rule_id"), OWN)
def test_a_right_answer_keeps_the_rule(name: str, rule_id: str) -> None:
    operation, rule = own_rules(name)[rule_id]
    assert holds(rule["rule"], Variables(exchange(name, operation)))


@pytest.mark.parametrize(("name", "rule_id", "change"), OWN_BREAKS)
def test_a_wrong_answer_breaks_the_rule(name: str, rule_id: str, change: dict[str, JSON]) -> None:
    operation, rule = own_rules(name)[rule_id]
    assert not holds(rule["rule"], Variables(changed(exchange(name, operation), change)))


@pytest.mark.parametrize(("name", "rule_id"), CROSS)
def test_right_answers_keep_the_rule_across_them(name: str, rule_id: str) -> None:
    rule = cross_rules(name)[rule_id]
    assert holds(rule["rule"], Variables(both(name, rule)))


@pytest.mark.parametrize(("name", "rule_id", "change"), CROSS_BREAKS)
def test_wrong_answers_break_the_rule_across_them(name: str, rule_id: str, change: dict[str, JSON]) -> None:
    rule = cross_rules(name)[rule_id]
    exchanges = both(name, rule)
    for key, changes in change.items():
        exchanges[key] = changed(exchanges[key], changes)
    assert not holds(rule["rule"], Variables(exchanges))


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_rule_is_shown_able_to_fail(name: str) -> None:
    assert sorted(CASES[name]["breaks"]) == sorted(own_rules(name))
    assert sorted(CASES[name]["cross"]) == sorted(cross_rules(name))
    assert all(CASES[name]["breaks"].values())


@pytest.mark.parametrize("name", CONTRACTS)
def test_the_documents_own_examples_keep_every_rule_that_they_are_complete_enough_for(name: str) -> None:
    root = contract(name)
    broken = set()
    for operation in operations(root):
        examples = responses(root, operation)["200"]["content"]["application/json"]["examples"]
        for raw in examples.values():
            body = resolve(root, raw)["value"]
            asked = Variables({"params": asked_for(root, operation, body), "headers": {}, "body": body})
            broken |= {rule["id"] for rule in operation.node.get("x-rules", []) if not holds(rule["rule"], asked)}
    assert sorted(broken) == sorted(CASES[name]["shortened"])


def asked_for(root: JSON, operation: Any, body: JSON) -> dict[str, JSON]:
    """The parameters that an example answers, read from where the answer repeats them."""
    params = {p["name"]: p["schema"]["default"] for p in parameters(root, operation) if "default" in p["schema"]}
    data = body.get("data", body)
    if isinstance(data, dict):
        params |= {name: data["pagination"][name] for name in params if name in data.get("pagination", {})}
        params |= {"range": data["time_range"]} if "time_range" in data else {}
        params |= {"websiteId": data["website"]["id"]} if "website" in data else {}
    return params


@pytest.mark.parametrize("name", CONTRACTS)
def test_an_empty_account_keeps_every_rule(name: str) -> None:
    empty = {
        "listVisitors": {
            "page": 1,
            "per_page": 20,
            "total": 0,
            "total_pages": 0,
            "limit": 100,
            "offset": 0,
            "has_more": False,
        },
        "listReplaySessions": {"limit": 50, "offset": 0, "has_more": False},
    }
    for operation in operations(contract(name)):
        if operation.id in ("getUsage", "getWebsite") or operation.public:
            continue
        answer = exchange(name, operation.id)
        body = emptied(answer["body"])
        data = body.get("data", body)
        if "pagination" in data:
            data["pagination"] = empty[operation.id]
            answer["params"] |= {"limit": empty[operation.id]["limit"], "page": 1, "per_page": 20}
        if "date_range" in data:
            data["date_range"] = exchange(name, operation.id)["body"]["data"]["date_range"]
        for rule in operation.node["x-rules"]:
            assert holds(rule["rule"], Variables({**answer, "body": body})), rule["id"]


def emptied(node: JSON) -> JSON:
    """The same answer without a visitor: lists empty, counts 0."""
    if isinstance(node, dict):
        return {name: emptied(member) for name, member in node.items()}
    if isinstance(node, list):
        return []
    return 0 if isinstance(node, (int, float)) and not isinstance(node, bool) else node


@pytest.mark.parametrize("name", CONTRACTS)
def test_rule_ids_are_unique_and_messages_are_sentences(name: str) -> None:
    rules = [rule for _, rule in own_rules(name).values()] + list(cross_rules(name).values())
    written = [rule["id"] for op in operations(contract(name)) for rule in op.node.get("x-rules", [])]
    written += [rule["id"] for rule in contract(name)["x-cross-rules"]]
    assert len(set(written)) == len(written) == len(rules)
    assert all(rule["message"].endswith(".") for rule in rules)


@pytest.mark.parametrize("name", CONTRACTS)
def test_rules_across_operations_ask_for_what_exists(name: str) -> None:
    root = contract(name)
    known = {op.id: {p["name"]: p["schema"] for p in parameters(root, op)} for op in operations(root)}
    for rule in cross_rules(name).values():
        for wanted in rule["exchanges"].values():
            for parameter, value in wanted.get("parameters", {}).items():
                schema = known[wanted["operation"]][parameter]
                assert value in schema.get("enum", [value]), rule["id"]
                assert not isinstance(value, int) or value <= schema.get("maximum", value), rule["id"]
