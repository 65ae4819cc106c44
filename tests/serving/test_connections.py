"""What a client may send, and for how long it may take: real sockets, most of them up to no good."""

from __future__ import annotations

import asyncio
import contextlib
import json
import select
import socket
from collections.abc import Iterable, Iterator

import pytest

from mockserver.app import create_app
from mockserver.serving.head import MAX_HEAD, MAX_HEADERS
from mockserver.settings import Settings
from tests.exchanges import Watched, answers_in, connect, converse, read_all
from tests.lab import PRO, WEBSITES
from tests.servers import Server, serving

GET = f"GET {WEBSITES} HTTP/1.1\r\nHost: mock\r\nX-API-Key: {PRO}\r\n".encode()
POST = b"POST /e/ZV_abc123xyz HTTP/1.1\r\nHost: mock\r\nContent-Type: application/json\r\n"
CONTROL = b"PUT /__mock/settings HTTP/1.1\r\nHost: localhost\r\n"
CHUNK = b"10000\r\n" + b"a" * 65_536 + b"\r\n"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """One with its usual bounds."""
    with serving("--quiet", "--no-rate-limit") as running:
        yield running


@pytest.fixture(scope="module")
def hasty() -> Iterator[Server]:
    """One that gives nobody much time."""
    with serving("--quiet", "--no-rate-limit", "--request-timeout", "0.6", "--keep-alive", "0.6") as running:
        yield running


def answers(server: Server, pieces: Iterable[bytes]) -> bytes:
    """Send everything, as far as it is taken, and read until the server closes."""
    with connect(server) as connection:
        with contextlib.suppress(ConnectionError):
            for piece in pieces:
                connection.sendall(piece)
        return read_all(connection)


def problem(answer: bytes) -> tuple[int, str]:
    """Status and title of an answer of the mock itself."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"\r\ncontent-type: application/problem+json\r\n" in head
    assert b"\r\nconnection: close" in head
    said = json.loads(body)
    assert said["from"] == "mockserver"
    assert said["status"] == int(head.split()[1])
    return said["status"], said["title"]


def endless(first: bytes, again: bytes, times: int = 600) -> Iterator[bytes]:
    """More than anybody wants."""
    yield first
    for _ in range(times):
        yield again


@pytest.mark.parametrize(
    ("pieces", "status"),
    [
        ([GET, b"X-Big: " + b"a" * 1_000_000 + b"\r\n\r\n"], 431),
        (endless(GET + b"X-Endless: ", b"a" * 65_536), 431),
        ([GET, b"".join(b"X-%d: 1\r\n" % number for number in range(MAX_HEADERS)), b"\r\n"], 431),
        ([b"GET /?" + b"a" * 1_000_000 + b" HTTP/1.1\r\n\r\n"], 414),
        ([b"GET /?" + b"a" * 65_534 + b" HTTP/1.1\r\n\r\n"], 414),
        ([b"GET http://mock/?" + b"a" * 65_534 + b" HTTP/1.1\r\n\r\n"], 414),
        ([b"GET http://mock:99999/ HTTP/1.1\r\n\r\n"], 400),
        (endless(b"GET /", b"a" * 65_536), 414),
        (endless(GET + b"Transfer-Encoding: chunked\r\n\r\n", CHUNK), 413),
        (endless(POST + b"Transfer-Encoding: chunked\r\n\r\n5;", b"a" * 65_536), 413),
        (endless(POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-Trailer: a\r\n" * 1_000, 1_000), 413),
        ([b"\x00\x01\x02\r\n\r\n"], 400),
        ([b"GET / HTTP/1.1\r\nBad Header: 1\r\n\r\n"], 400),
        ([b"\x16\x03\x01\x02\x00\x01"], 400),
    ],
    ids=[
        "a megabyte of header",
        "an endless header",
        "too many headers",
        "a megabyte of target",
        "a target of 64 KB",
        "a URL of 64 KB as target",
        "a URL without sense as target",
        "an endless target",
        "an endless body that nobody reads",
        "an endless chunk extension",
        "endless trailers",
        "no HTTP",
        "a broken header",
        "TLS",
    ],
)
def test_what_is_too_much_is_refused_in_the_mocks_words(server: Server, pieces: Iterable[bytes], status: int) -> None:
    found, title = problem(answers(server, pieces))
    assert found == status
    assert title
    assert server.get(WEBSITES, PRO).status_code == 200


@pytest.mark.parametrize("head", [b"Transfer-Encoding: chunked\r\n\r\n", b"Content-Length: 90000000\r\n\r\n"])
def test_an_endless_body_is_answered_in_the_apis_words_before_it_ends(server: Server, head: bytes) -> None:
    head, _, body = answers(server, endless(POST + head, CHUNK)).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 413 ")
    assert b"\r\nconnection: close" in head
    assert json.loads(body)["error"]["code"]


def test_an_endless_body_to_the_control_api_is_refused_before_it_ends(hasty: Server) -> None:
    answer = answers(hasty, endless(CONTROL + b"Transfer-Encoding: chunked\r\n\r\n", CHUNK))
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_body_is_as_large_as_the_option_says() -> None:
    with serving("--quiet", "--max-body", "1k") as small:
        body = b'{"url": "/' + b"a" * 1_100 + b'"}'
        kind = {"Content-Type": "application/json"}
        assert small.request("POST", "/e/ZV_abc123xyz", content=body, headers=kind).status_code == 413
        assert small.request("POST", "/e/ZV_abc123xyz", content=body[:900], headers=kind).status_code == 400


def test_a_head_just_below_the_bounds_passes_whole_and_in_pieces(server: Server) -> None:
    head = GET + b"".join(b"X-%d: 1\r\n" % number for number in range(MAX_HEADERS - 4))
    head += b"X-Large: " + b"a" * (MAX_HEAD - len(head) - 100) + b"\r\nConnection: close\r\n\r\n"
    assert answers(server, [head]).startswith(b"HTTP/1.1 200 ")
    assert answers(server, [head[start : start + 999] for start in range(0, len(head), 999)]).startswith(
        b"HTTP/1.1 200"
    )


def test_many_small_requests_in_one_piece_are_no_large_head(server: Server) -> None:
    last = GET + b"Connection: close\r\nX-Large: " + b"a" * (MAX_HEAD - 200) + b"\r\n\r\n"
    requests = (GET + b"\r\n") * 2_000 + last
    with connect(server) as connection:
        connection.sendall(requests[:-20])
        seen = b""
        while seen.count(b"HTTP/1.1 200 OK") < 2_000:
            seen += connection.recv(1_000_000)
        connection.sendall(requests[-20:])
        assert read_all(connection).count(b"HTTP/1.1 200 OK") == 1


def test_500_slow_clients_keep_nobody_waiting_and_are_gone_after_their_time(hasty: Server) -> None:
    with contextlib.ExitStack() as stack:
        heads = [stack.enter_context(connect(hasty)) for _ in range(400)]
        bodies = [stack.enter_context(connect(hasty)) for _ in range(100)]
        for slow in heads:
            slow.sendall(GET + b"X-Half: a")
        for slow in bodies:
            slow.sendall(POST + b"Content-Length: 1000\r\n\r\n{")
        normal = [stack.enter_context(connect(hasty)) for _ in range(50)]
        for each in normal:
            each.sendall(GET + b"\r\n")
        assert all(each.recv(65_536).startswith(b"HTTP/1.1 200 ") for each in normal)
        for slow in (*heads, *bodies):
            status, title = problem(read_all(slow))
            assert (status, "--request-timeout" in title) == (408, True)


def test_a_client_that_sends_byte_after_byte_has_no_more_time_than_others(hasty: Server) -> None:
    with connect(hasty) as connection:
        connection.settimeout(0.02)
        answer = b""
        connection.sendall(GET + b"X-Slow: ")
        while not answer:
            connection.sendall(b"a")
            with contextlib.suppress(TimeoutError):
                answer = connection.recv(65_536)
    assert problem(answer)[0] == 408


def test_a_body_that_trickles_to_the_control_api_is_ended_as_well(hasty: Server) -> None:
    status, _ = problem(answers(hasty, [CONTROL + b"Content-Length: 100\r\n\r\n{"]))
    assert status == 408


DELAYED = GET + b"X-Mock-Delay: 1\r\n\r\n"
"""A request that the application answers, not the short cut."""
CHUNK_OF_NONSENSE = CONTROL + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"


@pytest.mark.parametrize(
    "garbage", [b"\x00", b"GET foo HTTP/1.1\r\n\r\n", b"CONNECT mock:443 HTTP/1.1\r\n\r\n", CHUNK_OF_NONSENSE]
)
@pytest.mark.parametrize("request_", [GET + b"\r\n", DELAYED, CONTROL.replace(b"PUT", b"GET") + b"\r\n"])
def test_what_is_refused_comes_behind_the_answers_to_what_came_before(
    server: Server, request_: bytes, garbage: bytes
) -> None:
    first, second, refused = answers_in(answers(server, [request_ * 2 + garbage]))
    assert (first.status, second.status) == (200, 200)
    assert refused.status in (400, 501)
    assert refused.json["from"] == "mockserver"


def test_a_slow_request_is_given_up_behind_the_answer_to_the_one_before(hasty: Server) -> None:
    sent = GET + b"X-Mock-Delay: 1500\r\n\r\n" + GET + b"X-Half: "
    assert [answer.status for answer in answers_in(answers(hasty, [sent]))] == [200, 408]


def test_a_request_has_its_time_though_the_one_before_takes_long(hasty: Server) -> None:
    def pieces() -> Iterator[bytes]:
        yield GET + b"X-Mock-Delay: 2000\r\n\r\n" + GET
        hasty.get(WEBSITES, PRO, headers={"X-Mock-Delay": "1200"})
        yield b"Connection: close\r\n\r\n"

    assert [answer.status for answer in answers_in(answers(hasty, pieces()))] == [200, 200]


def test_a_request_that_was_answered_before_its_end_has_no_second_answer(hasty: Server) -> None:
    sent = b"PUT /__mock/nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"
    assert [answer.status for answer in answers_in(answers(hasty, [sent]))] == [404]


def test_a_fault_breaks_a_connection_behind_another_answer_as_well(server: Server) -> None:
    sent = DELAYED + GET + b"X-Mock-Fault: EMPTY_RESPONSE\r\n\r\n" + DELAYED
    assert [answer.status for answer in answers_in(answers(server, [sent]))] == [200]


def test_requests_behind_one_another_are_read_as_they_are_answered() -> None:
    """The event loop reads 256 KB at once, in which there are no more than 3,000 of these requests."""
    app = create_app(Settings())
    waiting = 0

    class Queueing(Watched):
        def data_received(self, data: bytes) -> None:
            nonlocal waiting
            super().data_received(data)
            waiting = max(waiting, len(self.pipeline))

    answer = asyncio.run(
        converse(app, [(CONTROL + b"Content-Length: 20\r\n\r\n" + b'{"refused_plans":[]}') * 9_000], Queueing)
    )
    assert answer.count(b"HTTP/1.1 200 OK") == 9_000
    assert 0 < waiting < 3_000


def test_a_connection_without_a_request_is_closed_without_a_word(hasty: Server) -> None:
    assert answers(hasty, []) == b""
    for request in (GET + b"\r\n", DELAYED, b"GET /__mock/health HTTP/1.1\r\nHost: localhost\r\n\r\n"):
        assert [answer.status for answer in answers_in(answers(hasty, [request]))] == [200]


def test_an_answer_that_takes_its_time_is_not_cut_off_by_the_bounds(hasty: Server) -> None:
    answer = hasty.get(WEBSITES, PRO, headers={"X-Mock-Delay": "1500"})
    assert answer.status_code == 200


def test_a_client_that_never_reads_is_cut_off(hasty: Server) -> None:
    with connect(hasty) as connection:
        connection.settimeout(30)
        with pytest.raises(ConnectionError):
            connection.sendall((GET + b"\r\n") * 1_000_000)
    assert hasty.get(WEBSITES, PRO).status_code == 200


def test_a_client_that_never_reads_is_not_asked_for_more(server: Server) -> None:
    requests = memoryview((GET + b"\r\n") * 400_000)
    sent = 0
    with connect(server) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)
        connection.setblocking(False)
        while sent < len(requests) and select.select([], [connection], [], 1.0)[1]:
            sent += connection.send(requests[sent : sent + 1_000_000])
    assert 0 < sent < len(requests)


def test_where_all_places_are_taken_unused_ones_give_way() -> None:
    bounds = ("--max-connections", "20", "--keep-alive", "2")
    with serving("--quiet", "--no-rate-limit", *bounds) as small, contextlib.ExitStack() as stack:
        slow = [stack.enter_context(connect(small)) for _ in range(20)]
        for each in slow:
            each.sendall(GET)
        for _ in range(30):
            while answers(small, [GET + b"Connection: close\r\n\r\n"]).startswith(b"HTTP/1.1 503 "):
                pass  # until the first of them has been slow for a second
        displaced, _, _ = select.select(slow, [], [], 60)
        assert {problem(read_all(each))[0] for each in displaced} == {503}


def test_where_all_places_are_in_use_the_next_is_told() -> None:
    with serving("--quiet", "--max-connections", "3") as small, contextlib.ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(connect(small)).sendall(GET + b"X-Mock-Fault: NEVER_ANSWER\r\n\r\n")
        answer = answers(small, [GET + b"\r\n"])
    status, title = problem(answer)
    assert (status, "--max-connections" in title) == (503, True)
    assert b"\r\nretry-after: 1\r\n" in answer


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("--max-body", "0"),
        ("--max-body", "lots"),
        ("--max-body", "2000m"),
        ("--max-connections", "0"),
        ("--request-timeout", "0"),
        ("--request-timeout", "-1"),
        ("--keep-alive", "2d"),
    ],
)
def test_bounds_that_are_none_are_named(flag: str, value: str) -> None:
    from click.testing import CliRunner

    from mockserver.cli.main import main

    result = CliRunner().invoke(main, ["serve", flag, value])
    assert result.exit_code == 2
    assert flag in result.output
