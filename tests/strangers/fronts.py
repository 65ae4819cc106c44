"""Five ways to serve: the standard library's threads, its WSGI, plain asyncio, Werkzeug, and Starlette on uvicorn."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import uvicorn
import werkzeug
from starlette.applications import Starlette
from starlette.requests import Request as StarletteRequest
from starlette.responses import Response as StarletteResponse
from starlette.routing import Route
from werkzeug.serving import make_server as make_werkzeug

from tests.strangers.finish import Sent
from tests.strangers.message import Request

Handle = Callable[[Request], Sent]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


@contextmanager
def in_thread(run: Callable[[], Any], stop: Callable[[], Any]) -> Iterator[None]:
    """Run a server in a thread of its own."""
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop()
        thread.join()


@contextmanager
def threads(handle: Handle) -> Iterator[int]:
    """Serve with http.server and yield the port."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def answer(self) -> None:
            path, _, query = self.path.partition("?")
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            with lock:
                sent = handle(Request(self.command, path, query, tuple(self.headers.items()), body))
            self.send_response(sent.status)
            for name, value in sent.headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(sent.body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name is http.server's)
            pass

    for method in METHODS:
        setattr(Handler, f"do_{method}", Handler.answer)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with server, in_thread(server.serve_forever, server.shutdown):
        yield server.server_port


def wsgi_of(handle: Handle) -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    """Return a WSGI application, on Werkzeug's request and response."""
    lock = threading.Lock()

    def application(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        asked = werkzeug.Request(environ)
        path = environ.get("RAW_URI", environ.get("REQUEST_URI", "")).partition("?")[0]
        headers = tuple(asked.headers.items())
        query = asked.query_string.decode("latin-1")
        with lock:
            sent = handle(Request(asked.method, path, query, headers, asked.get_data()))
        start(f"{sent.status} {HTTPStatus(sent.status).phrase}", list(sent.headers))
        return [sent.body]

    return application


@contextmanager
def wsgi(handle: Handle) -> Iterator[int]:
    """Serve with wsgiref and yield the port."""

    class Quiet(WSGIRequestHandler):
        def get_environ(self) -> dict[str, Any]:
            return {**super().get_environ(), "RAW_URI": self.path}

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name is http.server's)
            pass

    server = make_server("127.0.0.1", 0, wsgi_of(handle), handler_class=Quiet)
    with server, in_thread(server.serve_forever, server.shutdown):
        yield server.server_port


@contextmanager
def threaded_werkzeug(handle: Handle) -> Iterator[int]:
    """Serve with Werkzeug's own server and yield the port."""
    from werkzeug.serving import WSGIRequestHandler as WerkzeugHandler

    class Quiet(WerkzeugHandler):
        protocol_version = "HTTP/1.1"

        def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 (the name is Werkzeug's)
            pass

    server = make_werkzeug("127.0.0.1", 0, wsgi_of(handle), threaded=True, request_handler=Quiet)
    with in_thread(server.serve_forever, server.shutdown):
        yield server.server_port
    server.server_close()


@contextmanager
def streams(handle: Handle) -> Iterator[int]:
    """Serve with asyncio's streams, reading HTTP by hand, and yield the port."""

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := (await reader.readline()).decode("latin-1").strip():
                method, target, _ = line.split(" ")
                headers = []
                while header := (await reader.readline()).decode("latin-1").strip():
                    name, _, value = header.partition(":")
                    headers.append((name, value.strip()))
                length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
                path, _, query = target.partition("?")
                sent = handle(Request(method, path, query, tuple(headers), await reader.readexactly(length)))
                lines = [f"HTTP/1.1 {sent.status} {HTTPStatus(sent.status).phrase}"]
                lines += [f"{name}:{value}" for name, value in sent.headers]
                writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + sent.body)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(connection, "127.0.0.1", 0))

    def stop() -> None:
        loop.call_soon_threadsafe(loop.stop)

    with in_thread(loop.run_forever, stop):
        yield server.sockets[0].getsockname()[1]
    server.close()
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()


@contextmanager
def starlette(handle: Handle) -> Iterator[int]:
    """Serve with Starlette on uvicorn and yield the port."""

    async def endpoint(asked: StarletteRequest) -> StarletteResponse:
        raw = asked.scope["raw_path"].decode("latin-1").partition("?")[0]
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in asked.scope["headers"])
        query = asked.scope["query_string"].decode("latin-1")
        sent = handle(Request(asked.method, raw, query, headers, await asked.body()))
        response = StarletteResponse(sent.body, sent.status)
        response.raw_headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in sent.headers]
        return response

    app = Starlette(routes=[Route("/{path:path}", endpoint, methods=METHODS)])
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical", http="h11"))
    started = threading.Event()
    startup = server.startup

    async def begin(sockets: Any = None) -> None:
        await startup(sockets)
        started.set()

    server.startup = begin  # type: ignore[method-assign]
    with in_thread(server.run, lambda: setattr(server, "should_exit", True)):
        started.wait()
        yield server.servers[0].sockets[0].getsockname()[1]


FRONTS = {"threads": threads, "wsgi": wsgi, "streams": streams, "werkzeug": threaded_werkzeug, "starlette": starlette}
