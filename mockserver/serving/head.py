"""The head of a request as it arrives: its target, what it asks for beyond HTTP/1.1, and what is wrong with it."""

from __future__ import annotations

import httptools

from mockserver.pipeline.lines import HeaderList

MAX_HEAD = 64 * 1024
"""Bytes of a request line with its headers, about: the connection looks at them in pieces."""
MAX_HEADERS = 100


def target_of(url: bytes) -> tuple[bytes, bytes]:
    """Return path and query of a request target.

    Raises:
        httptools.HttpParserInvalidURLError: the target is a whole URL that cannot be read.
    """
    if url[:1] == b"/" and b"#" not in url:
        path, _, query = url.partition(b"?")
        return path, query
    parsed = httptools.parse_url(url)
    return parsed.path or b"/", parsed.query or b""


def without_upgrade(method: bytes, url: bytes, version: str, headers: HeaderList) -> bytes:
    """Return the head of a request as bytes, without its offer to change to another protocol.

    The parser has seen to it that no name or value holds a line break.
    """
    lines = [b"%b %b HTTP/%b\r\n" % (method, url, version.encode("ascii"))]
    lines += [b"%b: %b\r\n" % pair for pair in headers if pair[0] != b"upgrade"]
    return b"".join([*lines, b"\r\n"])


def why_not_http(data: bytes, error: Exception) -> str:
    """Return what is wrong with bytes that the parser refused."""
    if data[:2] == b"\x16\x03":
        return "This is TLS, and the server speaks plain HTTP: ask http://, or start it with --tls-self-signed"
    if "PRI/Upgrade" in str(error):
        return "This is HTTP/2, and the server speaks HTTP/1.1: turn off prior knowledge of HTTP/2 in the client"
    return f"This is not HTTP/1.1: {error}"
