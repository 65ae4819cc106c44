"""The JSON report has exactly the members that programs rely on."""

from __future__ import annotations

import json
from dataclasses import replace

from contract_tests.model.finding import Result
from contract_tests.report import json_report


def test_its_members_are_exactly_the_promised_ones(result: Result) -> None:
    report = json.loads(json_report.render(result))
    assert list(report) == [
        "verdict",
        "contract",
        "target",
        "requests",
        "seconds",
        "findings",
        "hints",
        "clauses",
        "coverage",
        "stop_reason",
    ]
    for finding in report["findings"]:
        assert list(finding) == [
            "code",
            "severity",
            "provenance",
            "operation",
            "clause",
            "message",
            "expected",
            "seen",
            "curl",
            "exchanges",
            "facts",
            "guesses",
        ]


def test_findings_come_gravest_first_and_a_flaky_one_says_so(result: Result) -> None:
    findings = json.loads(json_report.render(result))["findings"]
    assert [finding["severity"] for finding in findings] == ["error", "warning", "info"]
    assert "flaky" in findings[2]["message"]
    assert findings[0]["expected"] == {"records": 2}
    assert findings[0]["exchanges"] == [1]


def test_a_clause_that_was_not_checked_is_inconclusive_with_its_reason(result: Result) -> None:
    clauses = {clause["id"]: clause for clause in json.loads(json_report.render(result))["clauses"]}
    assert clauses["CT501:listPages:scope"]["outcome"] == "inconclusive"
    assert clauses["CT501:listPages:scope"]["reason"] == "needs --key scoped=KEY"


def test_values_that_json_cannot_hold_are_written_as_text(result: Result) -> None:
    odd = replace(result.findings[0], expected=float("inf"), seen={"a": float("nan"), "b": b"\xff"})
    finding = json.loads(json_report.render(replace(result, findings=(odd,))))["findings"][0]
    assert finding["expected"] == "inf"
    assert finding["seen"]["a"] == "nan"


def test_the_same_result_is_the_same_text(result: Result) -> None:
    turned = replace(result, findings=tuple(reversed(result.findings)))
    assert json_report.render(result) == json_report.render(turned)
