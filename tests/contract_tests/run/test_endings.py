"""How a run ends that cannot go on as planned: a broken check, Ctrl-C, answers that would fill the memory."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import httpx
import pytest

from apicontract import bundled
from contract_tests.checks import limits, responses
from contract_tests.model.exchange import Request
from contract_tests.model.finding import Result
from contract_tests.model.options import Options
from contract_tests.plan.resources import materialise
from contract_tests.plan.step import Step
from contract_tests.reading.traffic import Traffic
from contract_tests.run import sender
from contract_tests.run.engine import run

CONTRACT = bundled().load("analytics-platform@v2")
KEYS = {"main": "ap_aB1_key_of_ours"}


def ran() -> Result:
    """A run against a server whose every answer breaks its schema."""
    door = httpx.MockTransport(lambda _: httpx.Response(200, json={"sites": 1}))
    options = Options("http://127.0.0.1:1", CONTRACT, KEYS, rate="off", max_requests=6, transport=door)
    return run(options)[0]


def fail(*_: object) -> NoReturn:
    raise ZeroDivisionError("by nothing")


def test_a_broken_check_is_named_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "quotas_of", fail)
    result = ran()
    assert "CT106" in {finding.code for finding in result.findings}
    broken = next(clause for clause in result.clauses if clause.code == "CT100")
    assert broken.outcome == "inconclusive"
    assert broken.reason.startswith("internal error in limits.judge: ZeroDivisionError: by nothing")
    assert "ZeroDivisionError" in result.stop_reason


def test_a_broken_check_alone_makes_a_run_inconclusive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(responses, "expectation", fail)
    monkeypatch.setattr(responses, "_declared", lambda *_: iter(()))
    result = ran()
    assert (result.verdict, result.complete) == ("inconclusive", False)


def test_a_request_that_cannot_be_made_costs_no_other_one(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Step] = []

    def broken(step: Step, traffic: Traffic, options: Options) -> Request | str:
        asked.append(step)
        if len(asked) == 2:
            raise ZeroDivisionError
        return materialise(step, traffic, options)

    monkeypatch.setattr(sender, "materialise", broken)
    result = ran()
    assert result.requests == 6
    assert len(asked) > 2
    assert result.verdict == "violates"


@contextmanager
def silent() -> Iterator[tuple[str, threading.Event]]:
    """A server that takes requests and never answers; the event is set when one has come."""
    came = threading.Event()
    held: list[socket.socket] = []

    def serve(listener: socket.socket) -> None:
        try:
            while True:
                connection, _ = listener.accept()
                held.append(connection)
                connection.recv(65536)
                came.set()
        except OSError:
            return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", came
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
    for connection in held:
        connection.close()


def test_ctrl_c_ends_a_run_that_waits_for_an_answer_and_its_reports_are_written(tmp_path: Path) -> None:
    with silent() as (url, came):
        command = [
            sys.executable,
            "-m",
            "contract_tests",
            "run",
            "--target",
            url,
            "--contract",
            "analytics-platform@v2",
        ]
        more = ["--api-key", KEYS["main"], "--timeout", "600", "--report", f"json={tmp_path / 'r.json'}"]
        process = subprocess.Popen([*command, *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        came.wait()
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate()
    assert process.returncode == 130, errors
    assert "Traceback" not in output + errors
    assert json.loads((tmp_path / "r.json").read_text())["stop_reason"] == "interrupted"
