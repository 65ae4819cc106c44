"""Small valid files of binary formats, for bodies that no example shows."""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from collections.abc import Iterable
from typing import Any

JSON = Any


def sample_file(essence: str, value: JSON) -> bytes:
    """Return an example of the document if it has the format, else a small valid file.

    A type whose format is not known here gets the text as it is.
    """
    text = value.encode() if isinstance(value, str) else b""
    start, sample = SAMPLES.get(essence, (b"", text))
    if start:
        return next((data for data in (_decoded(text), text) if data.startswith(start)), sample)
    return text


def _decoded(text: bytes) -> bytes:
    """Return the bytes of a text in base64, or of a data URL; empty if it is neither."""
    try:
        return base64.b64decode(text.rpartition(b";base64,")[2], validate=True)
    except (binascii.Error, ValueError):
        return b""


def _png() -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixel = zlib.compress(b"\x00\x33\x66\x99")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")


def _pdf() -> bytes:
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
    )
    text, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(text))
        text += b"%d 0 obj%bendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    tail = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, len(text))
    return text + head + table + tail


def _wav() -> bytes:
    samples = b"\x80" * 8
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8_000, 8_000, 1, 8)
    return (
        b"RIFF" + struct.pack("<I", 4 + len(head) + 8 + len(samples)) + b"WAVE" + head
        + b"data" + struct.pack("<I", len(samples)) + samples
    )  # fmt: skip


_ZIP = b"PK\x05\x06" + bytes(18)
_GZIP = b"\x1f\x8b\x08" + bytes(6) + b"\xff\x03" + bytes(9)
_GIF = base64.b64decode("R0lGODlhAQABAIAAADNmmQAAACwAAAAAAQABAAACAkQBADs=")
_JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAP" + 86 * "/" + "wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAA//"
    "EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AN//Z"
)
_WEBP = base64.b64decode("UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAwA0JaQAA3AA/vuUAAA=")


def _samples(types: Iterable[str], start: bytes, sample: bytes) -> dict[str, tuple[bytes, bytes]]:
    return dict.fromkeys(types, (start, sample))


_SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'
SAMPLES = {
    **_samples(("image/png",), b"\x89PNG\r\n\x1a\n", _png()),
    **_samples(("image/gif",), b"GIF8", _GIF),
    **_samples(("image/jpeg", "image/jpg"), b"\xff\xd8\xff", _JPEG),
    **_samples(("image/svg+xml",), b"<", _SVG),
    **_samples(("image/webp",), b"RIFF", _WEBP),
    **_samples(("audio/wav", "audio/x-wav", "audio/wave"), b"RIFF", _wav()),
    **_samples(("application/pdf",), b"%PDF-", _pdf()),
    **_samples(("application/zip", "application/x-zip-compressed"), b"PK", _ZIP),
    **_samples(("application/gzip", "application/x-gzip"), b"\x1f\x8b", _GZIP),
}
"""By media type: how its files begin, and a small valid file."""
