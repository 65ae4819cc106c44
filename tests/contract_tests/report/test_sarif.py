"""SARIF 2.1.0."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif

from contract_tests.model.finding import Result
from contract_tests.report import sarif
from contract_tests.report.context import ReportContext
from tests.contract_tests.results import about

DOCUMENT = """\
paths:
  /pages:
    get:
      summary: a list
      operationId: listPages
  /usage:
    get: {operationId: nothing}
"""


@pytest.fixture
def run(result: Result, context: ReportContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my shop.yaml").write_text(DOCUMENT)
    accepted = replace(result, accepted=(about(result.findings[0], code="CT499"),))
    document = json.loads(sarif.render(accepted, replace(context, document=tmp_path / "my shop.yaml")))
    assert (document["version"], len(document["runs"])) == ("2.1.0", 1)
    return document["runs"][0]


def test_it_keeps_the_schema_of_sarif(result: Result, context: ReportContext, tmp_path: Path) -> None:
    place = tmp_path / "shop.yaml"
    place.write_text(DOCUMENT)
    accepted = replace(result, accepted=result.findings[:1])
    for each in (context, replace(context, document=place)):
        Sarif.model_validate(sarif.sarif_of(accepted, each))


def test_every_result_names_a_rule_that_stands_in_the_driver(run: Any) -> None:
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for entry in run["results"]:
        assert rules[entry["ruleIndex"]]["id"] == entry["ruleId"]
        assert entry["message"]["text"]
    for rule in rules:
        assert rule["help"]["text"]


def test_severities_become_levels(run: Any) -> None:
    assert [entry["level"] for entry in run["results"]] == ["error", "warning", "note", "warning"]


def test_a_finding_stands_at_the_line_of_its_operation(run: Any) -> None:
    places = [entry["locations"][0]["physicalLocation"] for entry in run["results"]]
    assert places[0] == {"artifactLocation": {"uri": "my%20shop.yaml"}, "region": {"startLine": 5}}
    assert places[1]["region"] == {"startLine": 1}


def test_an_accepted_finding_is_suppressed_and_the_others_are_not(run: Any) -> None:
    assert [("suppressions" in entry) for entry in run["results"]] == [False, False, False, True]


def test_fingerprints_are_stable_and_tell_clauses_apart(run: Any, result: Result, context: ReportContext) -> None:
    marks = [entry["partialFingerprints"]["clause/v1"] for entry in run["results"]]
    assert len(set(marks)) == len(marks)
    other = sarif.sarif_of(replace(result, seconds=1.0, requests=9), context)["runs"][0]["results"]
    assert [entry["partialFingerprints"]["clause/v1"] for entry in other] == marks[:3]


def test_evidence_comes_with_it(run: Any) -> None:
    entry = run["results"][0]
    assert entry["webRequest"]["method"] == "GET"
    assert entry["webResponse"]["statusCode"] == 200
    assert "expected:" in entry["message"]["text"]


def test_what_was_not_checked_is_a_notification(run: Any) -> None:
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    assert "needs --key scoped=KEY" in notification["message"]["text"]
    assert run["invocations"][0]["exitCode"] == 1
