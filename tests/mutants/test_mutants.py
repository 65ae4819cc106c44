"""The contract tests find broken servers, and nothing on good ones. All of them: `make mutants`; here a part."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.mutants import attack, befriend, said
from tests.mutants.defects import AP, MUTANTS, Z25, Z26
from tests.mutants.server import Mutant
from tests.mutants.strangers import STRANGERS, Stranger

PART = [
    *(mutant for mutant in MUTANTS if mutant.contract == AP),
    *[mutant for mutant in MUTANTS if mutant.contract == Z25][::4],
    *[mutant for mutant in MUTANTS if mutant.contract == Z26][::16],
]

UNSTATED = {
    *("ap-twice-forbidden", "ap-key-in-query", "ap-echoes-key-header"),
    *("z26-twice-added-up", "z26-key-in-query", "z26-request-id-constant"),
}
"""Defects in what no document states: of these there are hints only."""


@pytest.mark.parametrize("mutant", PART, ids=lambda mutant: mutant.name)
def test_a_broken_server_is_found(mutant: Mutant) -> None:
    run = attack(mutant.contract, mutant, budget=250 if mutant.profile == "burst" or mutant.name in UNSTATED else 160)
    if mutant.name in UNSTATED:
        assert (run.result.verdict, run.result.findings) == ("conforms", ())
        assert run.result.hints[0].curl
        return
    assert run.result.verdict == "violates", f"{mutant.kind}: {mutant.sentence}"
    assert run.result.findings[0].curl
    assert run.killed_at is not None


def test_there_are_mutants_of_every_class_for_every_contract() -> None:
    assert len(MUTANTS) >= 100
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
    assert {mutant.contract for mutant in MUTANTS} == {Z26, Z25, AP}
    assert all(mutant.sentence and (mutant.before or mutant.after) for mutant in MUTANTS)
    assert min(Counter(mutant.kind for mutant in MUTANTS).values()) >= 5


@pytest.mark.parametrize(
    ("selector", "profile"),
    [
        (Z26, "readonly"),
        (Z25, "readonly"),
        (Z26, "write"),
        (Z25, "write"),
        (Z25, "burst"),
        (AP, "readonly"),
        (AP, "burst"),
    ],
)
def test_the_unbroken_server_conforms(selector: str, profile: str) -> None:
    run = attack(selector, None, profile=profile, budget=300)
    assert [(finding.clause.id, finding.message) for finding in run.result.findings] == []
    assert run.result.verdict == "conforms"


@pytest.mark.parametrize("selector", [Z26, Z25, AP])
def test_a_verdict_takes_120_requests_and_five_minutes_at_most(selector: str) -> None:
    result = attack(selector, None, budget=120).result
    assert (result.verdict, result.stop_reason.partition(";")[0]) == ("conforms", "completed")
    assert result.requests <= 120
    assert result.seconds < 300


@pytest.mark.parametrize("selector", [Z25, AP])
def test_the_verdict_is_the_same_every_time(selector: str) -> None:
    runs = [attack(selector, None, seed=seed).result for seed in range(3)]
    assert {(run.verdict, run.requests, len(run.findings)) for run in runs} == {("conforms", runs[0].requests, 0)}


@pytest.mark.parametrize(("selector", "budget"), [(Z26, 120), (Z25, 250), (AP, 250)], ids=[Z26, Z25, AP])
@pytest.mark.parametrize("stranger", STRANGERS, ids=lambda stranger: stranger.name)
def test_a_server_that_differs_and_conforms_gives_no_finding(selector: str, budget: int, stranger: Stranger) -> None:
    result = befriend(selector, stranger, budget=budget)
    assert [(finding.clause.id, finding.message) for finding in result.findings] == []
    assert result.verdict == "conforms"


def test_a_clause_that_was_not_seen_is_never_counted_as_passed() -> None:
    result = attack(Z25, None, budget=300).result
    burst = [clause for clause in result.clauses if clause.code == "CT608"]
    assert burst
    assert all(clause.outcome == "inconclusive" and "burst" in clause.reason for clause in burst)


def test_a_refused_combination_is_taken_apart_to_name_the_right_value() -> None:
    mutant = next(mutant for mutant in MUTANTS if mutant.name == "z26-min-off-by-one")
    findings = attack(mutant.contract, mutant, budget=60).result.findings
    refused = [finding for finding in findings if finding.code == "CT302"]
    assert [finding.clause.id for finding in refused] == ["CT302:listCountries:limit=1 (minimum)"]
    assert refused[0].curl[0].rstrip("'").endswith("/countries?limit=1")


def test_a_run_repeated_says_the_same_of_every_clause() -> None:
    mutant = next(mutant for mutant in MUTANTS if mutant.contract == AP)
    assert len({said(attack(AP, each).result) for _ in range(2) for each in (None, mutant)}) == 2
