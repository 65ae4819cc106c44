"""Requests that wait for shared state: batches of them, and what may happen to a connection meanwhile."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

import pytest

from mockserver.app import MockServer, create_app
from mockserver.clock import parse_instant
from mockserver.journal.accesslog import AccessLog
from mockserver.settings import Settings
from mockserver.state.redis.space import RedisSpace
from mockserver.state.space import StateError
from tests.exchanges import Answer, Dialogue, answers_in, connecting
from tests.lab import WEBSITES
from tests.redis import RedisServer

KEY = "zv_demo_enterprise"  # 120 requests a minute
GET = f"GET {WEBSITES} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {KEY}\r\n\r\n".encode()
LAST = GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
EVENT = (
    b'{"session_id": "session-0001", "url": "https://a.example/", "device_type": "mobile", '
    b'"browser": "Chrome", "os": "Android", "user_agent": "x"}'
)
POST = (
    b"POST /e/ZV_abc123xyz HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    % len(EVENT)
)


@dataclass
class Gate:
    """The way to Redis: exchanges of a space wait until it is open. `failures` are raised instead, in their order."""

    run: Callable[..., Awaitable[Any]]
    open: asyncio.Event = field(default_factory=asyncio.Event)
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    failures: list[Exception | None] = field(default_factory=list)
    exchanges: int = 0

    async def __call__(self, name: str, *arguments: Any) -> Any:
        """Run a script."""
        if name == "exchange":
            self.exchanges += 1
            self.reached.set()
            await self.open.wait()
            failure = self.failures.pop(0) if self.failures else None
            if failure is not None:
                raise failure
        return await self.run(name, *arguments)


@dataclass
class Held:
    """A server whose way to Redis is shut."""

    app: MockServer
    gate: Gate
    connect: Callable[[], Awaitable[Dialogue]]
    log: StringIO

    async def waiting(self, data: bytes = GET) -> Dialogue:
        """Send requests, the first of which waits for Redis."""
        dialogue = await self.connect()
        await dialogue.send(data)
        await self.gate.reached.wait()
        return dialogue

    async def statuses_in_journal(self) -> list[int]:
        """The statuses of what is in the journal."""
        assert self.app.mock.space.journal is not None
        return [entry.status for entry in (await self.app.mock.space.journal.read()).entries]

    def logged(self) -> list[int]:
        """The statuses in the access log."""
        assert self.app.mock.log is not None
        self.app.mock.log.flush()
        return [json.loads(line)["status"] for line in self.log.getvalue().splitlines()]


@asynccontextmanager
async def holding(redis: RedisServer, monkeypatch: pytest.MonkeyPatch, **options: Any) -> AsyncIterator[Held]:
    """A server that has read its space, and whose way to Redis is shut then."""
    log = StringIO()
    settings = Settings(
        now=parse_instant("2026-02-07T12:00:20Z"), state=redis.url, state_namespace=uuid.uuid4().hex, **options
    )
    app = create_app(settings, AccessLog(log, "json"))
    space = app.mock.space
    assert isinstance(space, RedisSpace)
    await space.refresh()
    gate = Gate(space._link.run)
    monkeypatch.setattr(space._link, "run", gate)
    async with connecting(app) as connect:
        yield Held(app, gate, connect, log)
    await app.mock.store.close()


async def answers(dialogue: Dialogue) -> list[Answer]:
    """The answers until the server closes."""
    return list(answers_in(await dialogue.reader.read()))


def remaining(answer: Answer) -> int:
    return int(answer.headers["x-ratelimit-remaining"])


def test_requests_that_wait_are_counted_and_published_together(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work() -> None:
        async with holding(redis, monkeypatch) as held:
            dialogues = [await held.waiting(LAST) for _ in range(20)]
            held.gate.open.set()
            found = [await answers(dialogue) for dialogue in dialogues]
            assert [one.status for (one,) in found] == [200] * 20
            assert sorted(remaining(one) for (one,) in found) == list(range(100, 120))
            assert held.gate.exchanges == 3, "the first, the other 19, and what these leave behind"
            assert await held.statuses_in_journal() == [200] * 20

    asyncio.run(work())


def test_an_answer_is_not_sent_before_its_journal_entry_is_published(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work() -> None:
        async with holding(redis, monkeypatch) as held:
            dialogue = await held.waiting(LAST)
            held.gate.open.set()
            held.gate.reached.clear()
            await held.gate.reached.wait()
            held.gate.open.clear()
            assert not dialogue.served.cycles[0].response_started
            held.gate.open.set()
            assert [one.status for one in await answers(dialogue)] == [200]

    asyncio.run(work())


def test_requests_that_come_behind_a_waiting_one_are_answered_in_their_order(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work() -> None:
        async with holding(redis, monkeypatch) as held:
            dialogue = await held.waiting(GET + GET + POST + EVENT[:9])
            dialogue.writer.write(EVENT[9:] + LAST)  # which is not read before those in front of it are answered
            held.gate.open.set()
            found = await answers(dialogue)
            assert [one.status for one in found] == [200] * 4
            assert [remaining(one) for one in found if "x-ratelimit-remaining" in one.headers] == [119, 118, 117]
            assert await held.statuses_in_journal() == [200] * 4

    asyncio.run(work())


def test_a_client_that_has_gone_keeps_nobody_from_an_answer(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work() -> None:
        async with holding(redis, monkeypatch) as held:
            gone, staying = await held.waiting(), await held.waiting(LAST)
            gone.writer.transport.abort()
            await gone.served.until(lambda: gone.served.transport.is_closing())
            held.gate.open.set()
            (answer,) = await answers(staying)
            assert (answer.status, remaining(answer)) == (200, 118)
            assert await held.statuses_in_journal() == [200, 200]

    asyncio.run(work())


def test_a_request_to_a_space_that_was_changed_meets_the_change_while_the_next_is_half_read(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work() -> None:
        async with holding(redis, monkeypatch) as held:
            settings = held.app.mock.settings
            other = create_app(settings).mock
            dialogue = await held.waiting(POST + EVENT + POST + EVENT[:9])
            async with other.space.transaction():
                other.space.clock.advance(3_600)
            await other.store.close()
            held.gate.open.set()
            dialogue.writer.write(EVENT[9:] + LAST)
            found = await answers(dialogue)
            assert [one.status for one in found] == [200] * 3
            assert {one.headers["date"] for one in found} == {"Sat, 07 Feb 2026 13:00:20 GMT"}
            assert remaining(found[2]) == 119
            assert await held.statuses_in_journal() == [200] * 3

    asyncio.run(work())


def test_a_fault_of_another_process_meets_all_requests_that_wait(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = b'{"fault": "EMPTY_RESPONSE", "times": 2}'
    head = b"POST /__mock/faults HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"

    async def work() -> None:
        async with holding(redis, monkeypatch) as held:
            first, second = await held.waiting(), await held.waiting()
            other = create_app(held.app.mock.settings)
            async with connecting(other) as connect:
                control = await connect()
                await control.send(head + b"Content-Length: %d\r\n\r\n" % len(rule) + rule)
                assert [one.status for one in await answers(control)] == [200]
            await other.mock.store.close()
            held.gate.open.set()
            assert (await answers(first), await answers(second)) == ([], [])
            (third,) = await answers(await held.waiting(LAST))
            assert third.status == 200

    asyncio.run(work())


def test_a_stop_waits_for_the_answer_to_a_request_that_waits_and_closes_behind_it(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work() -> None:
        async with holding(redis, monkeypatch) as held:
            dialogue = await held.waiting()
            dialogue.served.shutdown()
            held.gate.open.set()
            (answer,) = await answers(dialogue)
            assert (answer.status, answer.headers["connection"]) == (200, "close")

    asyncio.run(work())


def test_a_request_whose_body_takes_its_time_has_the_whole_patience_of_redis(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work() -> None:
        async with holding(redis, monkeypatch) as held:
            asked: list[float] = []
            space = held.app.mock.space
            exchange = space.exchange

            async def noted(spendings: Any, since: float) -> Any:
                asked.append(since)
                return await exchange(spendings, since)

            monkeypatch.setattr(space, "exchange", noted)
            dialogue = await held.connect()
            await dialogue.send(POST)
            complete = time.perf_counter()
            held.gate.open.set()
            await dialogue.send(EVENT + LAST)
            assert [one.status for one in await answers(dialogue)] == [200, 200]
            assert min(asked) >= complete

    asyncio.run(work())


@pytest.mark.parametrize(
    ("failures", "logged"), [([StateError("gone")], [503, 200, 200]), ([None, StateError("gone")], [503, 503, 200])]
)
def test_a_request_that_redis_does_not_confirm_is_refused_and_recorded_once(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch, failures: list[Exception | None], logged: list[int]
) -> None:
    async def work() -> None:
        async with holding(redis, monkeypatch) as held:
            held.gate.failures += failures
            first, second = await held.waiting(POST + EVENT), await held.waiting(LAST)
            held.gate.open.set()
            assert (await first.reader.readuntil(b"}")).startswith(b"HTTP/1.1 503 ")
            assert [one.status for one in await answers(second)] == [logged[1]]
            (live,) = await answers(await held.waiting(LAST.replace(WEBSITES.encode(), b"/live/ZV_abc123xyz")))
            assert live.status == 200
            assert held.logged() == logged
            assert await held.statuses_in_journal() == [status for status in logged if status != 503]

    asyncio.run(work())
