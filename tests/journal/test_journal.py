"""The journal: bounded, and readable without secrets."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import orjson
import pytest

from mockserver.app import create_app
from mockserver.clock import Clock
from mockserver.journal.entry import Entry
from mockserver.journal.journal import MemoryJournal
from mockserver.journal.redaction import Redaction
from mockserver.pipeline.answer import Answer
from mockserver.pipeline.lines import LastHeaders
from mockserver.pipeline.request import Request
from mockserver.settings import Settings

SECRET = "sk_live_0123456789"
KEYS = {SECRET: "ak_1"}
APP = create_app(Settings(contracts=("zenovay@2026-02",), now=1_770_465_600.0))
WEBSITES = b"/api/external/v1/websites"


def asked(
    path: bytes = WEBSITES,
    query: bytes = b"",
    *headers: tuple[bytes, bytes],
    method: str = "GET",
    body: bytes = b"",
) -> tuple[Request, Answer]:
    """Return a request and its answer."""
    pipeline = APP.mock.pipeline
    peer, started = ("127.0.0.1", 5000), time.perf_counter()
    request = pipeline.receive(method, path, query, list(headers), dict(headers), peer, started)
    request.body = body
    judged = pipeline.judge(request)
    quota = None if judged.spending is None else pipeline.space.spend_now(judged.spending)
    return request, pipeline.complete(request, judged, quota)


def entry(*arguments: Any, **options: Any) -> Entry:
    journal = MemoryJournal(Clock(1_770_465_600.0), redaction=Redaction(KEYS))
    journal.add(*asked(*arguments, **options))
    return read(journal)[0]


def read(journal: MemoryJournal, after: int = 0) -> list[Entry]:
    return asyncio.run(journal.read(after)).entries


def test_it_holds_as_many_as_it_may_and_counts_what_it_forgot() -> None:
    journal = MemoryJournal(Clock(), most=10)
    for _ in range(25):
        journal.add(*asked())
    assert [number for number, _ in journal.numbered()] == list(range(16, 26))
    assert journal.dropped == 15


def test_it_can_be_read_from_where_one_has_read_to() -> None:
    journal = MemoryJournal(Clock(), most=10)
    for _ in range(25):
        journal.add(*asked())
    assert [number for number, _ in journal.numbered(23)] == [24, 25]
    assert [number for number, _ in journal.numbered(3)] == list(range(16, 26))
    assert [one.number for one in read(journal, 24)] == [25]
    assert journal.numbered(25) == journal.numbered(99) == []


def test_it_holds_as_many_bytes_as_it_may() -> None:
    journal = MemoryJournal(Clock(), most_bytes=100_000)
    for _ in range(30):
        journal.add(*asked(body=b"x" * 20_000))
    assert journal.weight <= 100_000
    assert 0 < len(journal) < 5


def test_long_headers_weigh_as_well() -> None:
    journal = MemoryJournal(Clock(), most_bytes=100_000)
    for number in range(30):
        journal.add(*asked(WEBSITES, b"", (b"x-long", b"%d" % number * 10_000)))
    assert len(journal) < 10


def test_headers_that_are_sent_again_and_again_are_kept_once() -> None:
    journal, last = MemoryJournal(Clock(), most_bytes=100_000), LastHeaders()
    for _ in range(30):
        request, answer = asked(WEBSITES, b"", (b"x-long", b"x" * 20_000))
        request.raw_headers, request.headers = last.find(request.raw_headers)
        journal.add(request, answer)
    assert len(journal) == 30
    assert len({id(record.headers) for _, record in journal.numbered()}) == 1


def test_what_is_cleared_is_gone_and_numbers_go_on() -> None:
    journal = MemoryJournal(Clock())
    journal.add(*asked())
    journal.clear_now()
    journal.add(*asked())
    assert [number for number, _ in journal.numbered()] == [2]


@pytest.mark.parametrize(
    "request_of",
    [
        lambda: entry(WEBSITES, b"", (b"x-api-key", SECRET.encode())),
        lambda: entry(WEBSITES, b"", (b"authorization", b"Bearer " + SECRET.encode())),
        lambda: entry(WEBSITES, b"", (b"x-other", SECRET.encode())),
        lambda: entry(WEBSITES, b"", (b"cookie", b"session=" + SECRET.encode())),
        lambda: entry(WEBSITES, b"api_key=" + SECRET.encode()),
        lambda: entry(WEBSITES, b"q=" + SECRET.encode()),
        lambda: entry(WEBSITES, b"q=%73" + SECRET[1:].encode()),
        lambda: entry(b"/nowhere/" + SECRET.encode()),
        lambda: entry(b"/nowhere/%73" + SECRET[1:].encode()),
        lambda: entry(b"/e/x", method="POST", body=orjson.dumps({"data": SECRET})),
        lambda: entry(b"/api/external/v1/analytics/" + SECRET.encode()),
    ],
)
def test_a_known_secret_is_shown_nowhere(request_of: Any) -> None:
    shown = repr(request_of())
    assert SECRET not in shown
    assert SECRET[1:] not in shown


def test_what_stands_where_credentials_do_is_masked_even_if_nobody_knows_it() -> None:
    found = entry(WEBSITES, b"api_key=unknown-secret&token=another-secret", (b"x-api-key", b"third-secret-one"))
    shown = repr(found)
    assert "unknown-secret" not in shown
    assert "another-secret" not in shown
    assert "third-secret-one" not in shown
    assert dict(found.headers)["x-api-key"] == "thi…one"
    assert found.key == "thi…one"


def test_a_password_in_a_body_is_masked() -> None:
    found = entry(b"/e/x", method="POST", body=b'{"password": "hunter22", "api_key": {"id": 1}}')
    assert b"hunter22" not in found.body
    assert b'"api_key": {"id": 1}' in found.body


def test_a_credential_outside_of_a_header_is_noticed() -> None:
    assert entry(WEBSITES, b"api_key=whatever-it-is").exposed == ("query parameter api_key",)
    assert entry(WEBSITES, b"q=" + SECRET.encode()).exposed == ("query parameter q",)
    assert entry(b"/x/" + SECRET.encode()).exposed == ("path",)
    assert entry(WEBSITES, b"", (b"x-api-key", SECRET.encode())).exposed == ()


def test_an_entry_says_who_asked_what_and_how_it_was_answered() -> None:
    found = entry(WEBSITES, b"", (b"x-api-key", b"zv_demo_pro"), (b"user-agent", b"client/1"))
    assert (found.contract, found.operation, found.status) == ("zenovay@2026-02", "listWebsites", 200)
    assert found.key.startswith("ak_")
    assert found.user_agent == "client/1"
    assert found.answered == 1_770_465_600.0
    assert found.line == "GET /api/external/v1/websites → 200"


def test_an_error_is_named_by_its_kind_whoever_asked_for_it() -> None:
    key = (b"x-api-key", b"zv_demo_pro")
    assert entry(WEBSITES).problem == "unauthorized"
    assert entry(b"/api/external/v1/analytics/x", b"", key).problem == "invalid-parameter"
    assert entry(b"/api/external/v1/nothing", b"", key).problem == "unknown-path"
    assert entry(WEBSITES, b"", key, method="DELETE").problem == "method-not-allowed"
    assert entry(WEBSITES, b"", key, (b"prefer", b"code=429")).problem == "rate-limited"


def test_answers_that_differ_only_in_their_time_say_the_same() -> None:
    key = (b"x-api-key", b"zv_demo_pro")
    first = entry(WEBSITES, b"", key)
    APP.mock.pipeline.space.clock.advance(30)
    second = entry(WEBSITES, b"", key)
    APP.mock.pipeline.space.clock.reset()
    assert first.answer_body != second.answer_body
    assert first.data == second.data
    assert first.question == second.question
    assert entry(WEBSITES, b"x=1", key).question != first.question
