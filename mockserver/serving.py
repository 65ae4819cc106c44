"""Serving on a real socket: the listener, the banner, the access log, and a clean stop."""

from __future__ import annotations

import errno
import ipaddress
import socket
import sys
from dataclasses import replace
from typing import Any

import orjson
import uvicorn

from mockserver.app import MockServer, create_app
from mockserver.contract.document import ContractError
from mockserver.dataset import FixtureError
from mockserver.dataset.accounts import Key
from mockserver.pipeline.accesslog import AccessLog
from mockserver.protocol import ContractProtocol
from mockserver.scenarios.setup import SetupError
from mockserver.settings import Settings


class ServeError(Exception):
    """The server cannot start; one clear line says why."""


def serve(settings: Settings, host: str, port: int, *, log: bool) -> None:
    """Serve until SIGINT or SIGTERM.

    Raises:
        ServeError: a contract or fixture cannot be used, or the address cannot be listened on.
    """
    access = AccessLog(sys.stdout) if log else None
    settings = replace(settings, public=not is_local(host))
    try:
        app = create_app(settings, access)
    except (ContractError, FixtureError, SetupError) as error:
        raise ServeError(str(error)) from None
    if access is not None:
        access.hide(secret for api in app.apis for secret in api.keys)
    listener = listen(host, port)
    announce(app, listener)
    try:
        uvicorn.Server(configuration(app, log_level="warning")).run([listener])
    except KeyboardInterrupt:
        pass
    finally:
        if access is not None:
            access.flush()
        listener.close()


def configuration(app: MockServer, **more: Any) -> uvicorn.Config:
    """How uvicorn serves it."""
    return uvicorn.Config(
        app,
        access_log=False,
        http=ContractProtocol,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=5,
        **more,
    )


def is_local(host: str) -> bool:
    """Whether an address is one that only this machine reaches."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens.

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


def announce(app: MockServer, listener: socket.socket) -> None:
    """Say where the server is: for people on standard error, for programs as a line of JSON on a piped output."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        host = "127.0.0.1"
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    lines = [f"mockserver on {url}   (Ctrl-C stops)", f"  console: {url}/__mock/", ""]
    for api in app.apis:
        lines.append(f"  {api.contract.title} ({api.contract.selector})  {url}{api.contract.base_path}")
        lines += [f"    {key.secret:<20} {key.description}" for key in api.keys.values()]
    example = example_request(app, url)
    if example:
        lines += ["", f"  {example}"]
    print("\n".join(lines) + "\n", file=sys.stderr, flush=True)
    if not sys.stdout.isatty():
        event = {
            "event": "listening",
            "url": url,
            "port": port,
            "contracts": [api.contract.selector for api in app.apis],
        }
        print(orjson.dumps(event).decode(), flush=True)


def example_request(app: MockServer, url: str) -> str:
    """A curl line that works as pasted: the first GET without path parameters, with the first key that works."""
    for api in app.apis:
        key = next((key for key in api.keys.values() if _works(key, app.settings)), None)
        for operation in api.contract.operations:
            if operation.method != "GET" or "{" in operation.path:
                continue
            if not operation.security:
                return f"curl {url}{operation.path}"
            scheme = operation.security[0][0]
            if key is not None and scheme.location == "header":
                value = f"{scheme.prefix.capitalize()} {key.secret}".strip()
                return f"curl -H '{scheme.parameter}: {value}' {url}{operation.path}"
    return ""


def _works(key: Key, settings: Settings) -> bool:
    return key.permitted and not key.revoked and key.plan not in settings.refused_plans
