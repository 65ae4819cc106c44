"""A server in this process: one for all tests, with its own port and space for each test.

A request belongs to the test whose port it came in by, so a client needs no header or path for the test. Opening a port
takes less than a millisecond.
"""

from __future__ import annotations

import asyncio
import atexit
import itertools
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import uvicorn

from mockserver.app import create_app
from mockserver.client.mock import Mock
from mockserver.pipeline.lines import HeaderList
from mockserver.serving.protocol import ContractProtocol
from mockserver.serving.serve import configuration, listen
from mockserver.settings import Settings

T = TypeVar("T")
_TEST_ID = b"x-test-id"
_LONGEST = 150
_numbers = itertools.count(1)


class LocalServer:
    """A server in a thread, started by its constructor.

    Raises:
        ContractError: A contract cannot be used.
        FixtureError: A fixture cannot be used.
        ServeError: The address is not available.
    """

    def __init__(self, settings: Settings | None = None, host: str = "127.0.0.1") -> None:
        self.app = create_app(settings)
        self._host = host
        self._config = configuration(self.app, log_config=None)
        self._config.load()
        self._state = uvicorn.Server(self._config).server_state
        self._servers: dict[str, asyncio.Server] = {}
        factory = self._config.get_loop_factory()
        self._loop = factory() if factory is not None else asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="mockserver", daemon=True)
        self._thread.start()
        self.url = self._open("")

    def begin(self, name: str = "") -> Mock:
        """Open a port and a space for one test. `name`: the test in the journal."""
        test_id = f"{_printable(name)}#{next(_numbers)}"
        return Mock(self._open(test_id), test_id)

    def end(self, mock: Mock) -> None:
        """Close the port and connections of a test, and reset its space."""
        self._await(self._close(mock.test_id))

    @contextmanager
    def isolated(self, name: str = "") -> Iterator[Mock]:
        """Yield the mock server of one test."""
        mock = self.begin(name)
        try:
            yield mock
        finally:
            self.end(mock)

    def stop(self) -> None:
        """Stop the server and its thread."""
        if self._loop.is_closed():
            return
        self._await(self._close_all())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _await(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _open(self, test_id: str) -> str:
        listener = listen(self._host, 0)
        self._await(self._serve(test_id, listener))
        port = listener.getsockname()[1]
        return f"http://[{self._host}]:{port}" if ":" in self._host else f"http://{self._host}:{port}"

    async def _serve(self, test_id: str, listener: socket.socket) -> None:
        self._servers[test_id] = await self._loop.create_server(self._protocol(test_id.encode()), sock=listener)

    def _protocol(self, test_id: bytes) -> Callable[[], asyncio.Protocol]:
        def protocol() -> asyncio.Protocol:
            return TestProtocol(test_id, config=self._config, server_state=self._state, app_state={}, _loop=self._loop)

        return protocol

    async def _close(self, test_id: str) -> None:
        server = self._servers.pop(test_id, None)
        if server is None:
            return
        server.close()
        for connection in tuple(self._state.connections):
            if isinstance(connection, TestProtocol) and connection.test_id == test_id.encode():
                connection.transport.abort()
        pipeline = self.app.mock.tests.find(test_id.encode()) if test_id else None
        if pipeline is not None:
            await pipeline.space.reset()

    async def _close_all(self) -> None:
        for test_id in tuple(self._servers):
            await self._close(test_id)
        for connection in tuple(self._state.connections):
            connection.transport.abort()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class TestProtocol(ContractProtocol):
    """A connection to the port of a test; its requests belong to the test unless they have an `X-Test-Id`."""

    __test__ = False

    def __init__(self, test_id: bytes, **options: Any) -> None:
        super().__init__(**options)
        self.test_id = test_id

    def on_head(self, path: bytes, query: bytes, headers: HeaderList) -> None:
        """Add the `X-Test-Id` of the test."""
        if self.test_id and not any(name == _TEST_ID for name, _ in headers):
            headers.append((_TEST_ID, self.test_id))
        super().on_head(path, query, headers)


def _printable(name: str) -> str:
    """Return a test's name without characters that a header must not have."""
    return "".join(char if "!" <= char <= "~" else "_" for char in name[-_LONGEST:]) or "test"


_shared: LocalServer | None = None
_lock = threading.Lock()


def shared_server(settings: Settings | None = None) -> LocalServer:
    """Return the server that all tests of this process share; the first call starts it with its settings."""
    global _shared
    with _lock:
        if _shared is None:
            _shared = LocalServer(settings)
            atexit.register(stop_shared)
        return _shared


def stop_shared() -> None:
    """Stop the shared server."""
    global _shared
    with _lock:
        if _shared is not None:
            _shared.stop()
            _shared = None


@contextmanager
def isolated(name: str = "", settings: Settings | None = None) -> Iterator[Mock]:
    """Yield the mock server of one test, on the shared server."""
    with shared_server(settings).isolated(name) as mock:
        yield mock
