"""Clauses about the requests of a client, and its use of the answers."""

from __future__ import annotations

import pytest

from mockserver.client_report.ruling import Verdict
from tests.client_report.traffic import Traffic

PASS, FAIL, NOT_SEEN = Verdict.PASS, Verdict.FAIL, Verdict.NOT_SEEN


def test_a_key_belongs_in_a_header() -> None:
    assert Traffic().get().rule("keys-only-in-headers").verdict is PASS
    ruling = Traffic().get().get(exposed=("query parameter api_key",)).rule("keys-only-in-headers")
    assert ruling.verdict is FAIL
    assert "query parameter api_key" in ruling.evidence[0].says
    assert Traffic(key="").get().rule("keys-only-in-headers").verdict is NOT_SEEN


@pytest.mark.parametrize(
    ("data", "wait", "verdict"),
    [("same", 5, FAIL), ("same", 60.1, PASS), ("", 5, PASS)],
)
def test_polling_is_no_faster_than_the_data(data: str, wait: float, verdict: Verdict) -> None:
    traffic = Traffic()
    for number in range(5):
        traffic.get(wait=wait, data=data or str(number))
    assert traffic.rule("polls-no-faster-than-data").verdict is verdict


def test_two_requests_for_the_same_do_not_make_a_poller() -> None:
    assert Traffic().get(data="same").get(data="same").rule("polls-no-faster-than-data").verdict is NOT_SEEN


MORE, END = {"pagination": {"has_more": True}}, {"pagination": {"has_more": False}}


@pytest.mark.parametrize(
    ("targets", "verdict"),
    [
        (["/things?limit=10&offset=0", "/things?limit=10&offset=10", "/things?limit=10&offset=20"], PASS),
        (["/things?limit=10", "/things?limit=10&offset=10"], PASS),
        (["/things?limit=10&offset=0", "/things?limit=10&offset=20"], FAIL),
        (["/things?limit=10&offset=0", "/things?limit=10&offset=5"], FAIL),
        (["/things?limit=10&offset=0"], NOT_SEEN),
        (["/things?limit=10&offset=0", "/things?limit=10&offset=0"], NOT_SEEN),
        (["/pages?page=1&per_page=5", "/pages?page=2&per_page=5"], PASS),
        (["/pages", "/pages?page=3"], FAIL),
        (["/thing", "/thing"], NOT_SEEN),
    ],
)
def test_the_next_page_begins_where_the_last_one_ended(targets: list[str], verdict: Verdict) -> None:
    traffic = Traffic(answer=MORE)
    for target in targets:
        traffic.get(target)
    assert traffic.rule("honours-pagination").verdict is verdict


def test_after_the_last_page_there_is_none() -> None:
    traffic = Traffic().get("/things?limit=10&offset=0", answer=END).get("/things?limit=10&offset=10", answer=END)
    assert traffic.rule("honours-pagination").verdict is FAIL
    last = {"pagination": {"page": 1, "per_page": 5, "total": 3, "total_pages": 1}}
    assert Traffic(answer=last).get("/pages").get("/pages?page=2").rule("honours-pagination").verdict is FAIL


STRANGE = {"things": [{"id": 1, "colour": "red"}]}


def test_an_unknown_field_stops_nobody() -> None:
    ruling = Traffic().get(answer=STRANGE).get("/things").rule("ignores-unknown-fields")
    assert ruling.verdict is PASS
    assert "things[].colour" in ruling.evidence[0].says
    assert Traffic().get(answer=STRANGE).get().rule("ignores-unknown-fields").verdict is FAIL
    assert Traffic().get(answer=STRANGE).rule("ignores-unknown-fields").verdict is NOT_SEEN
    assert Traffic().get().get().rule("ignores-unknown-fields").verdict is NOT_SEEN


def test_a_parameter_that_no_edition_knows_is_named_with_those_that_exist() -> None:
    ruling = Traffic().get("/things?colour=red").rule("uses-only-known-parameters")
    assert ruling.verdict is FAIL
    assert "no parameter 'colour' (it has: limit, offset, range)" in ruling.evidence[0].says
    assert Traffic().get("/things?range=7d&__code=200").rule("uses-only-known-parameters").verdict is PASS
    assert Traffic().get("/things").rule("uses-only-known-parameters").verdict is NOT_SEEN


def test_the_other_editions_name_of_a_parameter_is_recognised() -> None:
    ruling = Traffic().get("/things?timeRange=7d").rule("uses-only-known-parameters")
    assert ruling.verdict is FAIL
    assert "it belongs to small@1" in ruling.evidence[0].says
