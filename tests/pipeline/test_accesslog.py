"""The access log: masked, on one line, and never in the way of serving."""

from __future__ import annotations

import asyncio
import io
import json
import os

import pytest

from mockserver.pipeline.accesslog import AccessLog, masked
from mockserver.pipeline.request import Request
from mockserver.pipeline.resolve import Resolved
from tests.servers import serving


def request(path: bytes = b"/a", query: bytes = b"") -> Request:
    made = Request("GET", path, query, [], None, 0.0)
    made.resolved = Resolved(None)
    made.status = 200
    return made


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
                log.add(request(b"/" + b"x" * 300 + b"%d" % number))
            log.flush()
            os.set_blocking(reader, False)
            text = b""
            for _ in range(60):
                log.add(request(b"/after"))
                log.flush()
                text += os.read(reader, 1 << 16)
        received.append(text)

    received: list[bytes] = []
    asyncio.run(fill())
    os.close(reader)
    lines = [json.loads(line) for line in received[0].splitlines()]
    (told,) = [line["lines"] for line in lines if line.get("event") == "dropped"]
    assert told + len(lines) - 1 == 12_060


@pytest.mark.parametrize(
    ("secret", "shown"), [("zv_demo_pro", "zv_…pro"), ("short", "…"), ("", "…"), ("123456789", "…")]
)
def test_a_key_is_shown_by_its_ends_or_not_at_all(secret: str, shown: str) -> None:
    assert masked(secret) == shown


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
        log.add(request(b"/nowhere", query.encode()))
        log.close()

    asyncio.run(line())
    assert json.loads(stream.getvalue())["path"].startswith(f"/nowhere?{shown}")
