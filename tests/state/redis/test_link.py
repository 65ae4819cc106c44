"""The connection to Redis: shared, in order, and given up where nobody answers."""

from __future__ import annotations

import asyncio
import signal
from types import SimpleNamespace

import pytest

from mockserver.state.redis.link import Link
from mockserver.state.space import StateError
from tests.redis import RedisServer


def test_questions_that_are_asked_at_once_get_their_own_answers(redis: RedisServer) -> None:
    async def many() -> list[bytes]:
        link = Link(redis.url, patience=30)  # 500 take turns on 100 connections, on a machine that may be busy
        try:
            return await asyncio.gather(*(link.ask("ECHO", str(number)) for number in range(500)))
        finally:
            await link.close()

    assert asyncio.run(many()) == [str(number).encode() for number in range(500)]


def test_one_that_gives_up_waiting_does_not_disturb_the_others(redis: RedisServer) -> None:
    async def given_up() -> bytes:
        link = Link(redis.url)
        await link.ask("PING")
        waiting = asyncio.create_task(link.ask("ECHO", "one"))
        await asyncio.sleep(0)
        waiting.cancel()
        try:
            answer: bytes = await link.ask("ECHO", "two")
            return answer
        finally:
            await link.close()

    assert asyncio.run(given_up()) == b"two"


def test_a_redis_that_takes_nothing_more_holds_nobody_up(own_redis: RedisServer) -> None:
    async def flood() -> list[object]:
        link = Link(own_redis.url, patience=0.3)
        await link.ask("PING")
        own_redis.signal(signal.SIGSTOP)
        big = b"x" * 100_000
        async with asyncio.timeout(20):
            failed = await asyncio.gather(*(link.ask("SET", "big", big) for _ in range(300)), return_exceptions=True)
        own_redis.signal(signal.SIGCONT)
        assert await link.ask("ECHO", "again") == b"again"
        await link.close()
        return list(failed)

    failed = asyncio.run(flood())
    assert {type(one) for one in failed} == {StateError}


def test_a_redis_that_came_back_fails_no_question(own_redis: RedisServer) -> None:
    async def back() -> bytes:
        link = Link(own_redis.url)
        await link.ask("PING")
        await asyncio.to_thread(own_redis.kill)
        await asyncio.to_thread(own_redis.start)
        answer: bytes = await link.ask("ECHO", "again")
        await link.close()
        return answer

    assert asyncio.run(back()) == b"again"


def test_a_redis_that_has_forgotten_its_scripts_is_told_them_again(own_redis: RedisServer) -> None:
    async def told() -> list[object]:
        link = Link(own_redis.url)
        await link.ask("SCRIPT", "FLUSH")
        try:
            return list(await link.run("read", (b"nothing:",), 0, 10))
        finally:
            await link.close()

    assert asyncio.run(told()) == [0, 0]


def test_what_redis_refuses_is_said(redis: RedisServer) -> None:
    async def refused() -> None:
        link = Link(redis.url)
        try:
            with pytest.raises(StateError, match=r"redis://127.0.0.1:\d+/0 rejected a command: unknown command"):
                await link.ask("NONSENSE")
        finally:
            await link.close()

    asyncio.run(refused())


def test_questions_of_one_request_share_its_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Redis that takes 400 of 600 seconds for each answer, by a clock that stands still otherwise."""
    clock = SimpleNamespace(now=0.0)
    clock.monotonic = clock.perf_counter = lambda: clock.now
    silent = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(65_536):
            if not silent.is_set():
                clock.now += 400
                writer.write(b"+PONG\r\n")
        writer.close()

    async def work() -> None:
        listener = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = listener.sockets[0].getsockname()[1]
        link = Link(f"redis://127.0.0.1:{port}?socket_timeout=900", patience=600)
        await link.ask("PING")
        monkeypatch.setattr("mockserver.state.redis.link.time", clock)
        async with asyncio.timeout(60):
            link.begin()
            assert [await link.ask("PING"), await link.ask("PING")] == [True, True]
            silent.set()
            with pytest.raises(StateError, match="no answer in time"):
                await link.ask("PING")
            link.begin(since=clock.now - 600)
            with pytest.raises(StateError, match="no answer in time"):
                await link.ask("PING")
        await link.close()
        listener.close()

    asyncio.run(work())
