"""Whatever a server answers, a run ends by itself, says what it saw, and writes every report."""

from __future__ import annotations

import copy
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from apicontract import bundled
from contract_tests.cli.conclude import Reporter
from contract_tests.model.options import Options
from contract_tests.run.engine import run
from tests.contract_tests.run.test_pace import Time

JSON = Any
CONTRACT = bundled().load("zenovay@2025-01")
KEYS = {"main": "zv_aB1_key_of_ours"}
KINDS = ("json", "junit", "html", "sarif", "har")
HEADERS = sorted(
    {header.name for each in CONTRACT.operations for answer in each.responses.values() for header in answer.headers}
)


class Scripted:
    """Answers each request with the bytes that `answer` makes of its path, and closes the connection."""

    def __init__(self) -> None:
        self.answer: Callable[[str], bytes] = lambda _path: b""
        self.errors: list[Exception] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection, suppress(OSError):
                    head = connection.recv(65536)
                    try:
                        answer = self.answer(urlsplit(head.split(b" ")[1].decode("latin-1")).path)
                    except Exception as error:  # noqa: BLE001 - a mistake of this test, which must not read as silence
                        self.errors.append(error)
                    else:
                        connection.sendall(answer)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


@pytest.fixture(scope="module")
def server() -> Iterator[Scripted]:
    made = Scripted()
    yield made
    made.close()


def report(server: Scripted, folder: Path, requests: int = 8) -> dict[str, JSON]:
    """Run against the server and write every report; return the one in JSON."""
    reports = [f"{kind}={folder / kind}" for kind in KINDS]
    reporter = Reporter.prepare(CONTRACT, KEYS, None, False, reports, True)
    result, exchanges = run(
        Options(server.url, CONTRACT, KEYS, max_requests=requests, rate="off", timeout=5.0, clock=Time())
    )
    assert server.errors == []
    code = reporter.conclude(result, exchanges)
    assert {"conforms": 0, "violates": 1, "inconclusive": 3}[result.verdict] == code
    assert "internal error" not in result.stop_reason
    for kind in ("json", "sarif", "har"):
        json.loads((folder / kind).read_text())
    ElementTree.parse(folder / "junit")
    assert "</html>" in (folder / "html").read_text()
    return json.loads((folder / "json").read_text())  # type: ignore[no-any-return]


def written(status: int, headers: dict[str, bytes], body: bytes) -> bytes:
    lines = [b"HTTP/1.1 %d X" % status, *(b"%b: %b" % (name.encode(), value) for name, value in headers.items())]
    return b"\r\n".join([*lines, b"Content-Length: %d" % len(body), b"", body])


def example(path: str) -> JSON:
    """The documented answer to a request for a path."""
    match = CONTRACT.router.find(path)
    operation = match.route.operations.get("GET") if match else None
    response = operation.response(operation.success) if operation else None
    return next(iter(response.examples.values()), {}) if response else {"error": {"code": "not_found", "message": "no"}}


NUMBERS = ["²", "5" * 5000, "-1", "1e400", "nan", "0", "99999999999999999999", "1, 2", "", "٣", "1_0", "+7", "inf"]
TEXTS = [
    "\ud800",
    "\x00",
    "\u202e",
    "x" * 70_000,
    "../..",
    "%zz",
    "{id}",
    "$CONTRACT_TESTS_API_KEY",
    "<script>",
    "]]>",
    "2026-02-30T00:00:00Z",
]
RAW = [
    "9" * 4000,
    "9" * 290,
    "1e400",
    "-1e308",
    "NaN",
    r'"\ud800"',
    r'"\u0000"',
    "[" * 150 + "]" * 150,
    "{}",
    "null",
    "true",
    "[[]]",
    "-0.0",
    "1e-400",
]
values = st.one_of(
    st.sampled_from(RAW),
    st.sampled_from(TEXTS).map(json.dumps),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    ).map(json.dumps),
)
changes = st.lists(st.tuples(st.integers(0, 40), values), max_size=4)
fields = st.dictionaries(
    st.sampled_from([*HEADERS, "Date", "Content-Type", "Retry-After", "ETag", "Content-Encoding"]),
    st.one_of(st.sampled_from(NUMBERS), st.text(max_size=30)),
    max_size=4,
)


def places(value: JSON) -> list[tuple[JSON, Any]]:
    """Every place in a value that can hold another one."""
    found: list[tuple[JSON, Any]] = []
    for name in list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        found += [(value, name), *places(value[name])]
    return found


def changed(body: JSON, wanted: list[tuple[int, str]]) -> bytes:
    """A body with some of its values replaced by texts that may be no JSON."""
    whole = {"": copy.deepcopy(body)}
    texts = {}
    for index, (place, text) in enumerate(wanted):
        spots = places(whole)
        holder, name = spots[place % len(spots)]
        holder[name] = f"@{index}@"
        texts[f'"@{index}@"'] = text
    made = json.dumps(whole[""])
    for mark, text in texts.items():
        made = made.replace(mark, text)
    return made.encode("utf-8", "surrogatepass")


def on_the_wire(text: str) -> bytes:
    return text.encode("utf-8", "replace").replace(b"\r", b" ").replace(b"\n", b" ").replace(b"\0", b" ")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@settings(max_examples=12, phases=(Phase.generate,))
@given(changes, fields, st.sampled_from([200, 200, 200, 400, 401, 404, 429, 500, 204, 206, 302, 599, 999]))
def test_any_structure_is_judged(
    server: Scripted,
    tmp_path_factory: pytest.TempPathFactory,
    wanted: list[tuple[int, str]],
    headers: dict[str, str],
    status: int,
) -> None:
    sent = {"Content-Type": b"application/json", **{name: on_the_wire(value) for name, value in headers.items()}}
    server.answer = lambda path: written(status, sent, changed(example(path), wanted))
    assert report(server, tmp_path_factory.mktemp("reports"))["requests"] <= 8


@settings(max_examples=12, phases=(Phase.generate,))
@given(st.binary(max_size=60), st.integers(0, 400), st.integers(0, 30))
def test_any_bytes_are_survived(
    server: Scripted, tmp_path_factory: pytest.TempPathFactory, junk: bytes, at: int, gone: int
) -> None:
    def answer(path: str) -> bytes:
        good = written(200, {"Content-Type": b"application/json"}, json.dumps(example(path)).encode())
        return good[:at] + junk + good[at + gone :]

    server.answer = answer
    report(server, tmp_path_factory.mktemp("reports"))


@pytest.mark.parametrize("number", NUMBERS)
def test_a_limit_that_is_no_number_ends_no_run(server: Scripted, tmp_path: Path, number: str) -> None:
    headers = {name: number.encode() for name in (*HEADERS, "Retry-After", "Date")}
    server.answer = lambda path: written(
        200, {"Content-Type": b"application/json", **headers}, json.dumps(example(path)).encode()
    )
    report(server, tmp_path)


@pytest.mark.parametrize("raw", RAW)
def test_no_value_in_the_place_of_an_id_ends_a_run(server: Scripted, tmp_path: Path, raw: str) -> None:
    def answer(path: str) -> bytes:
        body = json.dumps(example(path))
        for _, name in places(example(path)):
            if name == "id":
                body = json.dumps(_with_ids(example(path))).replace('"@id@"', raw)
        return written(200, {"Content-Type": b"application/json"}, body.encode())

    server.answer = answer
    report(server, tmp_path)


def _with_ids(value: JSON) -> JSON:
    if isinstance(value, dict):
        return {name: "@id@" if name == "id" else _with_ids(item) for name, item in value.items()}
    return [_with_ids(item) for item in value] if isinstance(value, list) else value
