"""Raw HTTP over a socket: what is sent byte by byte, and the answers in what comes back."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.servers import Server


@dataclass(frozen=True)
class Answer:
    """One answer: status, headers by their names in lower case, body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def connect(server: Server) -> socket.socket:
    """A plain TCP connection."""
    parts = urlsplit(server.url)
    connection = socket.create_connection((parts.hostname, parts.port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.settimeout(60)
    return connection


def read_all(connection: socket.socket) -> bytes:
    """Everything until the other side closes."""
    parts = []
    while part := connection.recv(65_536):
        parts.append(part)
    return b"".join(parts)


def exchange(server: Server, pieces: Iterable[bytes]) -> list[Answer]:
    """Send pieces, each after the server has read the one before, and read answers until the server closes."""
    with connect(server) as connection:
        for piece in pieces:
            connection.sendall(piece)
            server.client.get(f"{server.url}/__mock/health")  # a process that answers this has read what came before
        return list(answers_in(read_all(connection)))


def answers_in(data: bytes, heads: Iterable[int] = ()) -> Iterator[Answer]:
    """The answers that bytes hold. Those with the numbers `heads` are to HEAD: they have no body."""
    number = 0
    while data:
        head, blank, data = data.partition(b"\r\n\r\n")
        assert blank, head
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        assert "transfer-encoding" not in headers
        status = int(first.split()[1])
        size = 0 if number in heads or status in (100, 204, 304) else int(headers["content-length"])
        assert len(data) >= size
        yield Answer(status, headers, data[:size])
        data = data[size:]
        number += 1
