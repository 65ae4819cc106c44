"""Serving on a real socket: the listener, one process or several, and a clean stop."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import ipaddress
import os
import signal
import socket
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn

from apicontract.document import ContractError
from mockserver.app import MockServer, create_app
from mockserver.dataset import FixtureError
from mockserver.engine.setup import SetupError
from mockserver.journal.accesslog import AccessLog
from mockserver.journal.metrics import SharedMetrics
from mockserver.serving.banner import announce
from mockserver.serving.basepath import PrefixedProtocol
from mockserver.serving.errorlog import log_config
from mockserver.serving.protocol import ContractProtocol
from mockserver.serving.tls import Tls, TlsError, tls_of
from mockserver.serving.workers import Ready, Supervisor, WorkerError, stop_with
from mockserver.settings import Settings
from mockserver.state.space import StateError


class ServeError(Exception):
    """The server cannot start; one clear line says why."""


class Serving(uvicorn.Server):
    """A server that tells when it is `ready`, and stops when its supervisor has ended (`alive`; -1: it has none)."""

    def __init__(self, app: MockServer, tls: Tls | None, alive: int = -1, ready: Ready | None = None) -> None:
        logged = log_config(app.mock.settings.log_format, app.mock.redaction)
        super().__init__(configuration(app, tls, log_level="warning", log_config=logged))
        self._app, self._alive, self._tell_ready = app, alive, ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and tell the supervisor."""
        await super().startup(sockets)
        await self._app.mock.store.start()
        if self._alive >= 0:
            stop_with(self._alive, self._leave)
        if self._tell_ready is not None:
            self._tell_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish the requests that were begun, then write counts and log."""
        await super().shutdown(sockets)
        await self._app.mock.store.close()
        self._app.mock.metrics.close()
        if self._app.mock.log is not None:
            self._app.mock.log.close()

    def _leave(self) -> None:
        self.should_exit = True


def run(settings: Settings, host: str, port: int, *, log: bool, workers: int = 1) -> None:
    """Serve until SIGINT or SIGTERM, in so many processes.

    Raises:
        ServeError: a contract or fixture cannot be used, the address cannot be listened on, or what the processes share
            cannot be reached.
    """
    if workers > 1 and not settings.state:
        raise ServeError("--workers needs --state: without it every worker would count for itself")
    if workers > 1 and not hasattr(os, "fork"):
        raise ServeError("--workers needs a system that can fork; start several servers with the same --state instead")
    access = AccessLog(sys.stdout, settings.log_format) if log else None
    settings = replace(settings, public=not is_local(host))
    try:
        app = create_app(settings, access)
        asyncio.run(_reach(app))
    except (ContractError, FixtureError, SetupError) as error:
        raise ServeError(str(error)) from None
    except StateError as error:
        raise ServeError(str(error) if str(error).startswith("--") else f"--state: {error}") from None
    gc.freeze()  # contracts and data stay: no collection looks at them again, and forked workers share their memory
    try:
        with tls_of(settings, host) as tls, listen(host, port) as listener, contextlib.suppress(KeyboardInterrupt):
            if workers > 1:
                _serve_with(workers, app, listener, tls)
            else:
                server = Serving(app, tls)
                _end_on_sigterm(server)
                announce(app.mock, listener, tls)
                server.run([listener])
    except TlsError as error:
        raise ServeError(str(error)) from None


def _serve_with(workers: int, app: MockServer, listener: socket.socket, tls: Tls | None) -> None:
    """Serve in several processes, which write their counts to a shared folder."""
    try:
        with tempfile.TemporaryDirectory(prefix="mockserver-") as counts:
            app.mock.metrics = SharedMetrics(Path(counts))
            Supervisor(
                workers,
                lambda alive, ready: Serving(app, tls, alive, ready).run([listener]),
                lambda: announce(app.mock, listener, tls, workers),
            ).run()
    except WorkerError as error:
        raise ServeError(str(error)) from None
    except FileNotFoundError as error:  # nowhere to make the folder
        raise ServeError(f"--workers takes a folder for temporary files, see TMPDIR: {error.strerror}") from None


async def _reach(app: MockServer) -> None:
    """Check that the state can be reached, and close the connection: other processes will serve."""
    try:
        await app.mock.store.check()
    finally:
        await app.mock.store.close()


def _end_on_sigterm(server: uvicorn.Server) -> None:
    """End with exit code 0 on SIGTERM, also before uvicorn handles signals and after it has restored their handlers.

    Nothing is raised: what runs at the time might catch it.
    """

    def end(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    signal.signal(signal.SIGTERM, end)


def configuration(app: MockServer, tls: Tls | None = None, **more: Any) -> uvicorn.Config:
    """Return the configuration of uvicorn."""
    base = app.mock.settings.base_path
    return uvicorn.Config(
        app,
        access_log=False,
        http=PrefixedProtocol if base else ContractProtocol,
        root_path=base,
        ssl_context_factory=None if tls is None else lambda _config, _default: tls.context,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=5,
        **more,
    )


def is_local(host: str) -> bool:
    """Return whether only this machine reaches an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Raises:
        ServeError: the port is in use, or the address is not this machine's.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise ServeError(f"--host {host}: {error.strerror}") from None
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(2048)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise ServeError(f"port {port} on {host} is in use; choose another with --port, or --port 0") from None
        raise ServeError(f"cannot listen on {host}:{port}: {error.strerror}") from None
    listener.setblocking(False)
    return listener
