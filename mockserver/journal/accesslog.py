"""Access log: one line per request, text on a terminal or JSON in a pipe, written in batches."""

from __future__ import annotations

import asyncio
import os
import select
import stat
import time
from typing import Any, TextIO

import orjson

from apicontract.safetext.invisible import json_escaped, visible
from mockserver.clock import ClockText
from mockserver.faults.fault import Fault
from mockserver.journal.redaction import Redaction
from mockserver.pipeline.answer import Answer
from mockserver.pipeline.lines import HeaderList
from mockserver.pipeline.request import Request

_DELAY, _BATCH, _WAITING_BYTES, _LAST_SECONDS = 0.1, 64, 1_000_000, 1.0
_LONGEST = 1_000  # characters of a path and query, so that a line stays below PIPE_BUF and is written atomically
_LONGEST_ID = 100
_ID = b"x-request-id"
_COLOURS = {2: "\x1b[32m", 3: "\x1b[36m", 4: "\x1b[33m", 5: "\x1b[31m"}


class AccessLog:
    """Buffers answered requests and writes them in batches, without secrets.

    `form` is `text`, `json`, or `auto`: text on a terminal, otherwise JSON.
    """

    def __init__(self, stream: TextIO, form: str = "auto") -> None:
        self._out: _Pipe | _Stream = _Pipe(stream) if _is_pipe(stream) else _Stream(stream)
        coloured = stream.isatty()
        self._readable = coloured if form == "auto" else form == "text"
        self._colours = _COLOURS if coloured else {}
        self._headers: HeaderList = []
        self.mask_with(Redaction({}))
        self._records: list[tuple[Request, Answer, Fault | None, float, float]] = []
        self._line = self._readably if self._readable else self._json if form == "auto" else self._json_in_full
        self._text = ClockText()

    def mask_with(self, redaction: Redaction) -> None:
        """Mask secrets in all later lines."""
        self._redaction = self._own = redaction

    def add(self, request: Request, answer: Answer, fault: Fault | None = None) -> None:
        """Add one answered request; the batch is written after 0.1 s at the latest."""
        records = self._records
        records.append((request, answer, fault, time.time(), time.perf_counter() - request.started))
        if len(records) >= _BATCH:
            self.flush()
        elif len(records) == 1:
            asyncio.get_running_loop().call_later(_DELAY, self.flush)

    def flush(self) -> None:
        """Write the buffered requests; formatting many at a time halves the cost of a line."""
        records, self._records = self._records, []
        if records:
            self._out.write("".join([self._line(*record) for record in records]), len(records))

    def close(self) -> None:
        """Write the buffered lines and wait briefly for the reader of a pipe to take them."""
        self.flush()
        self._out.drain(_LAST_SECONDS)

    def _target(self, request: Request) -> tuple[str, str]:
        """Return the masked path and query with the operation; cached on the resolved request."""
        redaction, resolved = self._find_redaction(request), request.resolved
        if redaction is not self._redaction:
            return self._shown(request, redaction)
        if not resolved.shown:
            resolved.shown = self._shown(request, redaction)
        return resolved.shown

    def _find_redaction(self, request: Request) -> Redaction:
        """Return the redaction that also masks unknown credentials in this request."""
        headers = request.raw_headers
        if headers is not self._headers:  # those that a client repeats are the same object (`LastHeaders`)
            self._headers = headers
            self._own = self._redaction.beside(self._redaction.unknown(headers))
        return self._own

    def _shown(self, request: Request, redaction: Redaction) -> tuple[str, str]:
        target = redaction.target(request.raw_path.decode("latin-1"), request.query.decode("latin-1"))
        if len(target) > _LONGEST:
            target = target[:_LONGEST] + "…"
        endpoint = request.resolved.endpoint
        return (
            visible(target) if self._readable else _as_json(target),
            endpoint.operation.id if endpoint is not None else "",
        )

    def _json(self, request: Request, answer: Answer, _fault: Fault | None, at: float, seconds: float) -> str:
        target, operation = self._target(request)
        key = answer.judged.key.id if answer.judged.key is not None else ""
        return (
            f'{{"time":"{self._text.plain(at)}","method":"{request.method}","path":{target},'
            f'"status":{answer.status},"ms":{seconds * 1000:.3f},"bytes":{answer.size},'
            f'"operation":"{operation}","key":"{key}"}}\n'
        )

    def _json_in_full(self, request: Request, answer: Answer, fault: Fault | None, at: float, seconds: float) -> str:
        """Return a line with IDs that correlate logs; only for an explicit `json`, because it costs more."""
        line, redaction = self._json(request, answer, fault, at, seconds), self._own
        given = {
            "client": request.peer[0] if request.peer else "",
            "test": request.headers.get(b"x-test-id", b"").decode("latin-1"),
            "request_id": next((value for name, value in answer.headers if name == _ID), b"").decode("latin-1"),
            "client_request_id": request.headers.get(_ID, b"").decode("latin-1"),
            "fault": "" if fault is None else str(fault),
        }
        told = {name: redaction.text(value)[:_LONGEST_ID] for name, value in given.items()}
        return f"{line[:-2]},{_as_json(told)[1:]}\n"

    def _readably(self, request: Request, answer: Answer, _fault: Fault | None, at: float, seconds: float) -> str:
        target, operation = self._target(request)
        key = answer.judged.key
        who = f"{operation} {key.id if key is not None else ''}".strip()
        colour = self._colours.get(answer.status // 100, "")
        status = f"{colour}{answer.status}\x1b[0m" if colour else str(answer.status)
        what = f"{request.method:<6} {target}"
        return f"{self._text.plain(at)[11:19]} {status} {what}  {seconds * 1000:.1f} ms  {who}\n"


def _as_json(value: Any) -> str:
    return json_escaped(orjson.dumps(value).decode())


class _Stream:
    """A terminal or a file, which accepts every line."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._file = -1 if stream.isatty() else _file_descriptor(stream)

    def write(self, text: str, _lines: int) -> None:
        try:
            if self._file < 0:
                self._stream.write(text)
                self._stream.flush()
            else:  # unbuffered, so that several processes can write to one file
                os.write(self._file, text.encode())
        except (OSError, ValueError):
            pass  # the reader is gone; keep serving

    def drain(self, _seconds: float) -> None:
        """Do nothing: no line is buffered here."""


class _Pipe:
    """A non-blocking pipe: if its reader falls behind, lines are dropped and the number of dropped lines is logged."""

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
        self._push()

    def drain(self, seconds: float) -> None:
        """Write the waiting bytes, for at most `seconds`."""
        until = time.monotonic() + seconds
        while self._waiting and (left := until - time.monotonic()) > 0:
            select.select([], [self._file], [], left)
            self._push()

    def _push(self) -> None:
        try:
            while self._waiting:  # complete lines only, so that other processes' lines do not interleave
                end = self._waiting.rfind(b"\n", 0, select.PIPE_BUF) + 1 or len(self._waiting)
                self._waiting = self._waiting[os.write(self._file, self._waiting[:end]) :]
        except BlockingIOError:
            pass  # the pipe is full: retried with the next lines
        except OSError:
            self._waiting = b""  # the reader is gone; keep serving


def _file_descriptor(stream: TextIO) -> int:
    try:
        return stream.fileno()
    except (OSError, ValueError):
        return -1


def _is_pipe(stream: TextIO) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):
        return False
