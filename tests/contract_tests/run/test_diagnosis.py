"""A target that is not what was to be tested is said in one sentence, after a few requests, and nothing is judged."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from apicontract import Contract, bundled
from apicontract.contract import rebased
from contract_tests.model.exchange import Exchange
from contract_tests.model.finding import Result
from contract_tests.model.options import Options
from contract_tests.run.diagnosis import MOST
from contract_tests.run.engine import run
from tests.contract_tests.client.test_transport import answering
from tests.contract_tests.run.test_pace import Time
from tests.servers import Server, serving

CONTRACT = bundled().load("zenovay@2026-02")
OLDER = bundled().load("zenovay@2025-01")
GOOD = "zv_demo_pro"
HTML = b"HTTP/1.1 %b\r\nContent-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b"
SIGN_IN = b"<!doctype html><title>Acme &amp; Co</title><form><input type='password'></form>"


@pytest.fixture(scope="module")
def mock() -> Iterator[Server]:
    with serving("--now", "2026-02-07T12:00:20Z", "--quiet") as running:
        yield running


def ran(target: str, key: str = GOOD, contract: Contract = CONTRACT, **more: object) -> tuple[Result, list[Exchange]]:
    options = Options(target, contract, {"main": key}, rate="off", clock=Time(), **{"max_requests": 20, **more})  # type: ignore[arg-type]
    return run(options)


def diagnosed(target: str, key: str = GOOD, contract: Contract = CONTRACT, **more: object) -> str:
    """The sentence of a run that could judge nothing."""
    result, exchanges = ran(target, key, contract, **more)
    assert (result.verdict, result.findings) == ("inconclusive", ())
    assert {clause.outcome for clause in result.clauses} == {"inconclusive"}
    assert result.requests == len(exchanges) <= MOST
    return result.stop_reason


def page(status: bytes, body: bytes) -> bytes:
    return HTML % (status, len(body), body)


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("zv_unknown_key_1", "the key is not accepted: every request is answered 401 (“Invalid or missing API key”)"),
        ("zv_demo_revoked", "the key is not accepted: every request is answered 401 (“Invalid or missing API key”)"),
        ("zv_demo_noperm", "the key may not use this API: every request is answered 403 (“Insufficient permissions”)"),
    ],
)
def test_a_key_that_is_refused_is_said_and_nothing_is_judged(mock: Server, key: str, sentence: str) -> None:
    assert diagnosed(mock.url, key) == sentence


def test_a_quota_that_is_used_up_is_said_and_nothing_is_judged(mock: Server) -> None:
    found = diagnosed(mock.url, "zv_demo_exhausted")
    assert found.startswith("the quota of the key is used up (")
    assert "every request is answered 429 (“Monthly limit of" in found


def test_the_good_server_costs_no_request_more_than_the_plan(mock: Server) -> None:
    result, exchanges = ran(mock.url)
    assert result.clauses != ()
    assert not [exchange for exchange in exchanges if exchange.request.purpose == "diagnosis"]
    assert len({exchange.request.purpose for exchange in exchanges}) >= 10


@pytest.mark.parametrize(("wanted", "spoken"), [(CONTRACT, OLDER), (OLDER, CONTRACT)], ids=["newer", "older"])
def test_another_edition_is_named(wanted: Contract, spoken: Contract) -> None:
    with serving("--edition", spoken.edition, "--quiet") as other:
        found = diagnosed(other.url, contract=wanted)
    assert found == f"the target speaks {spoken.selector}, not {wanted.selector}: --contract {spoken.selector}"


@pytest.mark.parametrize("where", ["", "/v1"])
def test_another_base_path_is_found(where: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith(f"{where}/websites"):
            return httpx.Response(200, json={"success": True})
        return httpx.Response(404, json={"message": "no such route"})

    found = diagnosed("http://127.0.0.1:1", transport=httpx.MockTransport(answer))
    named = f"{where}/websites"
    assert found == f"nothing answers below /api/external/v1, but {named} does: --base-path {where or '/'}"


def test_the_contract_can_be_moved_to_another_base_path(mock: Server) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path if request.url.path.startswith("/live/") else f"/api/external{request.url.path}"
        given = {name: request.headers[name] for name in ("x-api-key", "authorization") if name in request.headers}
        found = httpx.request(request.method, f"{mock.url}{path}", params=request.url.params, headers=given)
        return httpx.Response(found.status_code, headers=found.headers, content=found.content)

    contract = rebased(CONTRACT, "v1/")
    assert contract.router.find("/v1/websites") is not None
    result, exchanges = ran(
        "http://127.0.0.1:1", contract=contract, transport=httpx.MockTransport(answer), max_requests=40
    )
    assert result.findings == ()
    assert exchanges[0].request.url == "http://127.0.0.1:1/v1/websites?limit=100".partition("?")[0]


def test_a_path_too_many_in_the_target_is_found(mock: Server) -> None:
    found = diagnosed(f"{mock.url}/analytics")
    there = "/api/external/v1/websites does: --target without /analytics"
    assert found == f"nothing answers below /analytics/api/external/v1, but {there}"


@contextmanager
def files(folder: Path) -> Iterator[str]:
    """`python -m http.server` in a folder."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    handler.log_message = lambda *_: None  # type: ignore[attr-defined]
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_a_server_of_files_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with files(tmp_path) as url:
        found = diagnosed(url)
    assert found.startswith("nothing that the contract describes answers below /api/external/v1: GET /api/external/v1/")
    assert "by SimpleHTTP/" in found


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (page(b"200 OK", SIGN_IN), "answers GET /api/external/v1/usage (200) with a page to sign in, “Acme &amp; Co”"),
        (page(b"403 Forbidden", b"<html>Blocked"), "(403) with a web page, not with what the contract describes"),
        (
            b"HTTP/1.1 302 Found\r\nLocation: https://id.example.test/login\r\nContent-Length: 0\r\n\r\n",
            "every request is answered 302 and sent to https://id.example.test/login",
        ),
        (page(b"502 Bad Gateway", b"<html>nginx"), "every request is answered 502: what stands before the API"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "answers is no HTTP"),
        (b"", "answers is no HTTP: Server disconnected without sending a response"),
        (
            page(b"400 Bad Request", b"<html>The plain HTTP request was sent to HTTPS port"),
            "speaks TLS: --target https://",
        ),
    ],
    ids=["sign in", "blocked", "redirect", "gateway", "ssh", "nothing", "nginx with TLS"],
)
def test_what_is_not_the_api_is_said(raw: bytes, sentence: str) -> None:
    with answering(raw) as (url, _):
        assert sentence in diagnosed(url)


def test_nobody_there_is_said() -> None:
    with answering(b"") as (url, _):
        free = url
    assert (
        diagnosed(free) == f"nothing can be reached at {free.removeprefix('http://')}: [Errno 111] Connection refused"
    )


def test_silence_is_said() -> None:
    with answering(b"", hold=True) as (url, _):
        assert "does not answer: " in diagnosed(url, timeout=0.05)


def test_tls_that_is_not_spoken_and_a_bad_certificate_are_said(mock: Server) -> None:
    place = mock.url.removeprefix("http://")
    assert diagnosed(f"https://{place}") == f"{place} speaks plain HTTP, not TLS: --target http://{place}"
    with serving("--tls-self-signed", "--quiet") as secured:
        place = secured.url.removeprefix("https://")
        assert diagnosed(f"http://{place}") == f"{place} speaks TLS: --target https://{place}"
        found = diagnosed(f"https://{place}")
        assert found.startswith(f"the TLS certificate of {place} is not valid (")
        assert found.endswith("); --insecure accepts any")
        assert ran(f"https://{place}", insecure=True)[0].requests == 20


def test_the_key_is_not_sent_in_another_scheme(mock: Server) -> None:
    with answering(page(b"200 OK", b"<html>")) as (url, seen):
        diagnosed(url.replace("http://", "https://"))
    assert any(request.startswith(b"GET /") for request in seen)
    assert not any(GOOD.encode() in request for request in seen)


@pytest.mark.parametrize(("status", "code"), [(401, "CT101"), (404, "CT101"), (503, "CT102")])
def test_one_operation_that_fails_is_a_finding_and_no_diagnosis(status: int, code: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        broken = request.url.path.endswith("/websites")
        return httpx.Response(status if broken else 200, json={"success": True})

    result, _ = ran("http://127.0.0.1:1", transport=httpx.MockTransport(answer))
    assert result.verdict == "violates"
    assert code in {finding.code for finding in result.findings}


def test_a_key_that_works_in_one_place_only_is_a_finding() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200 if "authorization" in request.headers else 401, json={"success": True})

    assert ran("http://127.0.0.1:1", transport=httpx.MockTransport(answer))[0].verdict == "violates"
