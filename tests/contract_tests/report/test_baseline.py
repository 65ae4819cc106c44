"""Accepted findings, until a date."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from contract_tests.model.finding import Result
from contract_tests.report.baseline import (
    GRACE,
    Accepted,
    Baseline,
    BaselineError,
    apply,
    load_baseline,
    repaired,
    save_baseline,
    updated,
)
from contract_tests.report.redaction import Redactor

TODAY = date(2026, 2, 7)
LIMIT = Accepted("CT301", "listPages", "CT301:listPages:limit", TODAY, "we know")


def test_an_accepted_finding_no_longer_fails_the_run(result: Result) -> None:
    after = apply(Baseline((LIMIT,)), result, TODAY)
    assert after.verdict == "conforms"
    assert [finding.code for finding in after.accepted] == ["CT301"]
    assert "CT301" not in [finding.code for finding in after.findings]


def test_the_day_after_it_expires_it_fails_again(result: Result) -> None:
    after = apply(Baseline((LIMIT,)), result, TODAY + timedelta(days=1))
    assert after == result
    assert Baseline((LIMIT,)).expired(TODAY + timedelta(days=1)) == [LIMIT]


def test_another_clause_or_operation_is_not_accepted_with_it(result: Result) -> None:
    for other in (replace(LIMIT, clause="else"), replace(LIMIT, operation="getUsage"), replace(LIMIT, code="CT302")):
        assert apply(Baseline((other,)), result, TODAY).verdict == "violates"


def test_a_run_that_broke_off_stays_inconclusive(result: Result) -> None:
    after = apply(Baseline((LIMIT,)), replace(result, stop_reason="budget spent", complete=False), TODAY)
    assert after.verdict == "inconclusive"


def test_an_update_keeps_dates_and_reasons_and_drops_what_was_repaired(result: Result) -> None:
    repaired_one = Accepted("CT101", "listPages", "CT101:listPages:200", TODAY)
    unchecked = Accepted("CT501", "listPages", "CT501:listPages:scope", TODAY, "later")
    after = updated(Baseline((LIMIT, repaired_one, unchecked)), result, TODAY)
    entries = {entry.clause: entry for entry in after.entries}
    assert entries.pop(LIMIT.clause) == LIMIT
    assert entries.pop(unchecked.clause) == unchecked
    new = entries.pop("CT402:getUsage:x-usage-total")
    assert new.expires == TODAY + GRACE
    assert not entries
    assert repaired(Baseline((LIMIT, repaired_one)), result) == [repaired_one]


def test_an_update_gives_an_expired_entry_a_new_date_and_keeps_its_reason(result: Result) -> None:
    (entry,) = [
        entry
        for entry in updated(Baseline((LIMIT,)), result, TODAY + timedelta(days=5)).entries
        if entry.clause == LIMIT.clause
    ]
    assert entry == replace(LIMIT, expires=TODAY + timedelta(days=5) + GRACE)


def test_what_is_saved_is_loaded_again(tmp_path: Path, result: Result) -> None:
    path = tmp_path / "baseline.yaml"
    baseline = updated(Baseline((LIMIT,)), result, TODAY)
    save_baseline(path, baseline, Redactor())
    assert set(load_baseline(path).entries) == set(baseline.entries)
    assert path.read_text().startswith("# Findings that are accepted")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("accepted: {", "cannot be read as YAML"),
        ("- a", "has a list `accepted`"),
        ("accepted: [3]", r"accepted\[0\]: an entry has"),
        ("accepted: [{code: CT1, operation: a, clause: c}]", r"accepted\[0\]: `expires` is missing"),
        ("accepted: [{code: CT1, operation: a, clause: c, expires: soon}]", "'soon'; expected a date"),
    ],
)
def test_a_broken_baseline_is_refused_with_the_place(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "baseline.yaml"
    path.write_text(text)
    with pytest.raises(BaselineError, match=message):
        load_baseline(path)


def test_a_missing_baseline_says_how_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match="--baseline-update"):
        load_baseline(tmp_path / "none.yaml")


def test_an_empty_baseline_accepts_nothing(tmp_path: Path) -> None:
    path = tmp_path / "baseline.yaml"
    path.write_text("")
    assert load_baseline(path) == Baseline()
