"""Several processes that act as one: exact, and still exact while a worker or Redis is killed."""

from __future__ import annotations

import asyncio
import collections
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.redis import RedisServer, shared
from tests.servers import ZENOVAY, Server, serving

WEBSITES = f"{ZENOVAY}/websites"
KEY = "zv_demo_enterprise"  # 120 requests a minute
FROZEN = ("--now", "2026-02-07T12:00:20Z", "--quiet")
LIVE = "/live/ZV_abc123xyz"


async def send(url: str, path: str, key: str = KEY, test: str = "") -> bytes:
    """The answer to a request over a connection of its own."""
    to = httpx.URL(url)
    reader, writer = await asyncio.open_connection(to.host, to.port)
    named = {"Host": "localhost", "X-API-Key": key, "Connection": "close", **({"X-Test-Id": test} if test else {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    writer.write(f"GET {path} HTTP/1.1\r\n{head}\r\n".encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def ask(
    urls: list[str], count: int, path: str = WEBSITES, key: str = KEY, test: str = ""
) -> collections.Counter[int]:
    """So many requests to every address, 200 of them at a time: the statuses."""
    places = asyncio.Semaphore(200)

    async def one(url: str) -> int:
        async with places:
            return int((await send(url, path, key, test)).split(b" ", 2)[1])

    return collections.Counter(await asyncio.gather(*(one(url) for _ in range(count) for url in urls)))


def processes(url: str) -> set[int]:
    """The workers that answer there."""

    async def one() -> int:
        return int(json.loads((await send(url, "/__mock/health")).partition(b"\r\n\r\n")[2])["process"])

    async def many() -> set[int]:
        return set(await asyncio.gather(*(one() for _ in range(100))))

    return asyncio.run(many())


def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.02)


def left(server: Server) -> int:
    """Requests left in this minute."""
    return int(server.get(f"/__mock/limits/{KEY}").json()["minute"]["remaining"])


def test_four_workers_let_exactly_as_many_requests_through_as_one(redis: RedisServer) -> None:
    with serving(*FROZEN, "--workers", "4", *shared(redis)) as server:
        answers = asyncio.run(ask([server.url], 800))
        assert answers == {200: 120, 429: 680}
        until(lambda: len(processes(server.url)) == 4)


def test_two_servers_of_two_workers_do_too(redis: RedisServer) -> None:
    options = (*FROZEN, "--workers", "2", *shared(redis))
    with serving(*options) as one, serving(*options) as other:
        assert asyncio.run(ask([one.url, other.url], 400)) == {200: 120, 429: 680}
        assert (left(one), left(other)) == (0, 0)


def test_fifty_jobs_at_two_servers_have_a_limit_each_that_is_exact(redis: RedisServer) -> None:
    options = (*FROZEN, "--workers", "2", *shared(redis))

    async def jobs(*urls: str) -> list[collections.Counter[int]]:
        names = [f"job {number}" for number in range(50)]
        return await asyncio.gather(*(ask([*urls], 18, test=name, key="zv_demo_pro") for name in names))

    with serving(*options) as one, serving(*options) as other:
        assert asyncio.run(jobs(one.url, other.url)) == [{200: 30, 429: 6}] * 50
        assert other.get("/__mock/settings").json()["tests"]["held"] == 50
        report = one.get("/__mock/client-report?all=true").json()
        assert (report["requests"], len(report["clients"])) == (50 * 36, 50)


def test_what_is_done_on_one_server_is_seen_on_the_other(redis: RedisServer) -> None:
    options = (*FROZEN, *shared(redis))
    with serving(*options) as one, serving(*options) as other:
        event = {"session_id": "session-0001", "url": "/a", "device_type": "tablet", "browser": "b", "os": "c"}
        before = other.get(LIVE).json()["data"]["visitors"]
        for number in range(20):
            sent = {**event, "session_id": f"session-{number:04}", "user_agent": "t"}
            assert one.request("POST", "/e/ZV_abc123xyz", json=sent).status_code == 200
            assert other.get(LIVE).json()["data"]["visitors"] == before + number + 1
            one, other = other, one
        one.request("POST", "/__mock/clock", json={"action": "advance", "seconds": 61})
        assert other.get("/__mock/clock").json() == {"now": "2026-02-07T12:01:21.000Z", "frozen": True}
        assert other.get("/__mock/requests/count").json()["count"] == 41
        one.request("POST", "/__mock/reset")
        assert other.get("/__mock/clock").json()["now"] == "2026-02-07T12:00:20.000Z"
        assert other.get("/__mock/requests/count").json()["count"] == 0


def test_the_first_three_are_three_over_four_workers(redis: RedisServer) -> None:
    with serving(*FROZEN, "--workers", "4", *shared(redis)) as server:
        server.request("POST", "/__mock/faults", json={"status": 500, "times": 3}).raise_for_status()
        assert asyncio.run(ask([server.url], 60)) == {500: 3, 200: 57}


def test_what_servers_start_with_is_set_up_once(redis: RedisServer) -> None:
    options = (*FROZEN, "--fault", "500; times=3", *shared(redis))
    with serving(*options) as one, serving(*options) as other:
        assert asyncio.run(ask([one.url, other.url], 20)) == {500: 3, 200: 37}
        assert other.request("POST", "/__mock/reset").status_code == 200
        assert asyncio.run(ask([one.url, other.url], 20)) == {500: 3, 200: 37}


def test_servers_of_another_namespace_share_nothing(redis: RedisServer) -> None:
    with serving(*FROZEN, *shared(redis)) as one, serving(*FROZEN, *shared(redis)) as other:
        assert one.get(WEBSITES, KEY).status_code == 200
        assert (left(one), left(other)) == (119, 120)


@dataclass
class Load:
    """Requests without end, from so many threads, until it is stopped."""

    url: str
    statuses: collections.Counter[int] = field(default_factory=collections.Counter)
    refusals: list[httpx.Response] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Load:
        self._threads = [threading.Thread(target=self._send) for _ in range(6)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _send(self) -> None:
        with httpx.Client(headers={"X-API-Key": KEY}, timeout=30, verify=False) as client:
            while not self._stop.is_set():
                try:
                    answer = client.get(self.url + WEBSITES)
                except httpx.TransportError:
                    self._note(0)
                else:
                    self._note(answer.status_code, answer)

    def _note(self, status: int, answer: httpx.Response | None = None) -> None:
        with self._lock:
            self.statuses[status] += 1
            if status == 503 and answer is not None:
                self.refusals.append(answer)

    def seen(self, status: int) -> int:
        """How often that was answered."""
        return self.statuses[status]


def test_a_worker_that_is_killed_in_mid_load_is_replaced_and_nothing_is_counted_twice(redis: RedisServer) -> None:
    with serving(*FROZEN, "--workers", "3", *shared(redis)) as server:
        before = processes(server.url)
        with Load(server.url) as load:
            until(lambda: load.seen(200) > 20)
            os.kill(min(before), signal.SIGKILL)
            until(lambda: load.seen(429) > 50)
        lost = load.seen(0)
        assert 120 - lost <= load.seen(200) <= 120
        assert load.seen(503) == 0
        until(lambda: len(processes(server.url) - before) == 1)
        assert min(before) not in processes(server.url)


def test_redis_killed_in_mid_load_is_a_503_until_it_is_back_and_never_more_than_the_limit(
    own_redis: RedisServer,
) -> None:
    with serving(*FROZEN, "--workers", "2", *shared(own_redis)) as server:
        with Load(server.url) as load:
            until(lambda: load.seen(200) > 20)
            own_redis.kill()
            until(lambda: load.seen(503) > 20)
            own_redis.start()
            until(lambda: load.seen(429) > 20)
        assert 120 - load.seen(503) <= load.seen(200) <= 120
        assert load.seen(0) == load.seen(500) == 0
        refusal = load.refusals[0]
        assert refusal.headers["content-type"] == "application/problem+json"
        assert refusal.headers["retry-after"] == "1"
        assert refusal.json()["from"] == "mockserver"
        assert load.seen(200) + left(server) <= 120


def test_a_redis_that_hangs_is_a_503_and_counts_nothing_twice(own_redis: RedisServer) -> None:
    with serving(*FROZEN, *shared(own_redis)) as server:
        assert server.get(WEBSITES, KEY).status_code == 200
        own_redis.signal(signal.SIGSTOP)
        answer = server.get(WEBSITES, KEY)
        health = server.get("/__mock/health")
        control = server.get("/__mock/clock")
        own_redis.signal(signal.SIGCONT)
        assert (answer.status_code, health.status_code, control.status_code) == (503, 503, 503)
        assert health.json()["state"]["reachable"] is False
        assert control.json()["from"] == "mockserver"
        assert server.get(WEBSITES, KEY).status_code == 200
        assert left(server) in (117, 118)  # what was refused may have arrived, but not twice
        assert server.get("/__mock/health").json()["status"] == "ok"


def test_a_server_that_is_to_stay_open_answers_without_limits_and_says_so(own_redis: RedisServer) -> None:
    with serving(*FROZEN, *shared(own_redis), "--state-failure", "open") as server:
        own_redis.kill()
        answers = [server.get(WEBSITES, KEY) for _ in range(130)]
        assert {answer.status_code for answer in answers} == {200}
        assert "cannot be reached" in answers[0].headers["x-mock-state"]
        assert server.get("/__mock/health").json()["status"] == "degraded"
        own_redis.start()
        answer = server.get(WEBSITES, KEY)
        assert answer.headers["x-ratelimit-remaining"] == "119"
        assert "x-mock-state" not in answer.headers


def test_a_stop_finishes_what_was_begun_and_loses_nothing_of_the_journal(redis: RedisServer) -> None:
    options = (*FROZEN, "--workers", "2", *shared(redis))
    with serving(*options) as server:
        slow: dict[str, Any] = {}

        def ask_slowly() -> None:
            slow["answer"] = server.get(WEBSITES, KEY, headers={"X-Mock-Delay": "700"})

        for _ in range(30):
            server.get(WEBSITES, KEY)
        thread = threading.Thread(target=ask_slowly)
        thread.start()
        until(lambda: left(server) == 89)
        server.process.send_signal(signal.SIGTERM)
        thread.join()
        assert server.process.wait(30) == 0
        assert slow["answer"].status_code == 200
    with serving(*options) as server:
        assert server.get("/__mock/requests/count").json()["count"] == 31


def test_workers_end_with_the_process_above_them(redis: RedisServer) -> None:
    with serving(*FROZEN, "--workers", "2", *shared(redis)) as server:
        workers = processes(server.url)
        server.process.kill()
        until(lambda: not any(_runs(pid) for pid in workers))


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_lines_of_several_workers_do_not_interleave(redis: RedisServer) -> None:
    options = ("--port", "0", "--now", "2026-02-07T12:00:20Z", "--no-rate-limit", "--workers", "3", *shared(redis))
    with subprocess.Popen(
        [sys.executable, "-m", "mockserver", "serve", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        output = process.stdout
        lines = [output.readline()]
        reader = threading.Thread(target=lambda: lines.extend(output))
        reader.start()
        path = f"{WEBSITES}?{'x' * 1_500}"
        assert asyncio.run(ask([json.loads(lines[0])["url"]], 400, path)) == {200: 400}
        process.terminate()
        reader.join()
    events = [json.loads(line) for line in lines]
    assert [event.get("event") for event in events].count("listening") == 1
    assert sum(event.get("path", "").endswith("x…") for event in events) == 400


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--workers", "2"), "--workers needs --state"),
        (("--state", "redis://127.0.0.1:1/0"), "--state: the state at redis://127.0.0.1:1/0 cannot be reached"),
        (("--state", "http://127.0.0.1"), "--state http://127.0.0.1 is not a Redis URL"),
        (("--state", "redis://127.0.0.1/first"), "expected the number of a database"),
        (("--state", "redis://x:secret@127.0.0.1:1"), "redis://127.0.0.1:1 cannot be reached"),
        (("--state", "redis://127.0.0.1:1", "--state-namespace", "a b"), "--state-namespace must be letters"),
    ],
)
def test_what_cannot_be_started_says_why_in_one_line(options: tuple[str, ...], said: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "mockserver", "serve", "--port", "0", *options],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode != 0
    assert said in ended.stderr
    assert "secret" not in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert ended.stdout == ""


def test_without_the_extra_a_shared_state_is_refused_with_the_way_to_get_it() -> None:
    code = "import sys; sys.modules['redis'] = None; from mockserver.cli.main import main; main()"
    ended = subprocess.run(
        [sys.executable, "-c", code, "serve", "--port", "0", "--state", "redis://127.0.0.1:1"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode != 0
    assert "--state needs the extra 'redis'" in ended.stderr
    assert ended.stderr.count("\n") == 1
