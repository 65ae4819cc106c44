"""The result as JUnit XML: a suite for each operation, a case for each clause."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal
from urllib.parse import urlsplit
from xml.etree import ElementTree as Xml

from apicontract.safetext.invisible import visible
from contract_tests.model.finding import CheckedClause, Finding, Result
from contract_tests.report.context import ReportContext
from contract_tests.report.wording import by_operation, clause_of, in_order, message_of, operation_name, shown

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(result: Result, context: ReportContext) -> str:
    """Return the JUnit report.

    A clause that was not checked is skipped with its reason, and so is a finding that does not fail the run: neither
    is shown as passed.
    """
    root = Xml.Element("testsuites")
    findings = _by_clause(result.findings)
    accepted = _by_clause(result.accepted)
    known = {(clause.operation, clause.id) for clause in result.clauses}
    loose = [clause_of(finding) for key, finding in findings.items() if key not in known]
    for index, (operation, clauses) in enumerate(by_operation([*result.clauses, *loose]).items()):
        suite = Xml.SubElement(root, "testsuite", id=str(index), name=_token(operation_name(operation)))
        suite.set("package", _token(result.contract))
        suite.set("hostname", _token(urlsplit(result.target).hostname or "localhost"))
        suite.set("timestamp", context.started.strftime("%Y-%m-%dT%H:%M:%S"))
        properties = Xml.SubElement(suite, "properties")
        for name, value in (("target", result.target), ("verdict", result.verdict)):
            Xml.SubElement(properties, "property", name=name, value=_text(value))
        ends = [_case(suite, clause, result.contract, findings, accepted) for clause in clauses]
        counts = {"tests": len(ends), "failures": ends.count("failure"), "errors": 0, "skipped": ends.count("skipped")}
        for name, count in counts.items():
            suite.set(name, str(count))
        suite.set("time", f"{result.seconds if index == 0 else 0:.3f}")  # the run took it once
        Xml.SubElement(suite, "system-out")
        Xml.SubElement(suite, "system-err")
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


def _by_clause(findings: Sequence[Finding]) -> dict[tuple[str, str], Finding]:
    """Return the gravest finding about each clause, by operation and clause."""
    return {(finding.operation, finding.clause.id): finding for finding in reversed(in_order(findings))}


def _case(
    suite: Xml.Element,
    clause: CheckedClause,
    contract: str,
    findings: Mapping[tuple[str, str], Finding],
    accepted: Mapping[tuple[str, str], Finding],
) -> Literal["passed", "failure", "skipped"]:
    """Add the case of a clause; what became of it."""
    case = Xml.SubElement(suite, "testcase", name=_token(f"{clause.code} {clause.statement}"))
    case.set("classname", _token(f"{contract}.{clause.operation or 'api'}"))
    case.set("time", "0")
    if clause.outcome == "pass":
        return "passed"
    if clause.outcome == "inconclusive":
        return _skip(case, f"inconclusive: {clause.reason or 'it could not be checked'}")
    key = clause.operation, clause.id
    finding = findings.get(key)
    if finding is None and key in accepted:
        return _skip(case, f"accepted by the baseline: {accepted[key].message}")
    if finding is not None and finding.severity != "error":
        return _skip(case, f"{finding.severity}: {message_of(finding)}")
    message = message_of(finding) if finding else clause.reason or clause.statement
    failure = Xml.SubElement(case, "failure", message=_text(message), type=clause.code)
    failure.text = _text(_evidence(finding)) if finding else None
    return "failure"


def _skip(case: Xml.Element, why: str) -> Literal["skipped"]:
    Xml.SubElement(case, "skipped", message=_text(why))
    return "skipped"


def _evidence(finding: Finding) -> str:
    parts = [message_of(finding), f"expected: {shown(finding.expected)}", f"seen: {shown(finding.seen)}"]
    return "\n".join([*parts, *finding.curl, f"explained by: contract-tests explain {finding.code}"])


def _token(text: str) -> str:
    return " ".join(_text(text).split())


def _text(text: str) -> str:
    """Return a text whose invisible characters are escapes, without what XML 1.0 cannot hold."""
    return _FORBIDDEN.sub("\ufffd", visible(text))
