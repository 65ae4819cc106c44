"""Read a request body, up to a size limit."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import Receive

_LONGEST = 100  # digits of a Content-Length: Python refuses to parse integers of thousands of digits


class TooLargeError(Exception):
    """The body is larger than the limit."""


class GoneError(Exception):
    """The client disconnected before its request was complete."""


def is_too_large(headers: Mapping[bytes, bytes], limit: int) -> bool:
    """Return whether Content-Length announces more than `limit` bytes."""
    announced = headers.get(b"content-length", b"")
    return announced.isdigit() and (len(announced) > _LONGEST or int(announced) > limit)


async def skip_body(receive: Receive, headers: Mapping[bytes, bytes]) -> None:
    """Read and discard the body of a request whose operation has none.

    Raises:
        GoneError: the client disconnected.
    """
    more = b"content-length" in headers or b"transfer-encoding" in headers
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise GoneError
        more = message.get("more_body", False)


async def read_body(receive: Receive, headers: Mapping[bytes, bytes], limit: int) -> bytes:
    """Return the complete body.

    Raises:
        TooLargeError: the announced or actual size exceeds `limit` bytes.
        GoneError: the client disconnected.
    """
    if is_too_large(headers, limit):
        raise TooLargeError
    chunks: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise GoneError
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise TooLargeError
        chunks.append(chunk)
        more = message.get("more_body", False)
    return b"".join(chunks)
