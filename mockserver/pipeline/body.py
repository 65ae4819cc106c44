"""Reading a request's body, and no more of it than is allowed."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import Receive

_LONGEST = 100  # digits of a length: Python reads no number of thousands of them


class TooLargeError(Exception):
    """The body is larger than is read."""


class GoneError(Exception):
    """The client went away before its request was complete."""


def is_too_large(headers: Mapping[bytes, bytes], limit: int) -> bool:
    """Return whether a body is announced that is larger than `limit` bytes."""
    announced = headers.get(b"content-length", b"")
    return announced.isdigit() and (len(announced) > _LONGEST or int(announced) > limit)


async def skip_body(receive: Receive, headers: Mapping[bytes, bytes]) -> None:
    """Wait until a body that nobody reads is there, so that its request is complete.

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
    """The whole body.

    Raises:
        TooLargeError: it is announced, or turns out, larger than `limit` bytes.
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
