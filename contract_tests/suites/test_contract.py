"""One run against `--target`, as items: one for each operation and check."""

from __future__ import annotations

import pytest

from contract_tests.model.finding import Result


def test_contract(
    contract_item: tuple[str | None, str], contract_result: Result, request: pytest.FixtureRequest
) -> None:
    operation, code = contract_item
    clauses = [clause for clause in contract_result.clauses if clause.code == code]
    if operation is None:
        known = {item.callspec.params["contract_item"] for item in request.session.items if hasattr(item, "callspec")}
        clauses = [clause for clause in clauses if (clause.operation, code) not in known]
    else:
        clauses = [clause for clause in clauses if clause.operation == operation]
    names = {clause.id for clause in clauses}
    found = [
        finding for finding in contract_result.findings if finding.clause.id in names and finding.severity == "error"
    ]
    if found:
        lines = [
            line
            for finding in found
            for line in (f"{finding.code}: {finding.message} ({finding.clause.provenance})", *finding.curl)
        ]
        pytest.fail("\n".join(lines), pytrace=False)
    if not any(clause.outcome == "pass" for clause in clauses):
        pytest.skip(
            "; ".join(dict.fromkeys(clause.reason for clause in clauses if clause.reason))
            or "no clause of this check was seen"
        )


def test_run_was_finished(contract_result: Result) -> None:
    if contract_result.verdict == "inconclusive":
        pytest.fail(f"inconclusive: {contract_result.stop_reason}", pytrace=False)
