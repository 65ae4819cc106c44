"""JUnit: a suite for each operation, a case for each clause."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as Xml

import pytest

from contract_tests.model.finding import Result
from contract_tests.report import junit
from contract_tests.report.context import ReportContext
from tests.contract_tests.results import finding


@pytest.fixture
def document(result: Result, context: ReportContext) -> Xml.Element:
    return Xml.fromstring(junit.render(result, context))


def case(document: Xml.Element, code: str) -> Xml.Element:
    return next(case for case in document.iter("testcase") if case.get("name", "").startswith(code))


def test_each_operation_is_a_suite_whose_counts_are_those_of_its_cases(document: Xml.Element) -> None:
    assert [suite.get("name") for suite in document] == ["listPages", "getUsage", "(the API as a whole)"]
    for suite in document.iter("testsuite"):
        assert suite.get("tests") == str(len(suite.findall("testcase")))
        assert suite.get("failures") == str(len(suite.findall("testcase/failure")))
        assert suite.get("skipped") == str(len(suite.findall("testcase/skipped")))
        assert suite.get("errors") == "0"


def test_a_suite_has_what_the_strict_schema_of_ant_asks_for(document: Xml.Element) -> None:
    for suite in document.iter("testsuite"):
        assert {"id", "name", "package", "hostname", "timestamp", "tests", "failures", "errors", "time"} <= set(
            suite.keys()
        )
        assert suite.get("timestamp") == "2026-02-07T12:00:00"
        tags = [child.tag for child in suite]
        assert tags == ["properties", *["testcase"] * (len(tags) - 3), "system-out", "system-err"]
        for each in suite.findall("testcase"):
            assert {"name", "classname", "time"} <= set(each.keys())
            assert len(each) <= 1
            assert all(failure.get("type") for failure in each.findall("failure"))


def test_an_error_fails_with_its_evidence(document: Xml.Element) -> None:
    failure = case(document, "CT301").find("failure")
    assert failure is not None
    assert failure.get("message", "").startswith("limit=2 answered 3 records </script>")
    assert failure.text is not None
    assert "curl -s" in failure.text
    assert '"records": 3' in failure.text


def test_warnings_and_what_was_not_checked_are_skipped_and_never_passed(document: Xml.Element) -> None:
    reasons = {code: case(document, code).find("skipped") for code in ("CT402", "CT501", "CT901")}
    said = {code: skipped.get("message", "") if skipped is not None else "" for code, skipped in reasons.items()}
    assert said["CT402"].startswith("warning: ")
    assert said["CT501"] == "inconclusive: needs --key scoped=KEY"
    assert said["CT901"].startswith("info: ")


def test_an_accepted_finding_is_skipped(result: Result, context: ReportContext) -> None:
    errors = tuple(finding for finding in result.findings if finding.severity == "error")
    rest = tuple(finding for finding in result.findings if finding.severity != "error")
    document = Xml.fromstring(junit.render(replace(result, findings=rest, accepted=errors), context))
    skipped = case(document, "CT301").find("skipped")
    assert skipped is not None
    assert skipped.get("message", "").startswith("accepted by the baseline")
    assert not list(document.iter("failure"))


def test_a_finding_whose_clause_is_not_listed_still_fails(result: Result, context: ReportContext) -> None:
    document = Xml.fromstring(junit.render(replace(result, clauses=()), context))
    assert len(list(document.iter("failure"))) == 1


def test_characters_that_xml_cannot_hold_do_not_break_the_file(result: Result, context: ReportContext) -> None:
    odd = finding("CT301:listPages:limit", "a\x00b\x1b[31m\ud800\ufffe", expected="\x07")
    text = junit.render(replace(result, findings=(odd,)), context)
    failure = case(Xml.fromstring(text.encode()), "CT301").find("failure")
    assert failure is not None
    assert failure.get("message") == "a\\u0000b\\u001b[31m\\ud800\ufffd"
