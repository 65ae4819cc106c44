"""Several processes that serve one socket, and one above them that starts, replaces and stops them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import struct
import sys
import time
import traceback
from collections.abc import Callable
from typing import NoReturn

Ready = Callable[[], None]
Work = Callable[[int, Ready], None]
"""What a worker does, until it is told to stop: `alive` is a file that ends with the process above it."""
_PID = struct.Struct("i")
_PAUSE = 0.5  # seconds, before one is replaced that could not even begin
_STOP_SECONDS = 8.0  # a little longer than a worker waits for its own requests


class WorkerError(Exception):
    """The workers cannot serve; one line says why."""


class Supervisor:
    """`count` copies of this process. `announce` is called once, when all of them are ready."""

    def __init__(self, count: int, work: Work, announce: Callable[[], None]) -> None:
        self._count, self._work, self._announce = count, work, announce
        self._workers: set[int] = set()
        self._ready: set[int] = set()
        self._stopping = False
        self._announced = False

    def run(self) -> None:
        """Run the workers until SIGINT or SIGTERM, and until each of them has finished its requests.

        Raises:
            WorkerError: a worker ended before it could serve.
        """
        self._alive = os.pipe()  # nothing is ever written: it ends when this process does
        self._told = os.pipe()
        self._woken = os.pipe()
        os.set_blocking(self._woken[1], False)
        handlers = {number: signal.signal(number, self._on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
        handlers[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, _ignore)
        wakeup = signal.set_wakeup_fd(self._woken[1])
        try:
            self._watch()
        finally:
            self._stop()
            signal.set_wakeup_fd(wakeup)
            for number, handler in handlers.items():
                signal.signal(number, handler)
            for file in (*self._alive, *self._told, *self._woken):
                os.close(file)

    def _watch(self) -> None:
        while not self._stopping:
            while len(self._workers) < self._count:
                self._workers.add(self._start())
            readable, _, _ = select.select([self._told[0], self._woken[0]], [], [])
            if self._woken[0] in readable:
                os.read(self._woken[0], 4096)
            if self._told[0] in readable:
                told = os.read(self._told[0], _PID.size * 64)
                self._ready |= {pid for (pid,) in _PID.iter_unpack(told)}
            if not self._announced and len(self._ready & self._workers) == self._count:
                self._announced = True
                self._announce()
            for pid, status in self._ended():
                if pid in self._ready:
                    self._ready.remove(pid)
                elif not self._announced and not self._stopping:
                    raise WorkerError(f"a worker ended with {os.waitstatus_to_exitcode(status)} before it could serve")
                else:
                    time.sleep(_PAUSE)

    def _start(self) -> int:
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            self._be_worker()
        return pid

    def _be_worker(self) -> NoReturn:
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            os.close(self._alive[1])
            self._work(self._alive[0], lambda: _tell(self._told[1]))
            code = 0
        except KeyboardInterrupt:
            code = 0
        except BaseException:  # noqa: BLE001 - nothing of it may go on as if it were the process above
            traceback.print_exc()
        finally:
            with contextlib.suppress(OSError, ValueError):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)

    def _ended(self) -> list[tuple[int, int]]:
        found = [(pid, status) for pid in self._workers for done, status in [os.waitpid(pid, os.WNOHANG)] if done]
        self._workers -= {pid for pid, _ in found}
        return found

    def _stop(self) -> None:
        self._stopping = True
        self._signal(signal.SIGTERM)
        until = time.monotonic() + _STOP_SECONDS
        while self._workers and time.monotonic() < until:
            select.select([self._woken[0]], [], [], 0.1)
            self._ended()
        self._signal(signal.SIGKILL)
        for pid in self._workers:
            os.waitpid(pid, 0)

    def _signal(self, number: int) -> None:
        for pid in self._workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def _on_signal(self, _number: int, _frame: object) -> None:
        self._stopping = True


def stop_with(alive: int, stop: Callable[[], None]) -> None:
    """Stop when the supervisor has ended. Call it in a running event loop."""
    loop = asyncio.get_running_loop()

    def ended() -> None:
        loop.remove_reader(alive)
        stop()

    loop.add_reader(alive, ended)


def _ignore(_number: int, _frame: object) -> None:
    """Do nothing: the signal has woken `select`."""


def _tell(file: int) -> None:
    os.write(file, _PID.pack(os.getpid()))
