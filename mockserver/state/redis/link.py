"""One pipelined connection to Redis per process.

Commands are sent at once and replies arrive in the same order, so that concurrent requests share round trips. A command
without a reply is never sent again, because it may have been executed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections import deque
from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import sha1
from importlib.resources import files
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec
from redis.asyncio.connection import AbstractConnection, Connection, parse_url
from redis.exceptions import NoScriptError, RedisError, ResponseError

from mockserver.form import BadInputError
from mockserver.state.space import DamagedStateError, RefusedStateError, StateError

Reply = Any
Argument = bytes | str | int
PATIENCE = 0.8  # seconds, so that a request is refused within one second
_GRACE = 0.05  # for replies that have arrived, but were not yet read by a busy process
_logger = logging.getLogger("uvicorn.error")


class Script(NamedTuple):
    """A Lua script, which Redis executes atomically."""

    text: str
    digest: str


@lru_cache
def script(name: str) -> Script:
    """Load a script from the folder of this module."""
    text = (files(__package__) / f"{name}.lua").read_text("utf-8")
    return Script(text, sha1(text.encode()).hexdigest())  # noqa: S324 - EVALSHA identifies scripts by SHA-1


class _Waiting(NamedTuple):
    reply: asyncio.Future[Reply]
    since: float


class Link:
    """A connection to Redis. `address` is its URL without credentials.

    Raises:
        StateError: The URL is not a Redis URL.
    """

    def __init__(self, url: str, patience: float = PATIENCE) -> None:
        try:
            options: dict[str, Any] = dict(parse_url(url))
            _refuse_database(url)
            self.address = _shown(url)
        except ValueError as error:
            raise StateError(f"--state {_shown(url)} is not a Redis URL: {error}") from None
        self._kind: type[AbstractConnection] = options.pop("connection_class", Connection)
        self._options = {
            **options,
            "socket_timeout": patience,
            "socket_connect_timeout": patience,
            "protocol": 2,
            "driver_info": None,
        }
        self._patience = patience
        self._connection: AbstractConnection | None = None
        self._connecting: asyncio.Task[AbstractConnection] | None = None
        self._reading: asyncio.Task[None] | None = None
        self._waiting: deque[_Waiting] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._doubted: asyncio.Future[Reply] | None = None
        self._was_up = self.is_down = False

    async def run(self, name: str, keys: tuple[Argument, ...], *arguments: Argument) -> Reply:
        """Run a script and return its result.

        Raises:
            StateError: Redis did not answer in time, or rejected the script.
        """
        wanted = script(name)
        try:
            return await self._ask("EVALSHA", wanted.digest, len(keys), *keys, *arguments)
        except NoScriptError:  # the script was not executed, so sending it again counts nothing twice
            return await self.ask("EVAL", wanted.text, len(keys), *keys, *arguments)
        except ResponseError as error:
            raise self._refusal(error, keys) from None

    async def ask(self, *command: Argument) -> Reply:
        """Send a command and return its reply.

        Raises:
            StateError: Redis did not answer in time, or rejected the command.
        """
        try:
            return await self._ask(*command)
        except ResponseError as error:
            raise self._refusal(error, command[1:2]) from None

    async def post(self, name: str, keys: tuple[Argument, ...], *arguments: Argument) -> None:
        """Send a script without waiting for its result.

        Raises:
            StateError: There is no connection.
        """
        if self._connection is None:
            raise StateError(f"the state at {self.address} cannot be reached")
        wanted = script(name)
        reply = await self._send("EVALSHA", wanted.digest, len(keys), *keys, *arguments)
        reply.add_done_callback(_overlook)

    async def close(self) -> None:
        """Wait for pending replies, then close the connection."""
        with contextlib.suppress(StateError, ResponseError):
            if self._waiting and self._connection is not None:
                await self._ask("PING")
        self._break(None)
        if self._reading is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await self._reading

    async def _ask(self, *command: Argument) -> Reply:
        return await (await self._send(*command))

    async def _send(self, *command: Argument) -> asyncio.Future[Reply]:
        connection = self._connection
        if connection is None:
            connection = await self._connected()
        loop = asyncio.get_running_loop()
        packed = connection.pack_command(*command)
        reply: asyncio.Future[Reply] = loop.create_future()
        self._waiting.append(_Waiting(reply, loop.time()))
        if self._timer is None:
            self._timer = loop.call_later(self._patience, self._look)
        try:
            await connection.send_packed_command(packed, check_health=False)
        except (RedisError, OSError) as error:
            self._break(error)
        return reply

    async def _connected(self) -> AbstractConnection:
        """Connect; concurrent callers share one attempt."""
        if self._connecting is None:
            self._connecting = asyncio.get_running_loop().create_task(self._connect())
            self._connecting.add_done_callback(self._has_tried)
        return await asyncio.shield(self._connecting)

    def _has_tried(self, task: asyncio.Task[AbstractConnection]) -> None:
        self._connecting = None
        if not task.cancelled():
            task.exception()

    async def _connect(self) -> AbstractConnection:
        connection = self._kind(**self._options)
        try:
            async with asyncio.timeout(self._patience):
                await connection.connect()  # type: ignore[no-untyped-call]
                for name in SCRIPTS:
                    await connection.send_command("SCRIPT", "LOAD", script(name).text, check_health=False)
                for _ in SCRIPTS:
                    await connection.read_response()
        except (RedisError, OSError, TimeoutError) as error:
            await connection.disconnect(nowait=True)
            raise self._failure(error) from None
        connection.socket_timeout = None  # from here on `_look` checks the timeout
        self._connection = connection
        self._reading = asyncio.get_running_loop().create_task(self._read(connection))
        self._was_up = True
        if self.is_down:
            self.is_down = False
            _logger.warning("the state at %s is available again", self.address)
        return connection

    async def _read(self, connection: AbstractConnection) -> None:
        try:
            while True:
                try:
                    reply = await connection.read_response(disconnect_on_error=False)
                except ResponseError as error:
                    reply = error
                waiting = self._waiting.popleft().reply
                if waiting.done():
                    continue
                if isinstance(reply, ResponseError):
                    waiting.set_exception(reply)
                else:
                    waiting.set_result(reply)
        except (RedisError, OSError) as error:
            if self._connection is connection:
                self._reading = None
                self._break(error)
        finally:
            await connection.disconnect(nowait=True)

    def _look(self) -> None:
        """Break the connection if the oldest command timed out; checked twice, as this process may have been slow."""
        self._timer = None
        if not self._waiting:
            return
        loop = asyncio.get_running_loop()
        oldest = self._waiting[0]
        left = oldest.since + self._patience - loop.time()
        if left > 0:
            self._timer = loop.call_later(left, self._look)
        elif self._doubted is not oldest.reply:
            self._doubted = oldest.reply
            self._timer = loop.call_later(_GRACE, self._look)
        else:
            self._break(TimeoutError())

    def _break(self, error: Exception | None) -> None:
        """Drop the connection: pending commands fail, the next command connects again."""
        if self._connection is not None:
            _abort(self._connection)
        self._connection = self._doubted = None
        if self._reading is not None:
            self._reading.cancel()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting, self._waiting = self._waiting, deque()
        failure = self._failure(error) if error is not None else StateError(f"{self.address}: closed")
        for one in waiting:
            if not one.reply.done():
                one.reply.set_exception(failure)

    def _refusal(self, error: ResponseError, keys: tuple[Argument, ...]) -> StateError:
        """Return the error for a rejected command."""
        if "WRONGTYPE" in str(error) or "user_script" in str(error) or "not an integer" in str(error):
            return damaged(self.address, keys[0] if keys else "", error)
        return RefusedStateError(f"the state at {self.address} rejected a command: {error}")

    def _failure(self, error: Exception) -> StateError:
        why = "no answer in time" if isinstance(error, TimeoutError) or "imeout" in str(error) else str(error)
        if self._was_up and not self.is_down:
            self.is_down = True
            _logger.warning("the state at %s cannot be reached: %s", self.address, why or type(error).__name__)
        return StateError(f"the state at {self.address} cannot be reached: {why or type(error).__name__}")


def damaged(address: str, key: Argument, error: Exception) -> DamagedStateError:
    """Return the error for a key, or keys with a prefix, that this version cannot have written."""
    name = key.decode("utf-8", "replace") if isinstance(key, bytes) else str(key)
    return DamagedStateError(
        f"the data below {name!r} in the Redis at {address} was not written by this version: "
        f"POST /__mock/reset, or use another --state-namespace ({type(error).__name__}: {str(error)[:200]})"
    )


@contextlib.contextmanager
def reading(address: str, key: Argument) -> Iterator[None]:
    """Convert errors of parsing a key's data inside the block.

    Raises:
        DamagedStateError: The data was not written by this version.
    """
    try:
        yield
    except (msgspec.MsgspecError, BadInputError, ValueError, TypeError, LookupError, ArithmeticError) as error:
        raise damaged(address, key, error) from None


SCRIPTS = ("agree", "sync", "count", "publish", "snapshot", "commit", "reset", "note", "read", "clear")


def _abort(connection: AbstractConnection) -> None:
    """Abort the connection: a writer would otherwise wait until the other end reads."""
    writer = connection._writer
    if writer is not None:
        writer.transport.abort()


def _overlook(reply: asyncio.Future[Mapping[str, Any]]) -> None:
    """Ignore the result, so that asyncio does not log an unretrieved exception."""
    if not reply.cancelled():
        reply.exception()


def _refuse_database(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "unix" and not re.fullmatch(r"/?[0-9]*", parts.path):
        raise ValueError(f"expected the number of a database as in redis://host:6379/0, found {parts.path!r}")


def _shown(url: str) -> str:
    """Return a URL without its credentials."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return "the URL"
    return f"{parts.scheme}://{host}{parts.path}" if parts.scheme else url
