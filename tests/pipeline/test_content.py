"""Request bodies of a document of somebody else: forms, multipart, XML."""

from __future__ import annotations

import pytest

from tests.strangers import Reply, Stranger

PET = b'<p:pet xmlns:p="https://pets.example.com/schema">%b</p:pet>'
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def pets() -> Stranger:
    return Stranger("pets.yaml")


def part(name: str, body: bytes, content_type: str = "", filename: str = "") -> bytes:
    file = f'; filename="{filename}"' if filename else ""
    kind = f"Content-Type: {content_type}\r\n" if content_type else ""
    return f'--B\r\nContent-Disposition: form-data; name="{name}"{file}\r\n{kind}\r\n'.encode() + body + b"\r\n"


FILE = part("file", b"\x89PNG\r\n", "image/png", "a.png")
META = part("meta", b'{"width": 3}', "application/json")
END = b"--B--\r\n"


def upload(pets: Stranger, *parts: bytes, content_type: str = "multipart/form-data; boundary=B") -> Reply:
    return pets.ask("PUT", "/v1/pets/1/photo", b"".join(parts), content_type=content_type)


@pytest.mark.parametrize(
    "parts",
    [
        (FILE, META),
        (FILE, META, part("size", b"4"), part("title", b"short")),
        (FILE, META, part("tags", b"ab"), part("tags", b"cd")),
        (FILE, META, part("tags", b"ab")),
        (FILE, META, part("tags", b'["ab", "cd"]', "application/json")),
        (FILE, META, part("unknown", b"\xff")),
        (FILE, part("meta", b'{"width": 3}')),
        (part("file", b"abc", "image/jpeg", "a.jpg"), META),
    ],
)
def test_a_multipart_form_as_it_is_declared_is_taken(pets: Stranger, parts: tuple[bytes, ...]) -> None:
    assert upload(pets, *parts, END).status == 204


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ((META,), "file must be present"),
        ((FILE,), "meta must be present"),
        ((part("file", b"ab", "image/png", "a.png"), META), "file must be a string of at least 3 characters"),
        ((part("file", b"abc", "text/plain", "a.txt"), META), "file must be of the type image/png or image/jpeg"),
        ((FILE, part("meta", b'{"width": "x"}', "application/json")), "meta.width must be an integer"),
        ((FILE, part("meta", b"{", "application/json")), "meta must be JSON"),
        ((FILE, part("meta", b"<x/>", "application/xml")), "meta must be of the type application/json"),
        ((FILE, META, part("size", b"0")), "size must be an integer, at least 1"),
        ((FILE, META, part("size", b"x")), "size must be an integer, at least 1"),
        ((FILE, META, part("tags", b"ab"), part("tags", b"c")), "tags.1 must be a string of at least 2 characters"),
        ((FILE, META, part("title", b"12345678901")), "title must be a string of at most 10 characters"),
        ((FILE, META, part("size", b"1"), part("size", b"2")), "size must be an integer, at least 1"),
    ],
)
def test_a_multipart_form_that_is_not_as_declared_is_refused(
    pets: Stranger, parts: tuple[bytes, ...], reason: str
) -> None:
    answer = upload(pets, *parts, END)
    assert answer.status == 400
    assert reason in answer.json["title"]


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (FILE + META + END, "multipart/form-data", "a boundary"),
        (FILE + META, "multipart/form-data; boundary=B", "an end"),
        (b"nothing", "multipart/form-data; boundary=B", "multipart"),
        (FILE + META + END, "multipart/form-data; boundary=" + "C" * 300, "multipart"),
    ],
)
def test_a_broken_multipart_body_is_refused(pets: Stranger, body: bytes, content_type: str, reason: str) -> None:
    answer = upload(pets, body, content_type=content_type)
    assert answer.status == 400
    assert reason in answer.json["title"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"user=ann&attempts=1", 200),
        (b"user=ann&attempts=1&other=1&other=2", 200),
        (b"user=ann&attempts=1&scopes=read%20write", 200),
        (b"user=ann&attempts=1&scopes=read", 200),
        (b"user=ann&attempts=1&device%5Bos%5D=x&device%5Bversion%5D=3", 200),
        (b"user=ann&attempts=9", 400),
        (b"user=a&attempts=1", 400),
        (b"attempts=1", 400),
        (b"user=ann&attempts=1&attempts=2", 400),
        (b"user=ann&attempts=1&scopes=read%20x", 400),
        (b"user=ann&attempts=1&device%5Bversion%5D=3", 400),
        (b"user=ann&attempts=1&device%5Bos%5D=x&device%5Bversion%5D=y", 400),
        (b"", 400),
    ],
)
def test_a_form_is_read_by_its_encoding_and_judged_by_its_schema(pets: Stranger, body: bytes, status: int) -> None:
    assert pets.ask("POST", "/v1/login", body, content_type=FORM).status == status


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (PET % b"<name>Rex</name><secret>s</secret>", 201),
        (PET % b"<name>Rex</name><secret>s</secret><tag>a</tag><tag>b</tag>", 201),
        (PET % b"<name>Rex</name><secret>s</secret><photoUrls><photoUrl>https://a.b/</photoUrl></photoUrls>", 201),
        (PET % b"<name>Rex</name>", 400),
        (PET % b"<name>Rex</name><secret>s</secret><tag>a</tag><tag>b</tag><tag>c</tag>", 400),
        (PET % b"<name>Rex</name><secret>s</secret><photoUrls></photoUrls><status>x</status>", 400),
        (b"<dog><name>Rex</name><secret>s</secret></dog>", 400),
        (b"<pet>", 400),
    ],
)
def test_an_xml_body_is_judged_by_its_schema(pets: Stranger, body: bytes, status: int) -> None:
    assert pets.ask("POST", "/v1/pets", body, content_type="application/xml").status == status


def test_members_that_are_read_only_are_not_missed_in_a_request(pets: Stranger) -> None:
    answer = pets.ask("POST", "/v1/pets", b'{"name": "Rex", "secret": "s"}', content_type="application/json")
    assert answer.status == 201
    assert "id" in answer.json
    assert "secret" not in answer.json
