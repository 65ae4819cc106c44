"""The list of requests and the page of a request, over real sockets."""

from __future__ import annotations

import re

import httpx
import pytest

from mockserver.console.page import environment
from tests.console.conftest import PRO, Visitor, words
from tests.servers import SITE, ZENOVAY

WEBSITES = f"{ZENOVAY}/websites"
HOSTILE = "<script>document.title='hit'</script>\"'><img src=x onerror=alert(1)>"


def number_of(visitor: Visitor, place: int = -1) -> int:
    """Return the number of a journal entry."""
    listed = visitor.control("requests")
    assert isinstance(listed, dict)
    return int(listed["requests"][place]["number"])


def test_an_empty_list_says_how_to_make_the_first_request(visitor: Visitor) -> None:
    shown = visitor.read()
    assert "No requests yet" in shown
    assert f"curl -H 'X-API-Key: zv_demo_free' {visitor.url}{WEBSITES}" in shown


def test_requests_stand_newest_first_with_operation_key_and_status(visitor: Visitor) -> None:
    visitor.ask(WEBSITES)
    visitor.ask(f"{WEBSITES}/nothing")
    shown = visitor.read()
    assert "listWebsites zv_demo_pro 200" in shown
    assert shown.index("/websites/nothing") < shown.index("listWebsites zv_demo_pro 200")


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("status=401", [401]),
        ("status=2xx", [200, 200]),
        ("operation=getUsage", [200]),
        ("key=ak_1a2b3c4d-5e6f-4071-8293-a4b5c6d7e8f9", [200, 200]),
        ("client=my-app", [200]),
        ("search=/USAGE", [200]),
        ("search=get /api", [200, 200, 401]),
        ("client=my-app&status=401", []),
    ],
)
def test_the_list_is_filtered_by_operation_key_status_and_client(visitor: Visitor, query: str, kept: list[int]) -> None:
    visitor.ask(WEBSITES)
    visitor.ask(f"{ZENOVAY}/usage", headers={"User-Agent": "my-app"})
    visitor.ask(WEBSITES, key="no_such_key_at_all")
    page = visitor.see(f"/?{query}")
    assert [page.count(f">{status}</span>") for status in (200, 401)] == [kept.count(200), kept.count(401)]
    assert f"{len(kept)} of 3 in the journal" in words(page)


def test_requests_are_grouped_by_operation_with_their_answers_and_times(visitor: Visitor) -> None:
    for _ in range(3):
        visitor.ask(WEBSITES)
    visitor.ask(WEBSITES, key="no_such_key_at_all")
    visitor.ask(f"{ZENOVAY}/usage?search=me")
    page = visitor.see("/?group=operation")
    shown = words(page[page.index("<tbody>") :])
    assert re.search(r"listWebsites 4 requests 200 3 401 1 [\d.]+ ms, median [\d.]+ ms, slowest last: 4 ", shown)
    assert shown.index("listWebsites") < shown.index("getUsage 1 request 200 1")
    assert 'href="/__mock/?operation=listWebsites"' in page
    assert "getUsage" in words(visitor.see("/?group=operation&search=search=me").partition("<tbody>")[2])
    assert "no request" in visitor.read("/?group=operation&status=5xx")


@pytest.mark.parametrize(
    ("seconds", "text", "share"), [(0, "0.0", 2), (0.001, "1.0", 20), (0.5, "500", 74), (99, "99,000", 100)]
)
def test_a_time_is_a_bar_with_its_milliseconds(seconds: float, text: str, share: float) -> None:
    template = environment().from_string("{{ seconds | milliseconds }} {{ seconds | share }}")
    shown, _, length = template.render(seconds=seconds).partition(" ")
    assert shown == text
    assert float(length) == pytest.approx(share, abs=0.1)


def test_a_filter_that_is_none_is_left_out_and_said(visitor: Visitor) -> None:
    visitor.ask(WEBSITES)
    shown = visitor.read("/?status=banana")
    assert "the filter was ignored" in shown
    assert "1 of 1 in the journal" in shown


def test_an_entry_shows_how_the_contract_read_it(visitor: Visitor) -> None:
    visitor.ask(f"{ZENOVAY}/analytics/{SITE}/visitors?limit=5&colour=blue")
    shown = visitor.read(f"/console/requests/{number_of(visitor)}")
    assert "limit query 5 given" in shown
    assert "offset query 0 default" in shown
    assert "colour is not in the contract, and was ignored" in shown
    assert "The key is zv_demo_pro (Dashboard, plan pro)." in shown
    assert "X-API-Key (header), or Authorization (Bearer header)" in shown


def test_an_entry_says_what_is_only_inferred_and_why(visitor: Visitor) -> None:
    visitor.ask(f"{ZENOVAY}/analytics/{SITE}")
    shown = visitor.read(f"/console/requests/{number_of(visitor)}")
    assert "minimum of data.summary.total_visitors, minimum of data.summary.total_page_views" in shown
    assert "a count is never negative" in shown


def test_an_entry_says_which_limit_refused_it(visitor: Visitor) -> None:
    visitor.ask(WEBSITES, key="zv_demo_exhausted")
    shown = visitor.read(f"/console/requests/{number_of(visitor)}")
    assert "A rate limit refused the request: quota-exceeded: plan pro" in shown
    assert "The error is “quota-exceeded”, 429 with the code MONTHLY_LIMIT_EXCEEDED: supplement" in shown


def test_an_entry_of_no_operation_says_what_was_probably_meant(visitor: Visitor) -> None:
    visitor.ask(f"{ZENOVAY}/website")
    shown = visitor.read(f"/console/requests/{number_of(visitor)}")
    assert "Nearest operations" in shown
    assert "expected 'websites', found 'website'" in shown


def test_the_curl_line_sends_the_same_with_the_demo_key(visitor: Visitor) -> None:
    visitor.ask(f"{WEBSITES}?a=it's")
    page = visitor.read(f"/console/requests/{number_of(visitor)}")
    assert f"-H 'X-API-Key: {PRO}'" in page
    assert f"{visitor.url}{WEBSITES}?a=it" in page
    assert f"-H 'x-test-id: {visitor.test}'" in page


def test_a_key_in_the_wrong_form_is_sent_again_in_that_form(visitor: Visitor) -> None:
    visitor.ask(WEBSITES, key="", headers={"Authorization": PRO})
    number = number_of(visitor)
    page = visitor.read(f"/console/requests/{number}")
    assert f"-H 'Authorization: {PRO}'" in page
    assert "but its form is not accepted" in page
    visitor.click(f"/console/requests/{number}/replay")
    assert "401" in visitor.read(f"/console/requests/{number_of(visitor)}")


def test_the_curl_line_of_an_unknown_credential_stays_masked(visitor: Visitor) -> None:
    visitor.ask(WEBSITES, key="a_real_secret_of_somebody")
    page = visitor.see(f"/console/requests/{number_of(visitor)}")
    assert "a_real_secret_of_somebody" not in page
    assert "The credential is masked" in page


def test_a_replay_is_a_request_like_any_other(visitor: Visitor) -> None:
    visitor.ask(f"{ZENOVAY}/usage", headers={"User-Agent": "my-app"})
    number = number_of(visitor)
    answer = visitor.click(f"/console/requests/{number}/replay")
    assert number_of(visitor) == number + 1
    assert answer.headers["location"] == f"/__mock/console/requests/{number + 1}"
    shown = visitor.read(f"/console/requests/{number + 1}")
    assert f"this console: replay of {number}" in shown
    assert "200" in shown
    used = visitor.control("limits/zv_demo_pro")
    assert isinstance(used, dict)
    assert used["minute"]["used"] == 2


def test_the_next_answer_can_be_a_documented_error_once(visitor: Visitor) -> None:
    visitor.ask(WEBSITES)
    visitor.click(f"/console/requests/{number_of(visitor)}/next", error="rate-limited")
    assert [visitor.ask(WEBSITES).status_code for _ in range(2)] == [429, 200]


def test_an_error_that_the_operation_does_not_have_is_refused_with_those_it_has(visitor: Visitor) -> None:
    visitor.ask(WEBSITES)
    answer = visitor.click(f"/console/requests/{number_of(visitor)}/next", 422, error="418")
    assert "unauthorized" in words(answer.text)


def test_a_number_that_is_not_in_the_journal_is_not_found(visitor: Visitor) -> None:
    assert "The journal has no request 7" in visitor.read("/console/requests/7", 404)


def test_the_list_can_be_emptied(visitor: Visitor) -> None:
    visitor.ask(WEBSITES)
    visitor.click("/console/requests/clear")
    assert "No requests yet" in visitor.read()


def test_markup_in_traffic_is_text(visitor: Visitor) -> None:
    quoted = httpx.QueryParams({"q": HOSTILE})
    path = f"{ZENOVAY}/{httpx.URL('http://x/' + HOSTILE).raw_path.decode()[1:]}?{quoted}"
    headers = {"User-Agent": HOSTILE, "X-Note": HOSTILE, "Referer": HOSTILE}
    visitor.ask(path, key=f"{HOSTILE}!", headers=headers)
    visitor.ask(f"{ZENOVAY}/websites?x=<script>1</script>", headers=headers)
    visitor.ask("/e/ZV_abc123xyz", method="POST", content=HOSTILE, headers={"Content-Type": "text/html"})
    visitor.ask("/e/ZV_abc123xyz", method="POST", json={HOSTILE: HOSTILE})
    number = number_of(visitor)
    pages = ["/", *(f"/console/requests/{one}" for one in range(number - 3, number + 1)), "/console/clients"]
    for path in pages:
        page = visitor.see(path)
        assert "<script>d" not in page
        assert "<script>1" not in page
        assert "<img" not in page
        assert "&lt;script&gt;" in page


def test_new_requests_come_as_events_that_carry_a_row_and_its_number(visitor: Visitor) -> None:
    visitor.ask(WEBSITES)
    with visitor.client.stream("GET", "/__mock/console/requests/stream?after=1&status=2xx") as events:
        assert events.headers["content-type"].startswith("text/event-stream")
        visitor.ask(WEBSITES, key="wrong_key_altogether")
        visitor.ask(f"{ZENOVAY}/usage")
        seen = ""
        for line in events.iter_lines():
            seen += line + "\n"
            if (seen.endswith("\n\n") and "id: 3" in seen) or ": ping" in seen:
                break
    assert "event: entry" in seen
    assert "getUsage" in seen
    assert "id: 2" not in seen


def test_a_listener_of_a_server_that_was_started_anew_hears_it_from_its_first_request(visitor: Visitor) -> None:
    visitor.ask(WEBSITES)
    with visitor.client.stream("GET", "/__mock/console/requests/stream?after=812") as events:
        first = next(line for line in events.iter_lines() if line.startswith(("id:", ": ping")))
    assert first == "id: 1"


def test_a_listener_that_comes_back_goes_on_where_it_was(visitor: Visitor) -> None:
    for _ in range(3):
        visitor.ask(WEBSITES)
    with visitor.client.stream(
        "GET", "/__mock/console/requests/stream?after=0", headers={"Last-Event-ID": "2"}
    ) as events:
        first = next(line for line in events.iter_lines() if line.startswith(("id:", ": ping")))
    assert first == "id: 3"


def test_characters_that_turn_or_hide_text_are_shown_as_escapes(visitor: Visitor) -> None:
    odd = "a\u202eb\x85c"
    visitor.ask(f"{ZENOVAY}/x%1b%e2%80%ae", headers={"User-Agent": odd.encode()})
    visitor.ask("/e/ZV_abc123xyz", method="POST", json={odd: odd})
    number = number_of(visitor)
    shown = [visitor.see("/"), *(visitor.see(f"/console/requests/{one}") for one in (number - 1, number))]
    shown += [
        visitor.client.get(f"/__mock/{path}", headers={"X-Test-Id": visitor.test}).text
        for path in ("requests", "requests.har")
    ]
    for text in shown:
        assert "\\u0085" in text
        assert not {"\u202e", "\x85", "\x80"} & set(text)
