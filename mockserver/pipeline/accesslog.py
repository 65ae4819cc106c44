"""A line for every request: readable on a terminal, JSON when piped. Written in batches, so that it costs little."""

from __future__ import annotations

import asyncio
import os
import re
import stat
import time
from collections.abc import Iterable
from typing import TextIO

import orjson

from mockserver.clock import ClockText
from mockserver.pipeline.request import Request

_Entry = tuple[float, float, Request]
_DELAY, _BATCH, _WAITING_BYTES = 0.1, 64, 1_000_000
_SECRET = re.compile(r"(?i)([^&=]*(?:key|token|secret|auth|password)[^&=]*=)[^&]*")
_COLOURS = {2: "\x1b[32m", 3: "\x1b[36m", 4: "\x1b[33m", 5: "\x1b[31m"}


class AccessLog:
    """Collects answered requests and writes them a few at a time. No key is ever written in full."""

    def __init__(self, stream: TextIO) -> None:
        self._write = _Pipe(stream).write if _is_pipe(stream) else _Stream(stream).write
        self._readable = stream.isatty()
        self._secrets: tuple[str, ...] = ()
        self._entries: list[_Entry] = []
        self._targets: dict[tuple[bytes, bytes], str] = {}
        self._text = ClockText()

    def hide(self, secrets: Iterable[str]) -> None:
        """Texts that are masked wherever they stand in a path or query."""
        self._secrets = tuple(sorted(secrets, key=len, reverse=True))

    def add(self, request: Request) -> None:
        """Note one answered request; it is written with the next batch, at the latest in a tenth of a second."""
        entries = self._entries
        entries.append((time.time(), time.perf_counter() - request.started, request))
        if len(entries) >= _BATCH:
            self.flush()
        elif len(entries) == 1:
            asyncio.get_running_loop().call_later(_DELAY, self.flush)

    def flush(self) -> None:
        """Write what was collected."""
        entries, self._entries = self._entries, []
        if not entries:
            return
        line = self._line if self._readable else self._json
        self._write("".join([line(*entry) for entry in entries]), len(entries))

    def _target(self, request: Request) -> str:
        """Path and query as they may be shown: as JSON when piped, on one line for a person."""
        name = (request.raw_path, request.query)
        known = self._targets.get(name)
        if known is None:
            known = self._shown(request.raw_path.decode("latin-1"), request.query.decode("latin-1"))
            if len(self._targets) >= 1_000:
                self._targets.clear()
            self._targets[name] = known
        return known

    def _shown(self, path: str, query: str) -> str:
        target = path + ("?" + _SECRET.sub(r"\1…", query) if query else "")
        for secret in self._secrets:
            if secret in target:
                target = target.replace(secret, masked(secret))
        if not self._readable:
            return orjson.dumps(target).decode()
        return "".join(char if char.isprintable() else "�" for char in target)

    def _json(self, at: float, seconds: float, request: Request) -> str:
        endpoint = request.resolved.endpoint
        operation = endpoint.operation.id if endpoint is not None else ""
        key = request.key.id if request.key is not None else ""
        return (
            f'{{"time":"{self._text.plain(at)}","method":"{request.method}","path":{self._target(request)},'
            f'"status":{request.status},"ms":{seconds * 1000:.3f},"bytes":{len(request.answer_body)},'
            f'"operation":"{operation}","key":"{key}"}}\n'
        )

    def _line(self, at: float, seconds: float, request: Request) -> str:
        endpoint = request.resolved.endpoint
        operation = endpoint.operation.id if endpoint is not None else ""
        who = f"{operation} {request.key.id if request.key is not None else ''}".strip()
        colour = _COLOURS.get(request.status // 100, "")
        status = f"{colour}{request.status}\x1b[0m"
        what = f"{request.method:<6} {self._target(request)}"
        return f"{self._text.plain(at)[11:19]} {status} {what}  {seconds * 1000:.1f} ms  {who}\n"


def masked(secret: str) -> str:
    """A key as it may be shown: its first and last three characters."""
    return f"{secret[:3]}…{secret[-3:]}" if len(secret) > 9 else "…"


class _Stream:
    """A terminal or a file: takes every line."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str, _lines: int) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            pass  # nobody reads any more; serving goes on


class _Pipe:
    """A pipe that its reader may leave unread: the server goes on; it drops lines and says so."""

    def __init__(self, stream: TextIO) -> None:
        self._file = stream.fileno()
        os.set_blocking(self._file, False)
        self._waiting = b""
        self._dropped = 0

    def write(self, text: str, lines: int) -> None:
        if len(self._waiting) > _WAITING_BYTES:
            self._dropped += lines
        else:
            if self._dropped:
                self._waiting += b'{"event":"dropped","lines":%d}\n' % self._dropped
                self._dropped = 0
            self._waiting += text.encode()
        try:
            self._waiting = self._waiting[os.write(self._file, self._waiting) :]
        except BlockingIOError:
            pass  # full: tried again with the next lines
        except OSError:
            self._waiting = b""  # nobody reads any more; serving goes on


def _is_pipe(stream: TextIO) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):
        return False
