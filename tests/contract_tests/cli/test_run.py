"""From the command line through a real socket to the reports, on a small server that is not the mock."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from apicontract.safetext.disguise import Disguise
from contract_tests.cli import main as cli
from contract_tests.report.redaction import WITHHELD

KEY = "sk_live_Zq/7+x=Yw19"
DOCUMENT = """\
openapi: 3.1.0
info: {title: Echo, version: "1"}
components: {securitySchemes: {key: {type: apiKey, in: header, name: X-Echo-Key}}}
security: [{key: []}]
paths:
  /echo:
    get:
      operationId: getEcho
      responses:
        "200":
          description: what was sent
          content:
            application/json:
              schema: {type: object, required: [count], properties: {count: {type: integer}}}
        "401": {description: no key}
"""


class Echo(BaseHTTPRequestHandler):
    """Answers with the key it was asked with, in every spelling, as careless servers do."""

    def do_GET(self) -> None:
        key = self.headers.get("X-Echo-Key", "")
        status = 200 if key == KEY else 401
        spellings = [key, quote(key, safe=""), base64.b64encode(f"me:{key}".encode()).decode(), "\\u0073" + key[1:]]
        body = json.dumps({"count": self.server.count, "echo": spellings}).encode()  # type: ignore[attr-defined]
        self.send_response(status)
        for name, value in (("Content-Type", "application/json"), ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.send_header("X-Seen", f"Basic {base64.b64encode(key.encode()).decode()}")
        self.send_header("Set-Cookie", "session=0123456789abcdef")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONTRACT_TESTS_API_KEY", KEY)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    (tmp_path / "echo.yaml").write_text(DOCUMENT)
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        server.count = "many"  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_no_disguise_of_a_key_that_a_server_answers_with_is_in_any_report_nor_printed(
    server: ThreadingHTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def do_get(self: Echo) -> None:
        body = json.dumps(
            {
                "count": [KEY[::-1], base64.b32encode(KEY.encode()).decode(), " ".join(KEY), "\u200b".join(KEY)],
                "name": KEY[::-1],
                KEY[::-1]: 1,
            }
        ).encode()
        self.send_response(200)
        for name, value in (("Content-Type", "application/json"), ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.send_header("X-Seen", KEY.encode().hex(":"))
        self.end_headers()
        self.wfile.write(body)

    monkeypatch.setattr(Echo, "do_GET", do_get)
    kinds = ("json", "junit", "html", "sarif", "har")
    reports = [argument for kind in kinds for argument in ("--report", f"{kind}={kind}.out")]
    arguments = ["--target", f"http://127.0.0.1:{server.server_port}", "--contract", "echo.yaml", "--rate", "off"]
    ended = CliRunner().invoke(cli.main, ["run", *arguments, *reports])
    assert ended.exit_code == 1, ended.output
    disguise = Disguise(KEY)
    for text in [ended.output, *((tmp_path / f"{kind}.out").read_text() for kind in kinds)]:
        assert not disguise.is_in(text.replace("$CONTRACT_TESTS_API_KEY", " "))
    assert WITHHELD in (tmp_path / "har.out").read_text()


def test_no_spelling_of_a_key_and_no_cookie_that_a_server_echoes_is_in_any_report(
    server: ThreadingHTTPServer, tmp_path: Path
) -> None:
    target = f"http://127.0.0.1:{server.server_port}"
    kinds = ("json", "junit", "html", "sarif", "har")
    reports = [argument for kind in kinds for argument in ("--report", f"{kind}={kind}.out")]
    arguments = ["run", "--target", target, "--contract", "echo.yaml", "--rate", "off", "--max-requests", "30"]
    ended = CliRunner().invoke(cli.main, [*arguments, *reports])
    assert ended.exit_code == 1, ended.output
    report = json.loads((tmp_path / "json.out").read_text())
    assert report["verdict"] == "violates"
    assert 0 < report["requests"] <= 30
    assert any("count" in finding["message"] for finding in report["findings"])
    inner = base64.b64encode(f"me:{KEY}".encode()).decode()[4:-4]
    for text in [ended.output, *((tmp_path / f"{kind}.out").read_text() for kind in kinds)]:
        for spelled in (
            KEY,
            quote(KEY, safe=""),
            KEY[1:],
            KEY.swapcase(),
            base64.b64encode(KEY.encode()).decode(),
            inner,
        ):
            assert spelled not in text
        assert "0123456789abcdef" not in text
    again = CliRunner().invoke(cli.main, ["check", "har.out", "--contract", "echo.yaml", "--quiet"])
    assert again.exit_code == 1
    assert "CT106 getEcho" in again.output
