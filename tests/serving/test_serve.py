"""How a server stops: what is asked is answered, what is idle is closed, and the exit code is 0."""

from __future__ import annotations

import os
import signal

import pytest

from tests.exchanges import connect, read_all
from tests.lab import PRO, WEBSITES
from tests.servers import serving
from tests.serving.test_connections import GET


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_finishes_what_was_asked_and_closes_what_is_idle(number: signal.Signals) -> None:
    with serving("--quiet") as running, connect(running) as slow, connect(running) as late, connect(running) as idle:
        idle.sendall(GET + b"\r\n")
        assert idle.recv(65_536).startswith(b"HTTP/1.1 200 ")
        late.sendall(GET + b"X-Mock-Delay: 700\r\n\r\n")
        slow.sendall(GET + b"X-Mock-Fault: chunkedDribbleDelay(4,1200)\r\n\r\n")
        begun = slow.recv(65_536)
        os.kill(running.process.pid, number)
        assert idle.recv(1) == b""
        for answer in (begun + read_all(slow), read_all(late)):
            head, _, body = answer.partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 ")
            assert f"content-length: {len(body)}".encode() in head
        assert running.process.wait() == 0


def test_its_address_is_free_once_it_has_stopped() -> None:
    with serving("--quiet") as running:
        running.process.terminate()
        assert running.process.wait() == 0
        with pytest.raises(ConnectionRefusedError):
            connect(running)


def test_the_log_is_written_to_its_end() -> None:
    with serving() as running:
        assert running.get(WEBSITES, PRO).status_code == 200
        running.process.terminate()
        assert running.process.stdout is not None
        output = running.process.stdout.read()
    assert '"operation":"listWebsites"' in output
