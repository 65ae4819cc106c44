"""The client report as a whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mockserver.client_report.clauses import CLAUSES
from mockserver.client_report.report import as_json, client_reports
from mockserver.client_report.ruling import Verdict
from tests.client_report.traffic import Traffic, knowledge


def test_clients_differ_in_test_key_or_user_agent() -> None:
    traffic = Traffic().get().get(key="ak_2").get(user_agent="other/1").get(test_id="abc").get()
    reports = client_reports(traffic.entries, knowledge())
    assert [report.requests for report in reports] == [2, 1, 1, 1]


def test_a_request_without_a_key_belongs_to_the_only_client_of_its_user_agent() -> None:
    traffic = Traffic().get().get(key="")
    assert [report.requests for report in client_reports(traffic.entries, knowledge())] == [2]


def test_every_clause_is_ruled_on_with_evidence_or_what_is_missing() -> None:
    report = as_json(client_reports(Traffic().get(status=404).get(wait=1).entries, knowledge()))
    clauses = {ruling["clause"]: ruling for ruling in report["clients"][0]["clauses"]}
    assert list(clauses) == [clause.id for clause in CLAUSES]
    assert report["verdict"] == "fail"
    broken = clauses["never-retries-client-errors"]
    assert broken["evidence"][0]["exchanges"][0] == {"number": 1, "line": "GET /thing → 404"}
    assert clauses["stops-at-quota"]["verdict"] == "not seen"
    assert clauses["stops-at-quota"]["note"] == "no request exceeded the monthly quota"


def test_errors_are_covered_when_they_were_met() -> None:
    traffic = Traffic().get(status=404).get(status=500, broken=True)
    [report] = client_reports(traffic.entries, knowledge())
    met = {error.name for error in report.errors if error.met}
    assert met == {"getThing 404"}
    assert len(report.errors) == 12


def test_an_error_that_the_client_chose_itself_is_met_and_not_held_against_it() -> None:
    chosen: dict[str, Any] = {"status": 404, "problem": "not-found", "preference": "code=404"}
    report = as_json(client_reports(Traffic().get(**chosen).get(wait=1, **chosen).entries, knowledge()))
    clauses = {ruling["clause"]: ruling["verdict"] for ruling in report["clients"][0]["clauses"]}
    assert clauses["never-retries-client-errors"] == "not seen"
    assert report["clients"][0]["error_coverage"]["met"] == 1
    leaked = Traffic().get(**chosen, exposed=("path",)).entries
    assert as_json(client_reports(leaked, knowledge()))["verdict"] == "fail"


def test_a_preference_that_cannot_be_met_is_no_error_of_the_api() -> None:
    refused: dict[str, Any] = {"status": 400, "problem": "not-found", "answer": {"title": "no", "from": "mockserver"}}
    report = as_json(client_reports(Traffic().get(**refused).get(wait=1, **refused).entries, knowledge()))
    clauses = {ruling["clause"]: ruling["verdict"] for ruling in report["clients"][0]["clauses"]}
    assert clauses["never-retries-client-errors"] == "not seen"
    assert report["clients"][0]["error_coverage"]["met"] == 0


def test_a_client_is_named_by_the_label_of_its_key() -> None:
    known = replace(knowledge(), keys={"ak_1": "demo_pro"})
    [report] = client_reports(Traffic().get().entries, known)
    assert report.name == "key demo_pro, client/1"


def test_no_traffic_is_no_verdict() -> None:
    assert as_json([])["verdict"] == Verdict.NOT_SEEN
