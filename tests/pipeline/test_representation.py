"""A value as the bytes of a media type."""

from __future__ import annotations

import csv
import gzip
import io
import wave
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from apicontract.document import Document
from apicontract.schemas import Schema
from mockserver.pipeline.representation import represent
from mockserver.pipeline.samples import SAMPLES
from mockserver.pipeline.xmlbody import read_xml

ITEM = {"type": "object", "properties": {"id": {"type": "integer", "xml": {"attribute": True}}}}
ROOT = {"components": {"schemas": {"Item": ITEM}}}


def schema(node: Any) -> Schema:
    return Schema(node, Document(Path("none.yaml"), ROOT))


@pytest.mark.parametrize(
    ("content_type", "value", "body"),
    [
        ("application/json", {"a": 1 << 70}, b'{"a":1180591620717411303424}'),
        ("application/problem+json", {"a": 1}, b'{"a":1}'),
        ("application/x-ndjson", [{"a": 1}, {"a": 2}], b'{"a":1}\n{"a":2}\n'),
        ("application/json-seq", [1, 2], b"\x1e1\n\x1e2\n"),
        ("text/event-stream", [{"a": 1}, "x\ny"], b'data: {"a":1}\n\ndata: x\ndata: y\n\n'),
        ("text/event-stream", [{"event": "fed", "data": {"a": 1}}], b'event: fed\ndata: {"a":1}\n\n'),
        ("text/event-stream", "data: 1\n\ndata: 2", b"data: 1\n\ndata: 2\n\n"),
        ("text/csv", [{"a": 1, "b": "x,y"}, {"a": True}], b'a,b\r\n1,"x,y"\r\ntrue,\r\n'),
        ("text/csv", {"rows": [[1, 2]]}, b"1,2\r\n"),
        ("text/csv", "a\n1\n", b"a\n1\n"),
        ("text/plain", "x", b"x"),
        ("text/plain", 5, b"5"),
        ("text/plain; charset=utf-8", "é", "é".encode()),
        ("text/html", "<p>x</p>", b"<p>x</p>"),
        ("text/html", "a < b", b"<!doctype html>\n<title>Mock</title>\n<pre>a &lt; b</pre>\n"),
        ("application/yaml", {"a": [1]}, b"a:\n- 1\n"),
        ("application/x-www-form-urlencoded", {"a": [1, 2], "b": {"c": 1}}, b"a=1&a=2&b=%7B%22c%22%3A1%7D"),
        ("application/vnd.company.thing", {"a": 1}, b'{"a":1}'),
        ("application/octet-stream", "abc", b"abc"),
        ("image/png", "iVBORw0KGgo=", b"\x89PNG\r\n\x1a\n"),
        ("image/png", "data:image/png;base64,iVBORw0KGgo=", b"\x89PNG\r\n\x1a\n"),
        ("image/png", "no picture", SAMPLES["image/png"][1]),
        ("application/xml", "<a/>", b"<a/>"),
    ],
)
def test_a_value_is_written_in_its_media_type(content_type: str, value: Any, body: bytes) -> None:
    assert represent(value, content_type, None) == (content_type, body)


def test_a_multipart_body_names_its_boundary() -> None:
    content_type, body = represent({"a": {"b": 1}, "c": "x"}, "multipart/form-data", None)
    boundary = content_type.partition("boundary=")[2].encode()
    assert body.count(b"--" + boundary) == 3
    assert b'name="a"\r\nContent-Type: application/json\r\n\r\n{"b":1}\r\n' in body


def test_sample_files_can_be_opened() -> None:
    assert zipfile.ZipFile(io.BytesIO(SAMPLES["application/zip"][1])).namelist() == []
    assert gzip.decompress(SAMPLES["application/gzip"][1]) == b""
    with wave.open(io.BytesIO(SAMPLES["audio/wav"][1])) as sound:
        assert sound.getnframes() == 8
    assert ElementTree.fromstring(SAMPLES["image/svg+xml"][1]).tag == "{http://www.w3.org/2000/svg}svg"
    for start, sample in SAMPLES.values():
        assert sample.startswith(start)


def test_csv_that_was_written_is_read_by_others() -> None:
    rows = [{"a": "1", "b": 'say "x"\n'}, {"a": "", "b": ","}]
    body = represent(rows, "text/csv", None)[1].decode()
    assert list(csv.DictReader(io.StringIO(body, newline=""))) == rows


XML = [
    ({"$ref": "#/components/schemas/Item"}, {"id": 1}, '<Item id="1" />'),
    ({"xml": {"name": "a"}, "properties": {"b": {"type": "boolean"}}}, {"b": True}, "<a><b>true</b></a>"),
    ({"type": "array", "items": {"$ref": "#/components/schemas/Item"}}, [{"id": 1}], '<root><Item id="1" /></root>'),
    ({"properties": {"a": {"type": "array", "items": {"type": "integer"}}}}, {"a": [1, 2]},
     "<root><a>1</a><a>2</a></root>"),
    ({"properties": {"a": {"type": "array", "items": {"type": "integer", "xml": {"name": "b"}}}}}, {"a": [1, 2]},
     "<root><b>1</b><b>2</b></root>"),
    ({"properties": {"a": {"type": "array", "items": {"type": "integer"}, "xml": {"wrapped": True}}}}, {"a": [1, 2]},
     "<root><a><a>1</a><a>2</a></a></root>"),
    ({"properties": {"a": {"type": "array", "items": {"type": "integer", "xml": {"name": "b"}},
                           "xml": {"name": "c", "wrapped": True}}}}, {"a": [1, 2]},
     "<root><c><b>1</b><b>2</b></c></root>"),
    ({"xml": {"name": "a", "namespace": "urn:x", "prefix": "p"}, "properties": {"b": {"type": "string"}}}, {"b": "<&"},
     '<p:a xmlns:p="urn:x"><b>&lt;&amp;</b></p:a>'),
    ({"type": "object", "xml": {"name": "a", "namespace": "urn:x"}}, {}, '<a xmlns="urn:x" />'),
    ({"allOf": [{"$ref": "#/components/schemas/Item"}, {"properties": {"b": {"type": "string"}}}]}, {"id": 1, "b": "x"},
     '<root id="1"><b>x</b></root>'),
    ({"properties": {"t": {"type": "string", "xml": {"nodeType": "text"}}}}, {"t": "x"}, "<root>x</root>"),
]  # fmt: skip


@pytest.mark.parametrize(("node", "value", "text"), XML)
def test_xml_is_written_by_the_xml_objects_of_a_schema_and_read_back(node: Any, value: Any, text: str) -> None:
    body = represent(value, "application/xml", schema(node))[1]
    assert body.decode() == '<?xml version="1.0" encoding="UTF-8"?>\n' + text
    assert read_xml(body, schema(node)) == value


def test_names_and_texts_that_xml_does_not_have_are_replaced() -> None:
    body = represent({"1 a": "\x00b", "": 1}, "application/xml", None)[1]
    assert [(child.tag, child.text) for child in ElementTree.fromstring(body)] == [("_1_a", "�b"), ("_", "1")]


@pytest.mark.parametrize(
    "body",
    [
        b"<a>",
        b"",
        b"x",
        b"<b/>",
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b"<a>" + b"<b>" * 70 + b"</b>" * 70 + b"</a>",
    ],
)
def test_xml_that_cannot_be_read_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="XML"):
        read_xml(body, schema({"type": "object", "xml": {"name": "a"}}))
