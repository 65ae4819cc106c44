"""A Redis that is full, read-only, silent, used by servers of something else, or holds what nobody here wrote."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import redis

from mockserver.settings import Settings
from mockserver.state.redis.agreement import HOLDS_SECONDS
from mockserver.state.space import RefusedStateError, StateError
from tests.lab import PRO, USAGE, WEBSITES
from tests.redis import RedisServer, running_redis
from tests.servers import Server, serving
from tests.state.redis.states import new_name, state

KEY = {"X-API-Key": PRO} if isinstance(PRO, str) else PRO
PAGES = ("/__mock/requests", "/__mock/client-report", "/__mock/clock", "/__mock/limits", "/__mock/faults", "/__mock/")


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


def about(**fields: object) -> Callable[[Any, str], object]:
    """Return what writes fields of a space's hash."""
    return lambda client, prefix: client.hset(prefix + "about", mapping={"epoch": "e", **fields})


def document(text: bytes) -> Callable[[Any, str], object]:
    """Return what writes a space's document, in a version that nobody has read."""
    return about(version=7_000, document=text)


def replaced(part: str) -> Callable[[Any, str], object]:
    """Return what writes a text where something else belongs."""
    return lambda client, prefix: client.set(prefix + part, "garbage")


def snapshot(text: bytes) -> Callable[[Any, str], object]:
    """Return what writes a snapshot of events that nobody has read."""

    def write(client: Any, prefix: str) -> None:
        about(event=9_000, snapshot=9_000)(client, prefix)
        client.set(prefix + "snapshot", text)

    return write


def event(client: Any, prefix: str) -> None:
    about(event=9_001)(client, prefix)
    client.xadd(prefix + "events", {"e": "garbage"}, id="9001-0")


def entry(client: Any, prefix: str) -> None:
    client.xadd(prefix + "journal", {"e": b"\xc1garbage"}, id="9000-0")


KINDS = {
    "about is a text": replaced("about"),
    "half a document": document(b'{"frozen": 17'),
    "bytes for a document": document(b"\xff\xfe\x00"),
    "a document of another version": document(b'{"frozen": {"at": 1}}'),
    "a clock beyond its years": document(b'{"frozen": 1e300}'),
    "a scenario of another API": document(
        b'{"fault_state": {"running": [{"name": "x", "source": {"steps": [{"operation": "nobody"}]}}]}}'
    ),
    "words for numbers": about(version="seven", event="many", noted="none"),
    "a snapshot of something else": snapshot(b"\x93garbage"),
    "a snapshot that contradicts itself": snapshot(
        b"\x84\xa4days\x80\xa8sessions\x90\xa5count\x00\xa8detailed\x91\x92\xa1s\x01"
    ),
    "an event of something else": event,
    "counters are a text": replaced("counters"),
    "a journal that is a text": replaced("journal"),
    "an entry of something else": entry,
}


@pytest.fixture(scope="module")
def shared_server() -> Iterator[tuple[Server, Any, str]]:
    with running_redis() as own:
        name = new_name()
        client: Any = redis.Redis.from_url(own.url)
        with serving("--state", own.url, "--state-namespace", name) as server:
            yield server, client, f"{name}:own:"
        client.close()


@pytest.mark.parametrize("kind", KINDS)
def test_what_nobody_here_wrote_is_named_with_the_way_out_and_a_reset_mends_it(
    shared_server: tuple[Server, Any, str], kind: str
) -> None:
    server, client, prefix = shared_server
    assert server.get(WEBSITES, headers=KEY).status_code == 200
    KINDS[kind](client, prefix)
    answers = [server.get(path, headers=KEY) for path in (WEBSITES, USAGE, *PAGES)]
    told = [answer for answer in answers if answer.status_code != 200]
    assert {answer.status_code for answer in told} == {503}
    assert all(prefix in answer.text and "/__mock/reset" in answer.text for answer in told), told[0].text
    assert server.request("POST", "/__mock/reset").status_code == 200
    assert {server.get(path, headers=KEY).status_code for path in (WEBSITES, USAGE, *PAGES)} == {200}


@pytest.mark.parametrize("value", ["a text", "a hash"])
@pytest.mark.parametrize("key", ["own:lock", "tests", "evicted", "served"])
def test_what_nobody_here_wrote_about_all_spaces_is_named_at_once_and_a_reset_mends_it(
    shared_server: tuple[Server, Any, str], key: str, value: str
) -> None:
    server, client, prefix = shared_server
    name = prefix.replace("own:", key)
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "/__mock/health", {}),
        ("GET", "/__mock/settings", {}),
        ("POST", "/__mock/clock", {"json": {"action": "advance", "seconds": 1}}),
        ("GET", WEBSITES, {"headers": {**KEY, "X-Test-Id": "damaged"}}),
    ]
    client.delete(name)
    if value == "a text":
        client.set(name, "garbage")
    else:
        client.hset(name, "field", "garbage")
    told = [answer for call in calls if (answer := send(server, *call)).status_code != 200]
    assert {answer.status_code for answer in told} == {503}
    assert all("/__mock/reset" in answer.text for answer in told)
    assert any(name in answer.text for answer in told)
    assert server.request("POST", "/__mock/reset").status_code == 200
    assert {send(server, *call).status_code for call in calls} == {200}


def send(server: Server, method: str, path: str, options: dict[str, Any]) -> httpx.Response:
    return server.request(method, path, **options)


def test_a_redis_that_is_loading_its_data_is_reachable_and_not_usable() -> None:
    async def loading(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(65_536):
            writer.write(b"-LOADING Redis is loading the dataset in memory\r\n")
        writer.close()

    async def work() -> None:
        listener = await asyncio.start_server(loading, "127.0.0.1", 0)
        port = listener.sockets[0].getsockname()[1]
        made = state(RedisServer(port, ""), Settings(), new_name())
        space = made.space()
        for question in (made.check(), space.refresh(), space.exchange([], time.perf_counter())):
            with pytest.raises(RefusedStateError, match="Redis is loading the dataset"):
                await question
        await made.close()
        listener.close()

    asyncio.run(work())


def test_a_full_redis_is_unusable_and_says_that_it_is_full(own_redis: RedisServer) -> None:
    client: Any = redis.Redis.from_url(own_redis.url)
    with serving("--state", own_redis.url) as server:
        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("maxmemory", "1")
        health = server.get("/__mock/health")
        told = health.json()["state"]
        assert (health.status_code, health.json()["status"]) == (503, "unavailable")
        assert (told["reachable"], told["usable"]) == (True, False)
        assert "maxmemory" in told["detail"]
        answer = server.get(WEBSITES, headers=KEY)
        assert answer.status_code == 503
        assert "maxmemory" in answer.json()["detail"]
        client.config_set("maxmemory", "0")
        assert server.get("/__mock/health").json()["state"]["usable"] is True
    client.close()


def test_a_redis_that_only_reads_is_unusable_and_says_so(own_redis: RedisServer) -> None:
    client: Any = redis.Redis.from_url(own_redis.url)
    with serving("--state", own_redis.url) as server:
        client.execute_command("REPLICAOF", "127.0.0.1", "1")
        health = server.get("/__mock/health")
        assert health.status_code == 503
        assert "read" in health.json()["state"]["detail"].lower()
    client.close()


def test_servers_of_something_else_do_not_start_in_the_same_namespace(own_redis: RedisServer) -> None:
    with serving("--state", own_redis.url) as server:
        command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--state", own_redis.url]
        other = subprocess.run([*command, "--edition", "2025-01"], capture_output=True, text=True, check=False)
        assert other.returncode != 0
        assert "zenovay@2026-02" in other.stderr
        assert "zenovay@2025-01" in other.stderr
        assert "--state-namespace" in other.stderr
        assert "Traceback" not in other.stderr
        assert server.get("/__mock/health").json()["status"] == "ok"


def test_an_unused_claim_is_replaced_and_who_had_it_says_what_is_served_now(own_redis: RedisServer) -> None:
    client: Any = redis.Redis.from_url(own_redis.url)

    async def work() -> None:
        name = new_name()
        one, two = (state(own_redis, settings, name) for settings in (Settings(), Settings(scale=2)))
        try:
            await one.check()
            with pytest.raises(RefusedStateError, match=r"serve .*; this one serves .*scale 2: start it"):
                await two.check()
            (claim,) = client.zrange(f"{name}:served", 0, -1)
            client.zadd(f"{name}:served", {claim: 1})
            await two.check()
            with pytest.raises(RefusedStateError, match="scale 2"):
                await one.check()
        finally:
            await one.close()
            await two.close()

    asyncio.run(work())
    client.close()


def test_a_claim_is_renewed_while_no_request_comes_and_withdrawn_at_the_end(
    own_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    client: Any = redis.Redis.from_url(own_redis.url)
    paused, resumed = asyncio.Event(), asyncio.Event()

    async def pause(seconds: float) -> None:
        assert seconds < HOLDS_SECONDS
        paused.set()
        await resumed.wait()
        resumed.clear()

    async def work() -> None:
        name = new_name()
        one, two = state(own_redis, Settings(), name), state(own_redis, Settings(scale=2), name)
        with monkeypatch.context() as patched:
            patched.setattr("mockserver.state.redis.agreement.asyncio.sleep", pause)
            await one.start()
            await paused.wait()
            (claim,) = client.zrange(f"{name}:served", 0, -1)
            client.zadd(f"{name}:served", {claim: 1})
            paused.clear()
            resumed.set()
            await paused.wait()
            assert client.zscore(f"{name}:served", claim) > 1, "it was renewed"
        with pytest.raises(RefusedStateError):
            await two.check()
        await one.close()
        await two.check()
        await two.close()

    asyncio.run(work())
    client.close()


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"scale": 2}, "scale 2"),
        ({"seed": 7}, "seed 7"),
        ({"now": 1_770_465_620.0}, "now 2026-02-07T12:00:20.000Z"),
        ({"journal_max": 10}, "journal-max 10"),
        ({"rate_limit": False}, "no rate limit"),
        ({"refused_plans": frozenset({"free"})}, "refused plans free"),
        ({"scenarios": ("retry-after-2s",)}, "scenario retry-after-2s"),
        ({"faults": ("500",)}, "fault 500"),
    ],
)
def test_servers_with_another_option_that_they_must_share_are_refused_with_its_name(
    redis: RedisServer, options: dict[str, Any], named: str
) -> None:
    async def work() -> None:
        name = new_name()
        usual, other = state(redis, Settings(), name), state(redis, Settings(**options), name)
        await other.check()
        with pytest.raises(RefusedStateError, match=f"serve .*, {re.escape(named)}; this one serves"):
            await usual.check()
        await usual.close()
        await other.close()

    asyncio.run(work())


def test_requests_that_waited_for_a_silent_redis_do_not_wait_for_it_again() -> None:
    async def work() -> None:
        met: list[asyncio.StreamWriter] = []

        async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            met.append(writer)

        listener = await asyncio.start_server(silent, "127.0.0.1", 0)
        port = listener.sockets[0].getsockname()[1]
        made = state(RedisServer(port, ""), Settings(), new_name())
        space = made.space()
        failures = await asyncio.gather(*(space.refresh() for _ in range(20)), return_exceptions=True)
        assert [type(one) for one in failures] == [StateError] * 20
        assert len(met) == 1
        await made.close()
        for writer in met:
            writer.close()
        listener.close()

    asyncio.run(work())
