"""Reading a request's body, and no more of it than is allowed."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import Receive

_LONGEST = 100  # digits of a length: Python reads no number of thousands of them


class TooLargeError(Exception):
    """The body is larger than is read."""


class GoneError(Exception):
    """The client went away before its request was complete."""


async def read_body(receive: Receive, headers: Mapping[bytes, bytes], limit: int) -> bytes:
    """The whole body.

    Raises:
        TooLargeError: it is announced, or turns out, larger than `limit` bytes.
        GoneError: the client disconnected.
    """
    announced = headers.get(b"content-length", b"")
    if announced.isdigit() and (len(announced) > _LONGEST or int(announced) > limit):
        raise TooLargeError
    message = await receive()
    if message["type"] == "http.disconnect":
        raise GoneError
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        if len(body) > limit:
            raise TooLargeError
        return body
    chunks = [body]
    size = len(body)
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise GoneError
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise TooLargeError
        chunks.append(chunk)
    return b"".join(chunks)
