"""Raw HTTP over a socket: what is sent byte by byte, and the answers in what comes back."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from uvicorn.server import ServerState

from mockserver.app import MockServer
from mockserver.serving.flow import Lingering
from mockserver.serving.protocol import ContractProtocol
from mockserver.serving.serve import configuration, listen
from tests.servers import Server

_TURNS = 20


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


class Watched(ContractProtocol):
    """A connection that tells when it has read, answered, or ended."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.read = 0
        self.changed = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        """Count what came."""
        super().data_received(data)
        self.read += len(data)
        self.changed.set()

    def on_response_complete(self) -> None:
        """Tell of an answer."""
        super().on_response_complete()
        self.changed.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell of the end."""
        super().connection_lost(exc)
        self.changed.set()

    @property
    def is_answering_early(self) -> bool:
        """Whether a request that is not complete waits for its answer."""
        return any(isinstance(cycle.transport, Lingering) and not cycle.response_complete for cycle in self.cycles)

    async def until(self, done: Callable[[], bool]) -> None:
        """Wait for something, or for the end."""
        while not done() and not self.transport.is_closing():
            self.changed.clear()
            await self.changed.wait()


class Complaints(logging.Handler):
    """What the server logs as wrong."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self.records.append(self.format(record))


@dataclass(frozen=True)
class Dialogue:
    """Both ends of a connection: a client's streams, and what the server has of it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    served: Watched
    sent: list[int] = field(default_factory=list)

    async def send(self, data: bytes) -> None:
        """Send, and wait until the server has read it."""
        self.writer.write(data)
        self.sent.append(len(data))
        await self.served.until(lambda: self.served.read >= sum(self.sent))


@contextlib.asynccontextmanager
async def connecting(
    app: MockServer, connection_type: type[Watched] = Watched
) -> AsyncIterator[Callable[[], Awaitable[Dialogue]]]:
    """Serve on a socket of this event loop; what opens a connection to it. Nothing may be logged as wrong."""
    complaints = Complaints()
    logging.getLogger("uvicorn.error").addHandler(complaints)
    config = configuration(app, log_config=None)
    config.load()
    accepted: asyncio.Queue[Watched] = asyncio.Queue()

    def accept() -> Watched:
        connection = connection_type(config=config, server_state=ServerState(), app_state={})
        accepted.put_nowait(connection)
        return connection

    async def connect() -> Dialogue:
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        begun.append(Dialogue(reader, writer, await accepted.get()))
        return begun[-1]

    begun: list[Dialogue] = []
    listener = listen("127.0.0.1", 0)
    try:
        async with await asyncio.get_running_loop().create_server(accept, sock=listener):
            yield connect
    finally:
        for dialogue in begun:
            dialogue.served.transport.close()
            dialogue.writer.close()
            with contextlib.suppress(ConnectionError):
                await dialogue.writer.wait_closed()
        logging.getLogger("uvicorn.error").removeHandler(complaints)
    assert complaints.records == []


async def converse(app: MockServer, segments: Sequence[bytes], connection_type: type[Watched] = Watched) -> bytes:
    """Send segments over a socket of this event loop, each read before the next is sent; return what comes back.

    The connection is closed once everything complete has been answered. Nothing of it may be logged as wrong.
    """
    async with connecting(app, connection_type) as connect:
        dialogue = await connect()
        connection = dialogue.served
        received = asyncio.create_task(_everything(dialogue.reader))
        for segment in segments:
            if connection.transport.is_closing():
                break
            await dialogue.send(segment)
        for _ in range(_TURNS):  # in which the application refuses a body before its end, where it does
            await connection.until(lambda: not connection.is_answering and not connection.is_answering_early)
            await asyncio.sleep(0)
        connection.transport.close()
        return await received


async def _everything(reader: asyncio.StreamReader) -> bytes:
    """What comes until the other side closes, or resets because something was left unread."""
    parts = []
    with contextlib.suppress(ConnectionError):
        while part := await reader.read(65_536):
            parts.append(part)
    return b"".join(parts)
