"""The access log: masked, on one line, and never in the way of serving."""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import subprocess
import sys

import httpx
import pytest

from mockserver.journal.accesslog import AccessLog
from mockserver.pipeline.answer import NOBODY, Answer
from mockserver.pipeline.request import Request
from mockserver.pipeline.resolve import Resolved
from tests.lab import PRO, WEBSITES
from tests.servers import serving

BROKEN = """
import mockserver.pipeline.pipeline as server
from mockserver.cli.main import main

works = server.Pipeline._data

def broken(self, request, *more):
    return works(self, request, *more) if request.raw_path != b"/api/v2/sites" else 1 / 0

server.Pipeline._data = broken
main()
"""


def answered(path: bytes = b"/a", query: bytes = b"") -> tuple[Request, Answer]:
    return Request("GET", path, query, [], {}, None, 0.0, Resolved(None)), Answer(NOBODY, 200, b"")


def test_a_pipe_that_nobody_reads_does_not_stop_the_server() -> None:
    with serving("--no-rate-limit") as running:
        for number in range(2_000):
            assert running.get(f"/nothing/{number}/{'x' * 200}").status_code == 404


def test_lines_that_find_no_room_are_counted_and_the_count_is_told() -> None:
    reader, writer = os.pipe()

    async def fill() -> None:
        with os.fdopen(writer, "w") as stream:
            log = AccessLog(stream)
            for number in range(12_000):
                log.add(*answered(b"/" + b"x" * 300 + b"%d" % number))
            log.flush()
            os.set_blocking(reader, False)
            text = b""
            for _ in range(60):
                log.add(*answered(b"/after"))
                log.flush()
                text += os.read(reader, 1 << 16)
        received.append(text)

    received: list[bytes] = []
    asyncio.run(fill())
    os.close(reader)
    lines = [json.loads(line) for line in received[0].splitlines()]
    (told,) = [line["lines"] for line in lines if line.get("event") == "dropped"]
    assert told + len(lines) - 1 == 12_060


def test_asked_for_json_every_line_of_both_outputs_is_json_with_what_finds_a_request_again() -> None:
    command = [sys.executable, "-c", BROKEN, "serve", "--port", "0", "--log-format", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        headers = {"X-API-Key": PRO, "X-Request-Id": "mine", "X-Test-Id": "t1"}
        answer = httpx.get(f"{url}{WEBSITES}", headers=headers)
        assert httpx.get(f"{url}/api/v2/sites", headers={"Authorization": "Bearer ap_demo"}).status_code == 500
        process.terminate()
        output, errors = process.communicate()
    first, second = map(json.loads, output.splitlines())
    assert first["request_id"] == answer.headers["x-request-id"]
    assert {name: first[name] for name in ("client_request_id", "test", "client", "fault", "status")} == {
        "client_request_id": "mine",
        "test": "t1",
        "client": "127.0.0.1",
        "fault": "",
        "status": 200,
    }
    assert second["status"] == 500
    (error,) = map(json.loads, errors.splitlines())
    assert error["level"] == "error"
    assert "/api/v2/sites" in error["message"]
    assert "ZeroDivisionError" in error["exception"]


def test_asked_for_text_a_pipe_gets_lines_without_colours() -> None:
    with serving("--log-format", "text") as running:
        assert running.get(WEBSITES, PRO).status_code == 200
        running.process.terminate()
        assert running.process.stdout is not None
        (line,) = running.process.stdout.read().splitlines()
    assert re.fullmatch(r"\d\d:\d\d:\d\d 200 GET    /api/\S+  [\d.]+ ms  listWebsites \S+", line), line


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("api_key=abc&x=1", "api_key=…&x=1"),
        ("x=1&Token=a=b", "x=1&Token=…"),
        ("x=key=abc", "x=key=…"),
        ("key&x=1", "key&x=1"),
        ("x" * 200_000, "x" * 900),
    ],
)
def test_what_is_named_like_a_credential_is_not_shown_however_long_the_query(query: str, shown: str) -> None:
    stream = io.StringIO()

    async def line() -> None:
        log = AccessLog(stream)
        log.add(*answered(b"/nowhere", query.encode()))
        log.close()

    asyncio.run(line())
    assert json.loads(stream.getvalue())["path"].startswith(f"/nowhere?{shown}")
