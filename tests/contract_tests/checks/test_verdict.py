"""From judgements to a result."""

from __future__ import annotations

from dataclasses import replace

from apicontract import Fact, Provenance
from contract_tests.checks.verdict import Judged, clauses_of, failures, findings_of, result_of, severity_of, verdict_of
from contract_tests.model.clause import Clause, Ground
from tests.contract_tests.checks.recorded import SHOP, asked, listed, traffic_of

LIMIT = Clause("CT401", "{list} limit", "{list} holds no more than its limit")
OPERATION = SHOP.operation("listOrders")
DOCUMENTED, SUPPLEMENT, INFERRED = (Fact("#", Provenance(level)) for level in ("documented", "supplement", "inferred"))
VIEWS = traffic_of([listed(), asked("/v1/shops"), asked("/v1/shops")]).views


def limit(*facts: Ground) -> Clause:
    return LIMIT.about(OPERATION, *facts, list="orders")


def test_a_clause_is_declared_once_and_said_of_each_operation() -> None:
    clause = limit(DOCUMENTED, INFERRED)
    assert clause.id == "CT401:listOrders:orders limit"
    assert clause.statement == "orders holds no more than its limit"
    assert clause.provenance == INFERRED.provenance
    assert LIMIT.about(None, list="{x}").id == "CT401::{x} limit"
    assert LIMIT.provenance.level == "inferred"


def test_of_several_failures_the_best_founded_one_stands_for_its_clause_and_the_gravest_clause_is_first() -> None:
    judgements = [
        limit(INFERRED).holds(False, VIEWS[0], message="inferred"),
        limit(DOCUMENTED).holds(False, VIEWS[1], message="documented"),
        limit(SUPPLEMENT).holds(True, VIEWS[2]),
        replace(limit(SUPPLEMENT), detail="other").holds(False, VIEWS[2]),
    ]
    found = failures(reversed(judgements))
    assert list(found) == ["CT401:listOrders:orders limit", "CT401:listOrders:other"]
    assert found["CT401:listOrders:orders limit"].message == "documented"


def test_of_equal_failures_that_may_be_a_concurrent_change_the_closest_pair_is_shown() -> None:
    far, near = (
        limit(DOCUMENTED).holds(False, *pair, may_be_concurrent_change=True)
        for pair in ((VIEWS[0], VIEWS[2]), (VIEWS[1], VIEWS[2]))
    )
    assert failures([far, near])[far.id].exchanges == (2, 3)


def test_what_is_at_least_as_well_founded_as_asked_for_fails_the_run() -> None:
    assert [severity_of(level, "documented") for level in ("documented", "supplement", "inferred")] == [
        "error",
        "warning",
        "info",
    ]
    assert severity_of("inferred", "inferred") == "error"


def test_a_finding_has_its_evidence_and_what_repeats_it() -> None:
    judgement = limit(DOCUMENTED).holds(False, VIEWS[0], VIEWS[1], VIEWS[2], message="too many", expected=3, seen=4)
    exchanges = {view.number: view.exchange for view in VIEWS}
    (finding,) = findings_of({judgement.id: judgement}, exchanges, frozenset({judgement.id}), "documented")
    assert (finding.message, finding.expected, finding.seen, finding.flaky) == ("too many", 3, 4, True)
    assert finding.exchanges == (1, 2)
    assert finding.curl[0] == 'curl -sS -i -H "X-Key: $CONTRACT_TESTS_API_KEY" https://shop.test/v1/shops'


def test_every_clause_has_one_outcome_and_unchecked_ones_their_reason() -> None:
    holds, broken = limit(DOCUMENTED), replace(limit(DOCUMENTED), detail="broken")
    doubted, unknown = (replace(holds, detail=name) for name in ("doubted", "unknown"))
    failure = broken.holds(False, VIEWS[0], message="wrong")
    judgements = [holds.holds(True, VIEWS[0]), failure, doubted.holds(False), unknown.unknown("nothing to see")]
    judged = Judged(
        judgements,
        {broken.id: failure},
        {doubted.id: "it grew"},
        reasons={"CT701": "needs the write profile", "getStats": "the budget was spent", "": "not asked"},
    )
    found = {clause.id: (clause.outcome, clause.reason) for clause in clauses_of(SHOP, judged)}
    assert found[holds.id] == ("pass", "")
    assert found[broken.id] == ("fail", "wrong")
    assert found[doubted.id] == ("inconclusive", "it grew")
    assert found[unknown.id] == ("inconclusive", "nothing to see")
    assert found["CT701:addView:live"] == ("inconclusive", "needs the write profile")
    assert found["CT101:getStats:success"] == ("inconclusive", "the budget was spent")
    assert found["CT101:getShop:success"] == ("inconclusive", "not asked")


def test_a_run_that_was_not_finished_conforms_to_nothing() -> None:
    assert verdict_of([], True) == "conforms"
    assert verdict_of([], False) == "inconclusive"


def test_a_target_that_never_answered_breaks_nothing() -> None:
    traffic = traffic_of([asked("/v1/shops", 0)])
    failure = limit(DOCUMENTED).holds(False, traffic.views[0])
    result = result_of(
        traffic,
        Judged([failure], {failure.id: failure}),
        target="https://shop.test",
        least="documented",
        requests=1,
        seconds=1.0,
        stop_reason="completed",
        complete=True,
    )
    assert (result.verdict, result.findings) == ("inconclusive", ())
    assert {clause.reason for clause in result.clauses} == {"reset"}
