"""HAR out and in."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from contract_tests.model.exchange import Exchange, Request, Response
from contract_tests.reading.har import HarError, har_of, read_har


def saved(tmp_path: Path, document: Any) -> Path:
    path = tmp_path / "traffic.har"
    path.write_text(json.dumps(document))
    return path


def recorded(url: str, **request: Any) -> dict[str, Any]:
    """An entry as a browser writes it, without anything this tool adds."""
    return {
        "startedDateTime": "2026-02-07T13:00:00.5+01:00",
        "time": 12.5,
        "request": {"method": "GET", "url": url, "headers": [], **request},
        "response": {"status": 200, "headers": [{"name": "ETag", "value": "x"}], "content": {"text": "{}"}},
    }


def test_what_is_written_is_read_again(tmp_path: Path, exchanges: list[Exchange]) -> None:
    kept = [exchange for exchange in exchanges if exchange.number != 3]
    assert read_har(saved(tmp_path, har_of(kept))) == kept


def test_a_body_that_is_no_text_is_kept_as_base64(tmp_path: Path, exchanges: list[Exchange]) -> None:
    document = har_of(exchanges[2:])
    content = document["log"]["entries"][0]["response"]["content"]
    assert (content["encoding"], base64.b64decode(content["text"])) == ("base64", b"\xff\x00")
    back = read_har(saved(tmp_path, document))[0]
    assert back.response is not None
    assert back.response.body == b"\xff\x00"
    assert back.request.body == b'{"url": "/"}'


def test_a_request_body_that_is_no_text_comes_back(tmp_path: Path) -> None:
    request = Request("POST", "https://h/e", (("Content-Type", "x/y"),), b"\xff\xfe")
    exchange = Exchange(1, request, Response(400), 0.0, 0.0)
    assert read_har(saved(tmp_path, har_of([exchange])))[0].request.body == b"\xff\xfe"


def test_every_member_that_har_requires_is_there(exchanges: list[Exchange]) -> None:
    for entry in har_of(exchanges)["log"]["entries"]:
        assert {"startedDateTime", "time", "request", "response", "cache", "timings"} <= set(entry)
        assert {"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"} <= set(
            entry["request"]
        )
        assert {"status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL"} <= set(
            entry["response"]
        )
        assert {"send", "wait", "receive"} <= set(entry["timings"])


def test_a_browser_s_recording_is_read(tmp_path: Path) -> None:
    entry = recorded(
        "https://api.example.test/v1/x",
        method="POST",
        headers=[{"name": ":path", "value": "/v1/x"}, {"name": "Accept", "value": "*/*"}],
        postData={"mimeType": "application/x-www-form-urlencoded", "params": [{"name": "a", "value": "b c"}]},
    )
    (exchange,) = read_har(saved(tmp_path, {"log": {"entries": [entry]}}))
    assert exchange.number == 1
    assert exchange.started == 1_770_465_600.5
    assert exchange.seconds == 0.0125
    assert exchange.request.headers == (("Accept", "*/*"),)
    assert exchange.request.body == b"a=b+c"
    assert exchange.response == Response(200, (("etag", "x"),), b"{}")


def test_a_status_of_zero_is_a_connection_that_failed(tmp_path: Path) -> None:
    entry = recorded("https://h/")
    entry["response"] = {"status": 0}
    (exchange,) = read_har(saved(tmp_path, {"log": {"entries": [entry]}}))
    assert exchange.response is None
    assert exchange.failure


def test_what_is_no_http_is_passed_over_and_what_never_came_is_no_answer(tmp_path: Path) -> None:
    others = [recorded(url) for url in ("data:text/plain,x", "wss://h/x", "blob:https://h/1")]
    lost = recorded("https://h/")
    lost["response"]["status"] = -1
    (exchange,) = read_har(saved(tmp_path, {"log": {"entries": [*others, lost]}}))
    assert exchange.response is None


def test_a_body_that_a_proxy_kept_packed_is_unpacked(tmp_path: Path) -> None:
    entry = recorded("https://h/")
    packed = base64.b64encode(gzip.compress(b'{"a": 1}')).decode()
    entry["response"]["content"] = {"text": packed, "encoding": "base64"}
    (exchange,) = read_har(saved(tmp_path, {"log": {"entries": [entry]}}))
    assert exchange.response is not None
    assert exchange.response.json == {"a": 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nonsense", "not JSON"),
        ("[" * 200_000, "not JSON"),
        ("[]", "not a HAR file: it has no list log.entries"),
        ('{"log": {"entries": [{}]}}', r"log\.entries\[0\] cannot be used: KeyError: 'request'"),
        ('{"log": {"entries": [3]}}', r"log\.entries\[0\]"),
    ],
)
def test_a_file_that_is_no_har_is_refused_with_the_reason(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "traffic.har"
    path.write_text(text)
    with pytest.raises(HarError, match=message):
        read_har(path)


def test_a_missing_file_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(HarError, match=r"none\.har: cannot be read"):
        read_har(tmp_path / "none.har")
