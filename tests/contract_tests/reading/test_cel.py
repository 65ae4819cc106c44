"""Rules: what the language can say, and what happens when it cannot be said."""

from __future__ import annotations

import pytest

from contract_tests.reading.cel import RuleError, Variables, holds

BODY = {"items": [{"n": 3, "d": "2026-01-01"}, {"n": 1, "d": "2026-01-02"}], "total": 4, "none": None}


@pytest.mark.parametrize(
    "rule",
    [
        "body.items.map(i, i.n).sum() == body.total",
        "body.items.map(i, i.d).isSorted()",
        "!body.items.map(i, i.n).isSorted()",
        "body.items.map(i, i.n).reverse().isSorted()",
        "[1, 1, 2].distinct().size() == 2",
        "body.items.all(i, i.n > 0) && body.items.exists(i, i.n == 1)",
        "body.none == null",
        "timestamp('2026-01-01T00:00:00Z') < timestamp('2026-01-01T00:00:00.001+00:00')",
        "double(body.total) * 1.5 == 6.0",
        "headers['x-a'] == '1' && int(headers['x-a']) == 1",
    ],
)
def test_a_true_rule_holds(rule: str) -> None:
    assert holds(rule, Variables({"body": BODY, "headers": {"x-a": "1"}}))


def test_a_value_that_cel_cannot_hold_makes_no_rule_about_it_true_or_false() -> None:
    with pytest.raises(RuleError, match="a value that CEL cannot hold"):
        holds("body.name != ''", Variables({"body": {"name": "\ud800"}}))


@pytest.mark.parametrize("rule", ["body.total == 5", "body.items.size() > 2", "false"])
def test_a_false_rule_does_not(rule: str) -> None:
    assert not holds(rule, Variables({"body": BODY}))


@pytest.mark.parametrize(
    "rule",
    ["body.", "body.missing == 1", "body.items[7].n == 1", "body.total", "nothing == 1", "body.items.none() == 1"],
)
def test_a_rule_that_cannot_be_evaluated_is_neither(rule: str) -> None:
    with pytest.raises(RuleError):
        holds(rule, Variables({"body": BODY}))


def test_what_a_function_cannot_do_is_said_by_the_error_alone(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(RuleError, match="unsupported operand"):
        holds("body.map(one, one).sum() == 1", Variables({"body": [1, "a"]}))
    assert not caplog.records
