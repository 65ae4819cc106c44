"""The door to the network: what a hostile or broken server can send, and what is made of it."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import tracemalloc
import zlib
from collections.abc import Iterator

import httpx
import pytest

from apicontract import bundled
from contract_tests.client import transport
from contract_tests.client.budget import Budget
from contract_tests.client.decoding import decoded
from contract_tests.client.transport import Transport
from contract_tests.model.exchange import NOT_JSON, Exchange, Request, Response
from contract_tests.run.engine import Options, run

CONTRACT = bundled().load("analytics-platform@v2")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
EMPTY = gzip.compress(b"")


@contextlib.contextmanager
def answering(raw: bytes, hold: bool = False, endless: bytes = b"") -> Iterator[tuple[str, list[bytes]]]:
    """A socket that answers every request with these bytes and closes.

    `hold`: it stays open and silent after them; `endless` follows them again and again.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    seen: list[bytes] = []
    held: list[socket.socket] = []

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                seen.append(connection.recv(65536))
                with contextlib.suppress(OSError):
                    connection.sendall(raw)
                    while endless:
                        connection.sendall(endless)
                if hold:
                    held.append(connection)
                else:
                    connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", seen
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
        for connection in held:
            connection.close()


def options(target: str, **more: object) -> Options:
    return Options(target=target, contract=CONTRACT, keys={"main": "ap_aB1_key"}, rate="off", **more)  # type: ignore[arg-type]


def asked(raw: bytes, *, hold: bool = False, endless: bytes = b"", timeout: float = 5.0) -> Exchange:
    with answering(raw, hold, endless) as (url, _):
        door = Transport(options(url, timeout=timeout), Budget(1))
        try:
            return door.send(Request("GET", f"{url}/api/v2/sites"))
        finally:
            door.close()


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (HEAD + b"Content-Length: 100\r\n\r\n{}", "RemoteProtocolError"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{}", "RemoteProtocolError"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n", "RemoteProtocolError"),
        (HEAD + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello", "DecodingError"),
        (HEAD + b"Content-Encoding: gzip\r\nContent-Length: 16\r\n\r\n" + EMPTY[:-4], "DecodingError"),
        (HEAD + b"Content-Encoding: br\r\nContent-Length: 5\r\n\r\nhello", "'br' was not asked for"),
        (HEAD + b"Content-Encoding: gzip,gzip\r\n" * 3 + b"Content-Length: 0\r\n\r\n", "DecodingError"),
        (HEAD + b"X-Long: " + b"x" * 200_000, "RemoteProtocolError"),
        (b"what is this", "RemoteProtocolError"),
        (b"", "RemoteProtocolError"),
    ],
    ids=[
        "closes mid-body",
        "closes mid-chunk",
        "bad chunk",
        "no gzip",
        "half a gzip",
        "not asked for",
        "codings in codings",
        "endless head",
        "no HTTP",
        "nothing",
    ],
)
def test_an_answer_that_cannot_be_read_is_no_answer(raw: bytes, words: str) -> None:
    exchange = asked(raw)
    assert exchange.response is None
    assert words in exchange.failure


@pytest.mark.parametrize("raw", [b"", HEAD, HEAD + b"Content-Length: 9\r\n\r\n{"], ids=["nothing", "head", "half"])
def test_a_server_that_falls_silent_is_not_waited_for_for_ever(raw: bytes) -> None:
    exchange = asked(raw, hold=True, timeout=0.05)
    assert "ReadTimeout" in exchange.failure


def test_a_body_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_PATIENCE", 0)
    assert "not complete" in asked(HEAD + b"Content-Length: 2\r\n\r\n{}").failure


def test_of_a_gigantic_body_only_the_beginning_is_read_and_nothing_is_said_about_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transport, "LARGEST", 1000)
    monkeypatch.setattr(transport, "KEPT", 100)
    exchange = asked(HEAD + b'Content-Length: 3002\r\n\r\n"' + b"x" * 3000 + b'"')
    assert exchange.response is not None
    assert (len(exchange.response.body), exchange.response.truncated) == (100, True)

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Type": "application/json"}, content=b'"' + b"x" * 3000 + b'"')

    result, _ = run(options("http://127.0.0.1:1", transport=httpx.MockTransport(answer), max_requests=3))
    assert not {"CT105", "CT106"} & {finding.code for finding in result.findings}
    assert "too large" in next(clause.reason for clause in result.clauses if clause.code == "CT105")


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_bomb_is_not_unpacked_whole(times: int) -> None:
    packed = gzip.compress(b"0" * 50_000_000)
    for _ in range(times - 1):
        packed = gzip.compress(packed)
    coding = b", ".join([b"gzip"] * times)
    tracemalloc.start()
    try:
        exchange = asked(HEAD + b"Content-Encoding: %b\r\nContent-Length: %d\r\n\r\n" % (coding, len(packed)) + packed)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert exchange.response is not None
    assert (len(exchange.response.body), exchange.response.truncated) == (transport.KEPT, True)
    assert peak < 3 * transport.LARGEST


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(b"{}")),
        ("x-gzip", gzip.compress(b"{") + gzip.compress(b"}")),
        ("deflate", zlib.compress(b"{}")),
        ("deflate", zlib.compress(b"{}")[2:-4]),
        ("identity", b"{}"),
        ("deflate, gzip", gzip.compress(zlib.compress(b"{}"))),
    ],
    ids=["gzip", "two members", "zlib", "bare deflate", "identity", "one in another"],
)
def test_every_coding_that_is_asked_for_is_undone(coding: str, packed: bytes) -> None:
    for sizes in (len(packed), 1):
        parts = [packed[at : at + sizes] for at in range(0, len(packed), sizes)]
        assert b"".join(decoded(parts, [coding], lambda: None)) == b"{}"


def test_a_body_of_more_than_one_piece_is_undone_whole() -> None:
    body = bytes(range(256)) * 4000
    assert b"".join(decoded([gzip.compress(body)], ["gzip"], lambda: None)) == body


def test_a_body_whose_values_would_fill_the_memory_is_not_read_as_json() -> None:
    body = b"[" + b"{}," * 1_000_000 + b"{}]"
    exchange = asked(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    assert exchange.response is not None
    assert exchange.response.truncated


def test_the_bodies_of_a_run_together_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "ALL", 9_000)
    body = b'"' + b"x" * 2_000 + b'"'
    with answering(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body) as (url, _):
        door = Transport(options(url), Budget(3))
        answers = [door.send(Request("GET", f"{url}/api/v2/sites")).response for _ in range(3)]
        door.close()
    assert [answer and answer.truncated for answer in answers] == [False, False, True]


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (b"HTTP/1.1 200 OK\r\nX-Long: ", b"x"),
        (b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (HEAD + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n", b"%x\r\n%b\r\n" % (len(EMPTY), EMPTY)),
    ],
    ids=["a header", "early hints", "continue", "a body", "empty members of a gzip file"],
)
def test_what_never_ends_is_given_up_though_something_comes_all_the_time(first: bytes, then: bytes) -> None:
    exchange = asked(first, endless=then, timeout=0.05)
    assert exchange.response is None or exchange.response.truncated
    assert "ReadTimeout" in exchange.failure or first.startswith(HEAD)


def test_a_name_that_is_not_resolved_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    resolved = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: resolved.wait())
    door = Transport(options("http://staging.example.test", timeout=0.05), Budget(1))
    exchange = door.send(Request("GET", "http://staging.example.test/api/v2/sites"))
    resolved.set()
    door.close()
    assert "the host's name was not resolved" in exchange.failure


def test_the_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(HEAD + b"Content-Length: 2\r\n\r\n{}") as (url, seen):
        monkeypatch.setenv("http_proxy", url.replace("http://", "http://me:secret@"))
        monkeypatch.setenv("no_proxy", "elsewhere.example.test")
        door = Transport(options("http://staging.example.test"), Budget(1))
        exchange = door.send(Request("GET", "http://staging.example.test/api/v2/sites"))
        door.close()
    assert exchange.response is not None
    assert seen[0].startswith(b"GET http://staging.example.test/api/v2/sites HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic bWU6c2VjcmV0" in seen[0]


def test_a_redirect_is_an_answer_and_the_key_never_follows_it() -> None:
    with (
        answering(HEAD + b"Content-Length: 2\r\n\r\n{}") as (other, arrived),
        answering(f"HTTP/1.1 307 X\r\nLocation: {other}/api/v2/sites\r\nContent-Length: 0\r\n\r\n".encode()) as (
            url,
            _,
        ),
    ):
        result, exchanges = run(options(url, max_requests=4))
    assert arrived == []
    assert {exchange.response.status for exchange in exchanges if exchange.response} == {307}
    assert result.stop_reason.startswith("every request is answered 307 and sent to ")


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000 + b"]" * 100_000,
        b"[" * 300 + b"]" * 300,
        b'{"a": NaN}',
        "é".join(['{"a": "', '"}']).encode("latin-1"),
        '{"a": 1}'.encode("utf-16"),
        b"9" * 10_000,
        b"",
    ],
    ids=["very deep", "deep", "NaN", "latin-1", "utf-16", "long number", "empty"],
)
def test_what_is_no_json_is_a_finding_and_no_crash(body: bytes) -> None:
    assert Response(200, (), body).json is NOT_JSON

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Type": "application/json"}, content=body)

    result, _ = run(options("http://127.0.0.1:1", transport=httpx.MockTransport(answer), max_requests=5))
    assert "CT105" in {finding.code for finding in result.findings}


def test_a_header_that_comes_twice_is_a_list_and_no_number() -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        limits = [("X-RateLimit-Limit", "100"), ("X-RateLimit-Remaining", "99"), ("X-RateLimit-Remaining", "98")]
        return httpx.Response(200, headers=limits, json={"sites": []})

    result, _ = run(options("http://127.0.0.1:1", transport=httpx.MockTransport(answer), max_requests=2))
    found = next(finding for finding in result.findings if finding.code.startswith("CT109"))
    assert (found.clause.id, found.seen) == ("CT109:listSites:200 X-RateLimit-Remaining", "99, 98")


def test_ctrl_c_while_the_last_judgement_is_made_still_gives_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from contract_tests.checks.verdict import judgements_of
    from contract_tests.run import judging

    judged = judgements_of
    pressed = [KeyboardInterrupt(), KeyboardInterrupt()]

    def interrupted(traffic: object, go_on: object) -> object:
        if pressed:
            raise pressed.pop()
        return judged(traffic, go_on)  # type: ignore[arg-type]

    monkeypatch.setattr(judging, "judgements_of", interrupted)
    door = httpx.MockTransport(lambda _: httpx.Response(200, json={"sites": 1}))
    result, exchanges = run(options("http://127.0.0.1:1", transport=door, max_requests=5))
    assert result.stop_reason == "interrupted"
    assert "CT106" in {finding.code for finding in result.findings}
    assert len(exchanges) == result.requests
