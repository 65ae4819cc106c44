"""The media type of an answer: by `Accept`, among those declared, and the body is of that type."""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from xml.etree import ElementTree

import pytest

from mockserver.pipeline.negotiation import negotiate
from tests.documents import contract_of, document, write
from tests.servers import serving
from tests.strangers import Stranger

JSON, XML, CSV = "application/json", "application/xml", "text/csv"


@pytest.fixture(scope="module")
def pets() -> Stranger:
    return Stranger("pets.yaml")


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("*/*", JSON),
        ("*", JSON),
        ("", JSON),
        ("nonsense", JSON),
        (XML, XML),
        ("APPLICATION/XML", XML),
        (f"{XML}, {JSON}", XML),
        (f"{JSON};q=0.1, {XML};q=0.9", XML),
        (f"{JSON};q=0.9, {XML};q=0.9", JSON),
        ("application/*;q=0.5, text/csv;q=0.4", JSON),
        ("text/*", CSV),
        (f"{JSON};q=0, */*", XML),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", XML),
        ("application/json; charset=utf-8", JSON),
        ("image/png, */*;q=0.1", JSON),
        (f"{XML};q=x", XML),
    ],
)
def test_the_most_wanted_of_the_declared_media_types_is_answered(pets: Stranger, accept: str, wanted: str) -> None:
    answer = pets.get("/v1/pets", accept=accept)
    assert (answer.status, answer.type) == (200, wanted)
    if wanted == JSON:
        assert isinstance(answer.json, list)
    elif wanted == XML:
        assert ElementTree.fromstring(answer.body).tag == "pets"
    else:
        assert answer.body == b"id,name\n1,Rex\n"


@pytest.mark.parametrize("accept", ["image/png", f"{JSON};q=0", "application/vnd.other+json, image/*"])
def test_what_is_not_declared_is_not_acceptable_and_the_answer_lists_what_is(pets: Stranger, accept: str) -> None:
    answer = pets.get("/v1/pets", accept=accept)
    assert (answer.status, answer.type, answer.json["code"]) == (406, JSON, 406)
    assert "application/json, application/xml, text/csv" in answer.json["message"]


def test_a_response_without_a_body_is_acceptable_to_everybody(pets: Stranger) -> None:
    assert pets.ask("DELETE", "/v1/pets/1", accept="image/png").status == 204


@pytest.mark.parametrize(
    ("declared", "accept", "sent"),
    [
        ("*/*", "*/*", JSON),
        ("*/*", "text/plain", "text/plain"),
        ("image/*", "*/*", "image/png"),
        ("image/*", "image/gif", "image/gif"),
        ("text/*", "*/*", "text/plain"),
        ("application/*", "application/*", JSON),
        ("application/json; charset=utf-8", "application/json", "application/json; charset=utf-8"),
        ("application/json; version=1", "application/json; version=2", None),
        ("application/json; version=1", "application/json; version=1", "application/json; version=1"),
    ],
)
def test_a_declared_wildcard_is_answered_in_a_concrete_type(declared: str, accept: str, sent: str | None) -> None:
    responses = {"200": {"description": "ok", "content": {declared: {}}}}
    (operation,) = contract_of({"/a": {"get": {"responses": responses}}}).operations
    chosen = negotiate(operation.responses["200"].content, accept)
    assert (chosen.content_type if chosen else None) == sent


def test_a_binary_body_has_its_format(pets: Stranger) -> None:
    assert pets.get("/v1/pets/1/photo", accept="image/png").body.startswith(b"\x89PNG\r\n\x1a\n")
    assert pets.get("/v1/pets/1/photo", accept="image/jpeg").body.startswith(b"\xff\xd8\xff")
    assert pets.get("/v1/pets/1/photo", accept="image/gif").body.startswith(b"GIF8")


def test_the_png_is_a_picture(pets: Stranger) -> None:
    file = io.BytesIO(pets.get("/v1/pets/1/photo").body)
    assert file.read(8) == b"\x89PNG\r\n\x1a\n"
    names = []
    while head := file.read(8):
        data = file.read(int.from_bytes(head[:4], "big"))
        assert zlib.crc32(head[4:] + data) == int.from_bytes(file.read(4), "big")
        names.append(head[4:])
    assert names == [b"IHDR", b"IDAT", b"IEND"]


@pytest.mark.parametrize("status", ["204", "304", "205"])
def test_an_answer_that_cannot_have_a_body_has_none_though_one_is_declared(tmp_path: Path, status: str) -> None:
    content = {"application/json": {"schema": {"type": "object"}, "example": {"a": 1}}}
    get = {"responses": {status: {"description": "ok", "content": content}}}
    file = write(tmp_path / "small.yaml", document({"/a": {"get": get}}))
    with serving("--quiet", "--contract", str(file)) as running:
        for prefer in ({}, {"Prefer": f"code={status}"}, {"Prefer": "dynamic=true"}, {"Accept": "text/csv"}):
            answer = running.get("/a", headers=prefer)  # on one connection
            assert (answer.status_code, answer.content) == (int(status), b"")


def test_an_operation_that_declares_interim_statuses_only_is_answered_without_a_body(tmp_path: Path) -> None:
    get = {"responses": {"102": {"description": "later"}}}
    asked = Stranger(write(tmp_path / "small.yaml", document({"/a": {"get": get}})))
    assert [asked.get("/a").body, asked.get("/a", prefer="dynamic=true").body] == [b"", b""]


def test_events_are_sent_as_a_stream_of_events(pets: Stranger) -> None:
    answer = pets.get("/v1/pets/1/events")
    assert answer.type == "text/event-stream"
    events = answer.body.decode().split("\n\n")
    assert len(events) == 3
    assert events[2] == ""
    assert all(event in ('data: {"kind":"fed"}', 'data: {"kind":"slept"}') for event in events[:2])


@pytest.mark.parametrize(
    ("media", "start"), [("text/event-stream", b'data: {"n":'), ("application/jsonl", b'{"n":'), (JSON, b'[{"n":')]
)
def test_a_stream_has_items_of_its_schema(tmp_path: Path, media: str, start: bytes) -> None:
    item = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
    get = {"responses": {"200": {"description": "ok", "content": {media: {"itemSchema": item}}}}}
    file = write(tmp_path / "stream.yaml", {**document({"/a": {"get": get}}), "openapi": "3.2.0"})
    body = Stranger(file).get("/a").body
    assert body.startswith(start)
    assert body.count(b'"n"') in (2, 3)
