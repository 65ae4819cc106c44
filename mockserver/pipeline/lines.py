"""Headers in two forms: pairs, which can be changed, and lines in wire format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

HeaderList = list[tuple[bytes, bytes]]


class LastHeaders:
    """The headers of the last request. Most clients repeat theirs: they are kept, and arranged by name, once."""

    __slots__ = ("_by_name", "_headers")

    def __init__(self) -> None:
        self._headers: HeaderList = []
        self._by_name: Mapping[bytes, bytes] = {}

    def find(self, headers: HeaderList) -> tuple[HeaderList, Mapping[bytes, bytes]]:
        """Return headers and the last value of each name: the same objects as before if they are equal."""
        if headers != self._headers:
            self._headers, self._by_name = headers, dict(headers)
        return self._headers, self._by_name


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
