"""A line for every request: readable on a terminal, JSON when piped. Written in batches, so that it costs little."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterable
from typing import TextIO

import orjson
from starlette.types import Scope

from mockserver.clock import rfc3339
from mockserver.dataset.accounts import Key
from mockserver.pipeline.resolve import Resolved

_DELAY = 0.1
_SECRET = re.compile(r"(?i)([^&=]*(?:key|token|secret|auth|password)[^&=]*=)[^&]*")
_COLOURS = {2: "\x1b[32m", 3: "\x1b[36m", 4: "\x1b[33m", 5: "\x1b[31m"}
_Entry = tuple[float, float, str, str, bytes, int, int, str, str]


class AccessLog:
    """Collects lines and writes them ten times a second. No key is ever written in full."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._readable = stream.isatty()
        self._secrets: tuple[str, ...] = ()
        self._entries: list[_Entry] = []

    def hide(self, secrets: Iterable[str]) -> None:
        """Texts that are masked wherever they stand in a path or query."""
        self._secrets = tuple(sorted(secrets, key=len, reverse=True))

    def add(self, scope: Scope, status: int, size: int, started: float, key: Key | None, resolved: Resolved) -> None:
        """Note one answered request; it is written at the next batch."""
        entries = self._entries
        entries.append(
            (
                time.time(),
                time.perf_counter() - started,
                scope["method"],
                scope["path"],
                scope["query_string"],
                status,
                size,
                key.id if key is not None else "",
                resolved.endpoint.operation.id if resolved.endpoint is not None else "",
            )
        )
        if len(entries) == 1:
            asyncio.get_running_loop().call_later(_DELAY, self.flush)

    def flush(self) -> None:
        """Write what was collected."""
        entries, self._entries = self._entries, []
        if not entries:
            return
        line = self._line if self._readable else self._json
        try:
            self._stream.write("".join([line(entry) for entry in entries]))
            self._stream.flush()
        except (OSError, ValueError):
            self._entries.clear()  # nobody reads any more; serving goes on

    def _target(self, path: str, query: bytes) -> str:
        target = path
        if query:
            target += "?" + _SECRET.sub(r"\1…", query.decode("latin-1"))
        for secret in self._secrets:
            if secret in target:
                target = target.replace(secret, masked(secret))
        return target

    def _json(self, entry: _Entry) -> str:
        at, seconds, method, path, query, status, size, key, operation = entry
        record = {
            "time": rfc3339(at),
            "method": method,
            "path": self._target(path, query),
            "status": status,
            "ms": round(seconds * 1000, 3),
            "bytes": size,
            "operation": operation,
            "key": key,
        }
        return orjson.dumps(record).decode() + "\n"

    def _line(self, entry: _Entry) -> str:
        at, seconds, method, path, query, status, _size, key, operation = entry
        colour = _COLOURS.get(status // 100, "")
        target = "".join(char if char.isprintable() else "�" for char in self._target(path, query))
        who = f"{operation} {key}".strip()
        return f"{rfc3339(at)[11:19]} {colour}{status}\x1b[0m {method:<6} {target}  {seconds * 1000:.1f} ms  {who}\n"


def masked(secret: str) -> str:
    """A key as it may be shown: its first and last three characters."""
    return f"{secret[:3]}…{secret[-3:]}" if len(secret) > 9 else "…"
