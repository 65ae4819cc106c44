"""Pace, waiting, reserve: what a run does with what the target's headers say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import pytest

from apicontract import bundled
from contract_tests.run.engine import Options, run

CONTRACT = bundled().load("zenovay@2025-01")
START = 1_770_465_605.0


@dataclass
class Time:
    """A clock that only moves when somebody sleeps."""

    at: float = START
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds


class Limited:
    """Answers everything with an empty list, ten requests a minute; counts what arrives in each minute."""

    def __init__(self, time: Time, limit: int = 10, month: int = 1000, used: int = 0) -> None:
        self.time, self.limit, self.month, self.used = time, limit, month, used
        self.minutes: dict[int, int] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if "x-api-key" not in request.headers and "authorization" not in request.headers:
            return httpx.Response(401, json={"error": {"code": "invalid_api_key", "message": "no"}})
        minute = int(self.time.at // 60)
        count = self.minutes[minute] = self.minutes.get(minute, 0) + 1
        self.used += 1
        headers = {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - count)),
            "X-Usage-Monthly": str(self.used),
            "X-Usage-Limit": str(self.month),
            "X-Usage-Reset": "2026-03-01T00:00:00Z",
        }
        if count > self.limit:
            return httpx.Response(
                429,
                headers={**headers, "Retry-After": "60"},
                json={"error": {"code": "rate_limit_exceeded", "message": "x"}},
            )
        return httpx.Response(200, headers=headers, json={"websites": []})


def go(answer: Callable[[httpx.Request], httpx.Response], time: Time, **more: object) -> object:
    options = Options(
        target="http://127.0.0.1:4010",
        contract=CONTRACT,
        keys={"main": "zv_aB1_key"},
        transport=httpx.MockTransport(answer),
        clock=time,
        **{"max_requests": 60, **more},  # type: ignore[arg-type]
    )
    return run(options)[0]


def test_no_429_is_caused_at_the_targets_own_pace() -> None:
    time = Time()
    server = Limited(time)
    go(server, time)
    assert max(server.minutes.values()) <= server.limit
    assert sum(server.minutes.values()) > server.limit


def test_a_fixed_rate_spaces_every_request() -> None:
    time = Time()
    result = go(Limited(time, limit=1000), time, rate="20/m", max_requests=11)
    assert time.at - START >= 3.0 * (result.requests - 1)  # type: ignore[attr-defined]


def test_rate_off_never_waits() -> None:
    time = Time()
    go(Limited(time, limit=1000), time, rate="off")
    assert time.slept == []


def test_the_month_is_never_taken_below_its_reserve() -> None:
    time = Time()
    server = Limited(time, limit=1000, month=100, used=40)
    result = go(server, time)
    assert server.used <= 50
    assert result.verdict != "conforms"  # type: ignore[attr-defined]
    assert "reserve" in result.stop_reason  # type: ignore[attr-defined]


@pytest.mark.parametrize("wait", ["86400", "3600"])
def test_a_run_gives_up_when_it_is_told_to_wait_too_long(wait: str) -> None:
    time = Time()
    result = go(
        lambda request: httpx.Response(
            429, headers={"Retry-After": wait}, json={"error": {"code": "x", "message": "x"}}
        ),
        time,
    )
    assert time.at - START < 400
    assert "429" in result.stop_reason  # type: ignore[attr-defined]


def test_ctrl_c_still_gives_a_result() -> None:
    time = Time()
    seen = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if len(seen) == 5:
            raise KeyboardInterrupt
        return httpx.Response(200, json={})

    result = go(answer, time)
    assert result.stop_reason == "interrupted"  # type: ignore[attr-defined]
    assert result.requests == 5  # type: ignore[attr-defined]


def headed(time: Time, **headers: Callable[[int], object]) -> Callable[[httpx.Request], httpx.Response]:
    """A server that announces what the functions make of the number of a request, and never refuses one."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        texts = {name.replace("_", "-"): str(value(len(seen))) for name, value in headers.items()}
        return httpx.Response(200, headers=texts, json={"websites": []})

    return answer


def test_remaining_requests_that_are_counted_upwards_are_waited_for_no_longer_than_a_window() -> None:
    time = Time()
    go(headed(time, X_RateLimit_Limit=lambda _: 1000, X_RateLimit_Remaining=lambda number: number - 1), time)
    assert max(time.slept, default=0.0) <= 60.5
    assert time.at - START < 70


def test_a_limit_that_no_second_answer_repeats_is_not_believed() -> None:
    time = Time()
    go(headed(time, X_RateLimit_Limit=lambda number: number, X_RateLimit_Remaining=lambda _: 500), time)
    assert time.slept == []


@pytest.mark.parametrize("reset", ["9999999999", "2999-01-01T00:00:00Z", "0", "soon", "-1"])
def test_no_wait_is_longer_than_the_window_whatever_a_reset_says(reset: str) -> None:
    time = Time()
    figures = {"X_RateLimit_Limit": lambda _: 30, "X_RateLimit_Remaining": lambda _: 0}
    go(headed(time, **figures, X_RateLimit_Reset=lambda _: reset), time, max_requests=6)
    assert max(time.slept) <= 60.5


def test_a_run_gives_up_when_it_is_refused_although_it_waited() -> None:
    time = Time()
    refusal = {"error": {"code": "rate_limit_exceeded", "message": "x"}}
    result = go(lambda _: httpx.Response(429, headers={"Retry-After": "250"}, json=refusal), time)
    assert max(time.slept) <= 60
    assert time.at - START <= 200
    assert "429" in result.stop_reason  # type: ignore[attr-defined]
