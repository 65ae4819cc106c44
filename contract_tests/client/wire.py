"""HTTP/1.1 connections that end at a deadline: whatever a server sends, and however slowly, an answer has its time."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

_T = TypeVar("_T")
_CONNECT = (socket.SOCK_STREAM, 0)


class Deadline:
    """The instant at which whatever is under way is given up."""

    def __init__(self) -> None:
        self._at, self._what = float("inf"), ""

    def begin(self, seconds: float, what: str) -> None:
        """Allow some seconds from now for what is said to be under way."""
        self._at, self._what = time.monotonic() + seconds, f"{what} after {seconds:g} s"

    def left(self) -> float:
        """Return the seconds that are left.

        Raises:
            ReadTimeout: there are none.
        """
        seconds = self._at - time.monotonic()
        if seconds <= 0:
            raise httpcore.ReadTimeout(self._what)
        return seconds

    def within(self, seconds: float | None) -> float:
        """Return the seconds that are left, but not more than `seconds`."""
        return self.left() if seconds is None else min(self.left(), seconds)


class _Stream(httpcore.NetworkStream):
    """A connection whose every step ends at the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.within(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.within(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: object, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        wrapped = self._stream.start_tls(ssl_context, server_hostname, self._deadline.within(timeout))  # type: ignore[arg-type]
        return _Stream(wrapped, self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.SyncBackend):
    """Opens connections. Names are looked up beside the main thread, which Ctrl-C can interrupt while it waits."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[object] | None = None,
    ) -> httpcore.NetworkStream:
        found = _beside(lambda: socket.getaddrinfo(host, port, 0, *_CONNECT), self._deadline.within(timeout))
        addresses = list(dict.fromkeys(str(address[4][0]) for address in found))
        for index, address in enumerate(addresses):
            share = self._deadline.within(timeout) / (len(addresses) - index)
            try:
                stream = super().connect_tcp(address, port, share, local_address, socket_options)  # type: ignore[arg-type]
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if index == len(addresses) - 1:
                    raise
            else:
                return _Stream(stream, self._deadline)
        raise httpcore.ConnectError(f"{host} has no address")


def _beside(look_up: Callable[[], _T], seconds: float) -> _T:
    """Return what a function returns in a thread of its own, which is left behind if it takes too long."""
    results: list[_T] = []
    errors: list[OSError] = []

    def call() -> None:
        try:
            results.append(look_up())
        except OSError as error:
            errors.append(error)

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise httpcore.ConnectError(str(errors[0]))
    if not results:
        raise httpcore.ConnectTimeout("the host's name was not resolved in time")
    return results[0]


class _Body(httpx.SyncByteStream):
    """The body of an answer, as it comes."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class Wire(httpx.BaseTransport):
    """Sends requests to one target, through the proxy that the environment names for it."""

    def __init__(self, target: str, deadline: Deadline, *, insecure: bool) -> None:
        parts, backend = urlsplit(target), _Backend(deadline)
        context = httpx.create_ssl_context(verify=not insecure)
        proxy = None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)
        if proxy is None:
            self._pool = httpcore.ConnectionPool(context, network_backend=backend)
            return
        named = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        auth = (unquote(named.username), unquote(named.password or "")) if named.username else None
        place = f"{named.scheme}://{named.netloc.rpartition('@')[2]}"
        self._pool = httpcore.HTTPProxy(place, auth, ssl_context=context, network_backend=backend)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return its answer, with a body that is still to be read."""
        place = request.url
        url = httpcore.URL(scheme=place.raw_scheme, host=place.raw_host, port=place.port, target=place.raw_path)
        answer = self._pool.handle_request(
            httpcore.Request(request.method, url, headers=request.headers.raw, content=request.stream)
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()
