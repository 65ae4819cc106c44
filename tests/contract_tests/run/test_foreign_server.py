"""The engine against a server that is not the mock, and a contract that has none of its extensions."""

from __future__ import annotations

from pathlib import Path

import pytest

from apicontract import load_contract
from contract_tests.run.engine import Options, plan, run
from tests.contract_tests.run.library import KEY, library

CONTRACT = load_contract(Path(__file__).parent / "library.yaml")


def options(target: str, **more: object) -> Options:
    """A run without pauses: the library has no limit."""
    return Options(target=target, contract=CONTRACT, keys={"main": KEY}, rate="off", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("manner", ["", "chunked and compressed", "lower case", "slow"])
def test_a_good_server_conforms_and_every_request_is_counted(manner: str) -> None:
    with library(manner=manner) as (url, handler):
        result, exchanges = run(options(url))
        assert (result.verdict, result.findings) == ("conforms", ())
        assert result.requests == len(exchanges) == handler.seen


@pytest.mark.parametrize(
    ("defect", "code"),
    [
        ("open", "CT201"),
        ("case", "CT202"),
        ("crash", "CT102"),
        ("type", "CT106"),
        ("header", "CT108"),
    ],
)
def test_a_defect_of_a_foreign_server_is_found(defect: str, code: str) -> None:
    with library(defect) as (url, _):
        result, _ = run(options(url))
    assert result.verdict == "violates"
    assert code in {finding.code for finding in result.findings}


@pytest.mark.parametrize(
    ("defect", "code"),
    [("any book", "CT210"), ("overlap", "CT405"), ("one more", "CT401"), ("no filter", "CT308")],
)
def test_what_only_names_suggest_is_a_hint_and_fails_no_run(defect: str, code: str) -> None:
    with library(defect) as (url, _):
        result, _ = run(options(url, min_provenance="inferred"))
    assert (result.verdict, result.findings) == ("conforms", ())
    hint = next(hint for hint in result.hints if hint.code == code)
    assert hint.clause.guesses
    clause = next(clause for clause in result.clauses if clause.id == hint.clause.id)
    assert (clause.outcome, clause.reason) == ("inconclusive", f"only a hint: {hint.message}")


@pytest.mark.parametrize("budget", [1, 2, 7, 20])
def test_no_more_requests_arrive_than_the_budget_allows(budget: int) -> None:
    with library("type") as (url, handler):
        result, _ = run(options(url, max_requests=budget))
        assert handler.seen == result.requests <= budget


def test_a_plan_sends_nothing() -> None:
    with library() as (url, handler):
        assert plan(options(url)).steps
        assert handler.seen == 0


def test_a_run_that_cannot_be_finished_is_inconclusive() -> None:
    with library() as (url, _):
        result, _ = run(options(url, max_requests=5))
    assert result.verdict == "inconclusive"
    assert "budget" in result.stop_reason


def test_an_unreachable_target_is_inconclusive() -> None:
    result, _ = run(options("http://127.0.0.1:9"))
    assert result.verdict == "inconclusive"
    assert result.stop_reason.startswith("nothing can be reached at 127.0.0.1:9")


@pytest.mark.parametrize(
    ("defect", "shown"),
    [("crash", "limit="), ("crash on an id", "/books/"), ("crash on a key", "X-Token: ")],
    ids=["a query", "an id", "a key"],
)
def test_the_fuzz_phase_shrinks_what_it_finds(defect: str, shown: str) -> None:
    with library(defect) as (url, _):
        result, _ = run(options(url, phases=frozenset({"fuzz"}), max_requests=200))
    curl = min((finding.curl[0] for finding in result.findings if finding.code == "CT102"), key=len)
    assert shown in curl.replace("offset=", "limit=")
    assert len(curl) < (200 if defect != "crash on a key" else 3000)


def test_the_fuzz_phase_finds_nothing_on_a_good_server() -> None:
    with library() as (url, handler):
        result, _ = run(options(url, phases=frozenset({"probe", "fuzz"}), max_requests=250))
        assert (result.verdict, result.findings) == ("conforms", ())
        assert 100 < handler.seen <= 250
