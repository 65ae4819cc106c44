"""Declared callbacks: requests that the mock sends after it answered an operation (`--callbacks`)."""

from __future__ import annotations

import ipaddress
import logging
import queue
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

import orjson

from apicontract.expressions import Exchanged, evaluate
from apicontract.operations import Callback
from apicontract.parameters import parse_query
from apicontract.values import make_value
from mockserver.pipeline.answer import Answer
from mockserver.pipeline.negotiation import default_choice
from mockserver.pipeline.representation import represent
from mockserver.pipeline.request import Request
from mockserver.pipeline.success import declared_value

JSON = Any
_logger = logging.getLogger("uvicorn.error")
_MOST_WAITING = 1_000
_TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A callback that is ready to be sent."""

    name: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


class Callbacks:
    """Sends callbacks one after the other, on a thread of its own, to this machine and to hosts that were named."""

    def __init__(self, hosts: Collection[str], seed: int) -> None:
        self._hosts, self._seed = frozenset(host.lower() for host in hosts), seed
        self._waiting: queue.Queue[tuple[Outgoing, dict[str, Any]]] = queue.Queue(_MOST_WAITING)
        self._thread: threading.Thread | None = None

    def send(self, request: Request, answer: Answer, masking: Callable[[Request], dict[str, Any]]) -> None:
        """Send the callbacks of an answered request, later; those of an error are not sent."""
        endpoint = request.resolved.endpoint
        if endpoint is None or not endpoint.operation.callbacks or not 200 <= answer.status < 400:
            return
        extra = masking(request)
        for outgoing in self.prepare(endpoint.operation.callbacks, _exchanged(request, answer)):
            try:
                self._waiting.put_nowait((outgoing, extra))
            except queue.Full:
                _logger.warning("callback %s: not sent, %d others wait", outgoing.name, _MOST_WAITING, extra=extra)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="callbacks", daemon=True)
            self._thread.start()

    def prepare(self, callbacks: Collection[Callback], exchanged: Exchanged) -> list[Outgoing]:
        """Return the callbacks of an exchange whose address is known and allowed."""
        ready = []
        for callback in callbacks:
            url = evaluate(callback.expression, exchanged)
            refusal = "its address is not in the request" if not isinstance(url, str) else self._refusal(url)
            if refusal:
                _logger.warning("callback %s (%s): not sent, %s", callback.name, callback.expression, refusal)
            else:
                ready.append(self._outgoing(callback, str(url)))
        return ready

    def _refusal(self, url: str) -> str:
        """Return why nothing is sent to an address; empty if it is allowed."""
        try:
            split = urlsplit(url)
            host, _ = (split.hostname or "").lower(), split.port
        except ValueError:
            return f"{url!r} is no address"
        if split.scheme not in ("http", "https") or not host:
            return f"{url!r} is no http or https address"
        if host in self._hosts or host == "localhost" or _is_loopback(host):
            return ""
        return f"{host} is not this machine; allow it with --callback-host {host}"

    def _outgoing(self, callback: Callback, url: str) -> Outgoing:
        seed = f"{self._seed}/{callback.name}"
        headers = {
            parameter.name: str(make_value(parameter.schema, f"{seed}/{parameter.name}", examples=True))
            for parameter in callback.parameters
            if parameter.location == "header" and parameter.required
        }
        chosen = default_choice(callback.body.content) if callback.body is not None else None
        if chosen is None:
            return Outgoing(callback.name, callback.method, url, headers, b"")
        value = declared_value(chosen.media, seed, f"callback {callback.name}")
        content_type, body = represent(value, chosen.content_type, chosen.media.schema)
        return Outgoing(callback.name, callback.method, url, {**headers, "Content-Type": content_type}, body)

    def _run(self) -> None:
        while True:
            outgoing, extra = self._waiting.get()
            try:
                _send(outgoing)
            except (OSError, HTTPException, ValueError) as error:
                told = f"callback {outgoing.name}: {outgoing.method} {outgoing.url} failed: {error}"
                _logger.warning(told, extra=extra)


def _send(outgoing: Outgoing) -> None:
    split = urlsplit(outgoing.url)
    connect = HTTPSConnection if split.scheme == "https" else HTTPConnection
    connection = connect(split.hostname or "", split.port, timeout=_TIMEOUT)
    try:
        target = (split.path or "/") + (f"?{split.query}" if split.query else "")
        connection.request(outgoing.method, target, outgoing.body or None, dict(outgoing.headers))
        connection.getresponse().read()
    finally:
        connection.close()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _exchanged(request: Request, answer: Answer) -> Exchanged:
    """Return what expressions can name of a request and its answer."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.raw_headers}
    query = request.query.decode("latin-1")
    path = request.raw_path.decode("latin-1")
    return Exchanged(
        url=f"http://{headers.get('host', 'localhost')}{path}{'?' if query else ''}{query}",
        method=request.method,
        status=answer.status,
        query={name: texts[0] for name, texts in parse_query(request.query).items()},
        path=request.resolved.parameters,
        request_headers=headers,
        request_body=answer.judged.json,
        response_headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers},
        response_body=_as_json(answer.body),
    )


def _as_json(body: bytes) -> JSON:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
