"""200 clients at once, each with a space, faults and counters of its own."""

from __future__ import annotations

import asyncio
import collections

import httpx

from tests.lab import PRO, WEBSITES
from tests.servers import Server

CLIENTS = 200
REQUESTS = 16


async def one_client(client: httpx.AsyncClient, number: int, places: asyncio.Semaphore) -> list[str]:
    """A space in which every request of a number's own choice is reset, and then the minute ends."""
    every, left = 2 + number % 5, 1 + number % 12
    test = {"X-Test-Id": f"worker-{number}", "X-API-Key": PRO}
    await client.put(f"/__mock/limits/{PRO}", json={"remaining": left}, headers=test)
    fault = {"fault": "EMPTY_RESPONSE", "every": every}
    await client.post("/__mock/faults", json=fault, headers=test)
    seen = []
    for _ in range(REQUESTS):
        try:
            async with places:
                seen.append(str((await client.get(WEBSITES, headers=test)).status_code))
        except httpx.RemoteProtocolError:
            seen.append("empty")
    expected, remaining = [], left
    for asked in range(1, REQUESTS + 1):
        if asked % every == 0:
            expected.append("empty")
        else:
            expected.append("200" if remaining else "429")
            remaining -= bool(remaining)
    assert seen == expected, f"client {number}"
    limits = (await client.get(f"/__mock/limits/{PRO}", headers=test)).json()
    assert limits["minute"]["remaining"] == remaining
    count = (await client.get("/__mock/requests/count", headers=test)).json()
    assert count["count"] == REQUESTS
    faults = (await client.get("/__mock/faults", headers=test)).json()["faults"]
    assert [(one["seen"], one["struck"]) for one in faults] == [(REQUESTS, REQUESTS // every)]
    return seen


async def connected(server: Server, number: int, places: asyncio.Semaphore) -> list[str]:
    """The same over a connection of its own."""
    async with httpx.AsyncClient(base_url=server.url, timeout=120, verify=False, limits=server.limits) as client:
        return await one_client(client, number, places)


async def all_clients(server: Server) -> collections.Counter[str]:
    """All of them at once, with as many requests on their way as a busy machine answers in time."""
    places = asyncio.Semaphore(50)
    seen = await asyncio.gather(*(connected(server, number, places) for number in range(CLIENTS)))
    return collections.Counter(status for statuses in seen for status in statuses)


def test_200_clients_do_not_meet(server: Server) -> None:
    seen = asyncio.run(all_clients(server))
    assert sum(seen.values()) == CLIENTS * REQUESTS


async def burst(url: str, test: str, count: int) -> collections.Counter[int]:
    """So many requests of one space at once."""
    limits = httpx.Limits(max_connections=CLIENTS)
    headers = {"X-Test-Id": test, "X-API-Key": "zv_demo_enterprise"}
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=120, headers=headers) as client:
        await client.put("/__mock/limits/zv_demo_enterprise", json={"remaining": 37})
        await client.post("/__mock/faults", json={"status": 500, "times": 11})
        answers = await asyncio.gather(*(client.get(WEBSITES) for _ in range(count)))
    return collections.Counter(answer.status_code for answer in answers)


def test_in_one_space_nothing_is_lost_and_nothing_counted_twice(server: Server) -> None:
    assert asyncio.run(burst(server.url, "burst", CLIENTS)) == {500: 11, 200: 37, 429: CLIENTS - 48}
