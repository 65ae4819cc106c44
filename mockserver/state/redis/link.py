"""Commands to Redis within a bounded time. A command without a reply is never repeated: it may have been executed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import time
from collections.abc import Awaitable, Iterator
from contextvars import ContextVar
from functools import lru_cache
from hashlib import sha1
from importlib.resources import files
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import BusyLoadingError, MaxConnectionsError, NoScriptError, RedisError, ResponseError

from mockserver.form import BadInputError
from mockserver.state.space import DamagedStateError, RefusedStateError, StateError

Reply = Any
Argument = bytes | str | int
PATIENCE = 0.8  # seconds that a request waits for Redis in total, so that it is refused within one second
_GRACE, _TURNS = 0.05, 5  # for replies that have arrived, but were not yet read by a busy process
_CONNECTIONS = 100
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


class _Budget:
    """The time for which a task may still wait for Redis, in seconds."""

    __slots__ = ("left",)

    def __init__(self, seconds: float) -> None:
        self.left = seconds


_budget: ContextVar[_Budget | None] = ContextVar("budget", default=None)


class Link:
    """The connections of a process to Redis. `address` is its URL without credentials.

    Raises:
        StateError: The URL is not a Redis URL.
    """

    def __init__(self, url: str, patience: float = PATIENCE) -> None:
        try:
            _refuse_database(url)
            pool = BlockingConnectionPool.from_url(
                url,
                max_connections=_CONNECTIONS,
                timeout=patience,
                retry=Retry(NoBackoff(), 0),
                protocol=2,
                driver_info=None,
            )
        except ValueError as error:
            raise StateError(f"--state {_shown(url)} is not a Redis URL: {error}") from None
        self.address = _shown(url)
        self._client = Redis.from_pool(pool)
        self._patience = patience
        self._was_up = self.is_down = False

    def begin(self, since: float | None = None) -> None:
        """Give the current task the patience of this link for all its next commands.

        It began to wait at `since`, on the performance counter; by default now.
        """
        waited = 0.0 if since is None else time.perf_counter() - since
        _budget.set(_Budget(max(0.0, self._patience - waited)))

    async def run(self, name: str, keys: tuple[Argument, ...], *arguments: Argument) -> Reply:
        """Run a script and return its result.

        Raises:
            StateError: Redis did not reply in time.
            RefusedStateError: Redis refused the script.
            DamagedStateError: The script found data that this version cannot have written.
        """
        wanted, client = script(name), self._client
        try:
            try:
                return await self._answer(client.evalsha(wanted.digest, len(keys), *keys, *arguments))
            except NoScriptError:  # the script was not executed, so it can be sent again
                return await self._answer(client.eval(wanted.text, len(keys), *keys, *arguments))
        except ResponseError as error:
            raise self._refusal(error, keys) from None

    async def ask(self, *command: Argument) -> Reply:
        """Send a command and return its reply.

        Raises:
            StateError: Redis did not reply in time.
            RefusedStateError: Redis refused the command.
            DamagedStateError: The key has a value that this version cannot have written.
        """
        try:
            return await self._answer(self._client.execute_command(*command))  # type: ignore[no-untyped-call]
        except ResponseError as error:
            raise self._refusal(error, command[1:2]) from None

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _answer(self, command: Awaitable[Reply]) -> Reply:
        """Wait for a reply. After a timeout look once more: perhaps this process is slow, not Redis."""
        budget = _budget.get()
        patience = self._patience if budget is None else budget.left
        started = time.monotonic()
        task = asyncio.ensure_future(command)
        try:
            await asyncio.wait({task}, timeout=patience)
            for _ in range(_TURNS):
                if task.done():
                    break
                await asyncio.sleep(_GRACE / _TURNS)
            if not task.done():
                raise TimeoutError
            reply = task.result()
        except BusyLoadingError as error:
            raise RefusedStateError(f"the state at {self.address} rejected a command: {error}") from None
        except ResponseError:
            raise
        except (RedisError, OSError) as error:
            raise self._failure(error) from None
        finally:
            task.cancel()
            if budget is not None:
                budget.left = max(0.0, patience - (time.monotonic() - started))
        self._was_up = True
        if self.is_down:
            self.is_down = False
            _logger.warning("the state at %s is back", self.address)
        return reply

    def _refusal(self, error: ResponseError, keys: tuple[Argument, ...]) -> StateError:
        """Return the refusal of a command: data that this version cannot have written, or a state of Redis."""
        if "WRONGTYPE" in str(error) or "user_script" in str(error) or "not an integer" in str(error):
            return damaged(self.address, keys[0] if keys else "", error)
        return RefusedStateError(f"the state at {self.address} rejected a command: {error}")

    def _failure(self, error: Exception) -> StateError:
        is_late = isinstance(error, TimeoutError | MaxConnectionsError) or "imeout" in str(error)
        why = "no answer in time" if is_late else str(error)
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
