"""The facts of a finding, with the line of each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from apicontract import Fact, Provenance, load_contract
from contract_tests.model.clause import Clause
from contract_tests.model.finding import Finding, Result
from contract_tests.report import json_report, sarif
from contract_tests.report.context import ReportContext
from contract_tests.report.facts import facts_of
from tests.documents import document, write

JSON = Any
PAGE = {"level": "documented", "page": "P", "section": "S"}
ROOT = document({"/a": {"get": {"responses": {"200": {"description": "ok"}}, "x-provenance": PAGE}}})


def found(folder: Path) -> tuple[Finding, ReportContext]:
    """A finding about an operation, and the context of its document."""
    contract = load_contract(write(folder / "a.yaml", ROOT))
    guess = Fact(f"{contract.operations[0].pointer}/nothing", Provenance("inferred", reason="as ever"))
    standard = Fact("", Provenance("documented", page="RFC 9110"))
    clause = Clause("CT101", "success", "it succeeds").about(None, contract.operations[0], standard, guess)
    return Finding(clause, "info", "no"), ReportContext(document=contract.document.path, source=contract.document)


def test_the_weakest_fact_is_first_and_each_has_the_line_of_its_statement_or_of_what_holds_it(tmp_path: Path) -> None:
    finding, context = found(tmp_path)
    lines = (tmp_path / "a.yaml").read_text().splitlines()
    facts = facts_of(finding, context)
    assert [fact.provenance.level for fact in facts] == ["inferred", "documented", "documented"]
    assert [fact.file for fact in facts] == ["a.yaml", "a.yaml", ""]
    assert [lines[fact.line - 1].strip().strip("'\"") for fact in facts[:2]] == ["get:", "get:"]
    assert str(facts[1]) == f"documented (P, “S”), a.yaml:{facts[1].line}"
    assert str(facts[2]) == "documented (RFC 9110)"


def test_reports_for_programs_list_facts_and_guesses(tmp_path: Path, result: Result) -> None:
    finding, context = found(tmp_path)
    changed = Result("conforms", "c", "t", 1, 1.0, (finding,), (), "completed", hints=result.findings[:1])
    report = json.loads(json_report.render(changed, context))
    (shown,) = report["findings"]
    assert [(fact["level"], fact["page"], fact["section"]) for fact in shown["facts"][1:]] == [
        ("documented", "P", "S"),
        ("documented", "RFC 9110", ""),
    ]
    assert len(report["hints"]) == 1
    (run,) = sarif.sarif_of(changed, context)["runs"]
    related = run["results"][0]["relatedLocations"]
    assert [place["message"]["text"] for place in related] == [
        "inferred (as ever)",
        "documented (P, “S”)",
        "documented (RFC 9110)",
    ]
    assert ["physicalLocation" in place for place in related] == [True, True, False]
    notes = [note["message"]["text"] for note in run["invocations"][0]["toolExecutionNotifications"]]
    assert any(": hint: " in note for note in notes)
