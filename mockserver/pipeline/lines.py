"""Headers in two forms: pairs, which can be changed, and lines in wire format."""

from __future__ import annotations

from collections.abc import Iterable

HeaderList = list[tuple[bytes, bytes]]


def packed(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return headers as lines."""
    return b"".join([b"%b: %b\r\n" % header for header in headers])


def unpacked(lines: bytes) -> HeaderList:
    """Return headers as pairs."""
    parts = (line.partition(b": ") for line in lines.split(b"\r\n") if line)
    return [(name, value) for name, _, value in parts]


def content_type(media_type: str) -> bytes:
    """Return the line of the `Content-Type` header."""
    return b"content-type: %b\r\n" % media_type.encode("latin-1")
