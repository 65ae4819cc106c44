"""Declared callbacks are sent with `--callbacks`, to this machine and to hosts that were named."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from apicontract.expressions import Exchanged
from mockserver.engine.callbacks import Callbacks
from tests.documents import contract_of, document, write
from tests.servers import serving

EVENT = {"type": "object", "required": ["kind"], "properties": {"kind": {"enum": ["paid"]}}}
SUBSCRIBE = {
    "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
    "responses": {"202": {"description": "ok"}, "400": {"description": "no"}},
    "callbacks": {
        "paid": {
            "{$request.body#/url}?id={$request.query.id}": {
                "post": {
                    "parameters": [{"name": "X-Kind", "in": "header", "required": True, "schema": {"enum": ["event"]}}],
                    "requestBody": {"content": {"application/json": {"schema": EVENT}}},
                    "responses": {"200": {"description": "ok"}},
                }
            }
        }
    },
}
PATHS: dict[str, Any] = {"/subscribe": {"post": SUBSCRIBE}}


@pytest.fixture
def receiver() -> Iterator[tuple[str, queue.Queue[tuple[str, str, Any]]]]:
    received: queue.Queue[tuple[str, str, Any]] = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            received.put((self.path, self.headers["X-Kind"], body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/hook", received
        finally:
            server.shutdown()
            thread.join()


def test_a_callback_is_sent_after_the_answer(
    tmp_path: Path, receiver: tuple[str, queue.Queue[tuple[str, str, Any]]]
) -> None:
    url, received = receiver
    file = write(tmp_path / "small.yaml", document(PATHS))
    with serving("--quiet", "--contract", str(file), "--callbacks") as running:
        assert running.request("POST", "/subscribe?id=7", json={"url": url}).status_code == 202
        assert received.get(timeout=30) == ("/hook?id=7", "event", {"kind": "paid"})


def test_no_callback_is_sent_without_the_option_or_for_an_error(
    tmp_path: Path, receiver: tuple[str, queue.Queue[tuple[str, str, Any]]]
) -> None:
    url, received = receiver
    file = write(tmp_path / "small.yaml", document(PATHS))
    with serving("--quiet", "--contract", str(file)) as running:
        assert running.request("POST", "/subscribe?id=1", json={"url": url}).status_code == 202
    with serving("--quiet", "--contract", str(file), "--callbacks") as running:
        assert running.request("POST", "/subscribe?id=2", json=[url]).status_code == 400
        assert running.request("POST", "/subscribe?id=3", json={"url": url}).status_code == 202
        assert received.get(timeout=30)[0] == "/hook?id=3"
    assert received.empty()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://localhost:1/a", ""),
        ("http://127.0.0.2/a", ""),
        ("https://[::1]/a", ""),
        ("http://hooks.example.com/a", ""),
        ("http://example.com/a", "allow it with --callback-host example.com"),
        ("http://192.168.0.1/a", "allow it with --callback-host 192.168.0.1"),
        ("http://localhost.example.com/", "is not this machine"),
        ("file:///etc/passwd", "is no http or https address"),
        ("http://localhost:x/", "is no address"),
        (None, "its address is not in the request"),
    ],
)
def test_only_this_machine_and_named_hosts_get_callbacks(
    url: str | None, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    (operation,) = contract_of(PATHS).operations
    exchanged = Exchanged("", "POST", 202, {"id": "1"}, request_body={"url": url})
    ready = Callbacks(["Hooks.example.com"], 0).prepare(operation.callbacks, exchanged)
    assert [each.url for each in ready] == ([] if reason else [f"{url}?id=1"])
    assert reason in caplog.text
