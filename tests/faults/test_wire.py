"""Faults of the connection, over real sockets."""

from __future__ import annotations

import errno
import re
import signal
import socket
from urllib.parse import urlsplit

import pytest

from tests.lab import PRO, WEBSITES, Lab
from tests.servers import serving


def connect(lab: Lab) -> socket.socket:
    """Open a TCP connection to the server."""
    parts = urlsplit(lab.url)
    connection = socket.create_connection((parts.hostname, parts.port))
    connection.settimeout(30)
    return connection


def question(lab: Lab, fault: str, more: str = "") -> bytes:
    """Return a request with a fault."""
    test = lab.headers["X-Test-Id"]
    return (
        f"GET {WEBSITES} HTTP/1.1\r\nHost: mock\r\nX-API-Key: {PRO}\r\nX-Test-Id: {test}\r\n"
        f"X-Mock-Fault: {fault}\r\n{more}\r\n"
    ).encode()


def ask(connection: socket.socket, lab: Lab, fault: str, more: str = "") -> None:
    """Send the request."""
    connection.sendall(question(lab, fault, more))


def read_all(connection: socket.socket) -> bytes:
    """Read until the server closes the connection."""
    parts = []
    while part := connection.recv(65_536):
        parts.append(part)
    return b"".join(parts)


def test_a_reset_is_a_tcp_rst(lab: Lab) -> None:
    with connect(lab) as connection:
        ask(connection, lab, "CONNECTION_RESET_BY_PEER")
        with pytest.raises(ConnectionResetError) as caught:
            connection.recv(1)
    assert caught.value.errno == errno.ECONNRESET


def test_an_empty_response_closes_in_order_without_a_byte(lab: Lab) -> None:
    with connect(lab) as connection:
        ask(connection, lab, "EMPTY_RESPONSE")
        assert read_all(connection) == b""


def test_random_data_is_no_http_and_the_same_for_the_same_seed(lab: Lab) -> None:
    seen = []
    for seed in (1, 1, 2):
        with connect(lab) as connection:
            ask(connection, lab, f"RANDOM_DATA_THEN_CLOSE; seed={seed}")
            seen.append(read_all(connection))
    assert seen[0] == seen[1] != seen[2]
    assert len(seen[0]) == 512
    assert not seen[0].startswith(b"HTTP")


def test_a_malformed_chunk_follows_a_proper_head(lab: Lab) -> None:
    with connect(lab) as connection:
        ask(connection, lab, "MALFORMED_RESPONSE_CHUNK")
        head, _, rest = read_all(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"transfer-encoding: chunked" in head
    assert b"content-length" not in head
    with pytest.raises(ValueError, match="invalid literal"):
        int(rest.split(b"\r\n")[0], 16)


@pytest.mark.parametrize(("fraction", "share"), [("0", 0.0), ("0.25", 0.25), ("1", 1.0)])
def test_a_truncated_response_announces_all_and_sends_a_part(lab: Lab, fraction: str, share: float) -> None:
    with connect(lab) as connection:
        ask(connection, lab, f"TRUNCATED_RESPONSE; fraction={fraction}")
        head, _, body = read_all(connection).partition(b"\r\n\r\n")
    announced = next(int(line[16:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length: "))
    assert announced > 100
    assert len(body) == int(announced * share)


def test_nothing_is_ever_answered_while_other_connections_go_on(lab: Lab) -> None:
    with connect(lab) as hanging:
        ask(hanging, lab, "NEVER_ANSWER")
        hanging.setblocking(False)
        for _ in range(20):
            assert lab.get().status_code == 200
        with pytest.raises(BlockingIOError):
            hanging.recv(1)


def test_a_request_behind_a_delayed_one_waits_for_its_turn(lab: Lab) -> None:
    with connect(lab) as connection:
        late = question(lab, "500", "X-Mock-Delay: 30\r\n")
        connection.sendall(late + question(lab, "none", "Connection: close\r\n"))
        answers = read_all(connection)
    assert re.findall(rb"HTTP/1.1 (\d+)", answers) == [b"500", b"200"]


def test_a_reset_in_the_middle_of_a_pipeline_leaves_the_server_well(lab: Lab) -> None:
    with connect(lab) as connection:
        connection.sendall(question(lab, "CONNECTION_RESET_BY_PEER") + question(lab, "none"))
        with pytest.raises(ConnectionResetError):
            read_all(connection)
    assert lab.get().status_code == 200


def test_a_client_that_leaves_during_a_delay_does_no_harm(lab: Lab) -> None:
    with connect(lab) as connection:
        ask(connection, lab, "none", "X-Mock-Delay: 60000\r\n")
    with connect(lab) as connection:
        ask(connection, lab, "NEVER_ANSWER")
    assert lab.get().status_code == 200


def test_a_server_stops_without_waiting_for_what_it_holds_back() -> None:
    with serving("--quiet") as running:
        lab = Lab(running)
        with lab.client, connect(lab) as hanging, connect(lab) as late:
            ask(hanging, lab, "NEVER_ANSWER")
            ask(late, lab, "none", "X-Mock-Delay: 3600000\r\n")
            assert lab.get().status_code == 200
            running.process.terminate()
            assert read_all(hanging) == read_all(late) == b""
            assert running.process.wait() in (0, -signal.SIGTERM)
