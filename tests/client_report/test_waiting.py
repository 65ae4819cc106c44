"""Clauses about retries and waits."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.client_report.ruling import Verdict
from tests.client_report.traffic import START, Traffic

PASS, FAIL, NOT_SEEN = Verdict.PASS, Verdict.FAIL, Verdict.NOT_SEEN


@pytest.mark.parametrize(("wait", "verdict"), [(2.0, PASS), (2.5, PASS), (1.9, FAIL), (0.001, FAIL)])
def test_a_client_waits_as_long_as_retry_after_says(wait: float, verdict: Verdict) -> None:
    traffic = Traffic().get(status=429, retry_after=2).get(wait=wait)
    assert traffic.rule("honours-retry-after").verdict is verdict


def test_retry_after_may_be_a_date() -> None:
    traffic = Traffic().get(status=503, retry_after="Sat, 07 Feb 2026 12:00:10 GMT").get(wait=9)
    assert traffic.rule("honours-retry-after").verdict is FAIL
    assert (
        Traffic()
        .get(status=503, retry_after="Sat, 07 Feb 2026 12:00:10 GMT")
        .get(wait=10)
        .rule("honours-retry-after")
        .verdict
        is PASS
    )


def test_a_window_that_opened_within_the_last_second_of_retry_after_is_open() -> None:
    refused: dict[str, Any] = {"status": 429, "retry_after": 60, "free_at": START + 59.2}
    assert Traffic().get(wait=0, **refused).get(wait=59.3).rule("honours-retry-after").verdict is PASS
    assert Traffic().get(wait=0, **refused).get(wait=59.1).rule("honours-retry-after").verdict is FAIL


def test_another_question_with_the_same_key_is_too_early_as_well() -> None:
    traffic = Traffic().get("/thing", status=429, retry_after=60).get("/things", wait=1)
    ruling = traffic.rule("honours-retry-after")
    assert ruling.verdict is FAIL
    assert ruling.evidence[0].entries == (1, 2)
    assert "GET /things → 200 came after 1 s" in ruling.evidence[0].says


def test_what_was_on_its_way_when_the_refusal_came_is_not_held_against_the_client() -> None:
    traffic = Traffic().get(status=429, retry_after=60).get("/things", wait=-0.0005, connection="127.0.0.1:5001")
    assert traffic.rule("honours-retry-after").verdict is NOT_SEEN


def test_a_new_connection_for_the_same_question_is_made_in_the_knowledge_of_the_answer() -> None:
    traffic = Traffic().get(status=429, retry_after=60)
    traffic.get(connection="127.0.0.1:5001", opened=traffic.now + 0.0005)
    assert traffic.rule("honours-retry-after").verdict is FAIL


def test_a_connection_that_stood_already_may_have_been_used_before_the_answer_came() -> None:
    traffic = Traffic().get(status=429, retry_after=60)
    traffic.get(connection="127.0.0.1:5001", opened=traffic.now - 0.0005)
    assert traffic.rule("honours-retry-after").verdict is NOT_SEEN


def test_another_key_has_a_limit_of_its_own() -> None:
    traffic = Traffic().get(status=429, retry_after=60).get(key="ak_2")
    assert traffic.rule("honours-retry-after").verdict is NOT_SEEN


def test_nothing_after_the_refusal_proves_nothing() -> None:
    assert Traffic().get(status=429, retry_after=60).rule("honours-retry-after").verdict is NOT_SEEN


def test_a_real_wait_counts_where_the_mocks_clock_stands_still() -> None:
    traffic = Traffic(at=0.0, answered=0.0).get(status=429, retry_after=2).get(wait=2)
    assert traffic.rule("honours-retry-after").verdict is PASS


def test_a_wait_of_the_mocks_clock_counts_where_nobody_really_slept() -> None:
    traffic = Traffic().get(status=429, retry_after=2).get(wait=0.001, at=1_770_465_700.0)
    assert traffic.rule("honours-retry-after").verdict is PASS


@pytest.mark.parametrize(
    ("waits", "verdict"),
    [
        ((1, 2, 4), PASS),
        ((1, 2, 4, 4, 4), PASS),
        ((0.5, 1.4, 2.2, 7), PASS),
        ((1, 1), FAIL),
        ((1, 1, 1, 1), FAIL),
        ((4, 2, 1), FAIL),
        ((0.001, 0.001, 0.001), FAIL),
        ((1,), NOT_SEEN),
    ],
)
def test_waits_between_retries_grow(waits: tuple[float, ...], verdict: Verdict) -> None:
    traffic = Traffic().get(status=500)
    for wait in waits:
        traffic.get(status=500, wait=wait)
    assert traffic.rule("backs-off").verdict is verdict


def test_waits_that_the_server_asked_for_need_not_grow() -> None:
    traffic = Traffic()
    for _ in range(4):
        traffic.get(status=503, retry_after=2, wait=2)
    assert traffic.rule("backs-off").verdict is NOT_SEEN


def test_no_whole_answer_is_a_failure_to_retry() -> None:
    traffic = Traffic()
    for wait in (0.0, 1.0, 1.0):
        traffic.get(status=0, broken=True, wait=wait, fault="CONNECTION_RESET_BY_PEER")
    assert traffic.rule("backs-off").verdict is FAIL


@pytest.mark.parametrize(("retries", "verdict"), [(0, NOT_SEEN), (1, PASS), (10, PASS), (11, FAIL)])
def test_a_request_that_keeps_failing_is_given_up(retries: int, verdict: Verdict) -> None:
    traffic = Traffic()
    for _ in range(retries + 1):
        traffic.get(status=500)
    assert traffic.rule("caps-retries").verdict is verdict


def test_a_success_ends_a_row_of_retries() -> None:
    traffic = Traffic()
    for _ in range(8):
        traffic.get(status=500).get(status=500).get(status=200)
    assert traffic.rule("caps-retries").verdict is PASS


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_what_was_refused_as_wrong_is_not_repeated(status: int) -> None:
    assert Traffic().get(status=status).get(wait=1).rule("never-retries-client-errors").verdict is FAIL
    assert Traffic().get(status=status).get("/things").rule("never-retries-client-errors").verdict is PASS
    assert Traffic().get(status=status).rule("never-retries-client-errors").verdict is PASS


def test_a_429_may_be_repeated() -> None:
    assert Traffic().get(status=429).get().rule("never-retries-client-errors").verdict is NOT_SEEN


def test_asking_again_much_later_or_with_another_key_is_no_retry() -> None:
    assert Traffic().get(status=404).get(wait=61).rule("never-retries-client-errors").verdict is PASS
    assert Traffic().get(status=401).get(key="ak_2").rule("never-retries-client-errors").verdict is PASS


def test_a_used_up_month_is_the_end_until_the_next_one() -> None:
    month = 22 * 86_400
    refused: dict[str, Any] = {"status": 429, "problem": "quota-exceeded"}
    assert Traffic().get(**refused).rule("stops-at-quota").verdict is PASS
    assert Traffic().get(**refused).get(wait=3600).rule("stops-at-quota").verdict is FAIL
    assert Traffic().get(**refused).get(wait=month).rule("stops-at-quota").verdict is PASS
    assert Traffic().get(status=429, problem="rate-limited").get().rule("stops-at-quota").verdict is NOT_SEEN
