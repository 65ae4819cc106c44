"""What Prometheus reads: right, bounded, and the same from every worker."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import httpx
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_families
from prometheus_client.parser import text_string_to_metric_families

from tests.lab import PRO, USAGE, WEBSITES
from tests.redis import RedisServer, running_redis, shared
from tests.servers import Server, serving

CONTRACT = "zenovay@2026-02"


@pytest.fixture
def alone() -> Iterator[Server]:
    """A server that nobody has asked anything."""
    with serving("--quiet", "--now", "2026-02-07T12:00:20Z") as running:
        yield running


def read(text: str) -> dict[tuple[str, tuple[str, ...]], float]:
    """Samples by name and the values of their labels."""
    return {
        (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def scraped(server: Server) -> dict[tuple[str, tuple[str, ...]], float]:
    """What Prometheus would read now."""
    answer = server.get("/__mock/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return read(answer.text)


def test_requests_times_limits_faults_and_the_journal_are_counted(alone: Server) -> None:
    for _ in range(32):
        alone.get(WEBSITES, PRO)
    alone.get(WEBSITES)
    alone.get("/no/such/path")
    alone.get(WEBSITES, PRO, headers={"Prefer": "code=429"})
    alone.get(WEBSITES, PRO, headers={"X-Mock-Fault": "429"})
    alone.get(WEBSITES, "zv_demo_exhausted")
    alone.get(USAGE, "zv_demo_scale", headers={"X-Mock-Delay": "30", "X-Test-Id": "other"})
    with pytest.raises(httpx.TransportError):
        alone.get(USAGE, "zv_demo_scale", headers={"X-Mock-Fault": "CONNECTION_RESET_BY_PEER"})
    seen = scraped(alone)
    requests = {labels: value for (name, labels), value in seen.items() if name == "mockserver_requests_total"}
    assert requests == {
        (CONTRACT, "listWebsites", "200"): 30,
        (CONTRACT, "listWebsites", "429"): 5,
        (CONTRACT, "listWebsites", "401"): 1,
        (CONTRACT, "getUsage", "200"): 1,
        (CONTRACT, "getUsage", "0"): 1,
        ("", "", "404"): 1,
    }
    limiter = {labels[1]: value for (name, labels), value in seen.items() if "limiter_decisions" in name}
    assert limiter == {"allowed": 31, "refused_minute": 2, "refused_month": 1}
    assert seen["mockserver_faults_total", ("CONNECTION_RESET_BY_PEER",)] == 1
    assert seen["mockserver_faults_total", ("DELAY",)] == 1
    assert seen["mockserver_faults_total", ("ERROR",)] == 1
    assert seen["mockserver_request_duration_seconds_count", (CONTRACT, "getUsage")] == 2
    assert seen["mockserver_request_duration_seconds_bucket", (CONTRACT, "0.025", "getUsage")] == 1
    assert seen["mockserver_request_duration_seconds_bucket", (CONTRACT, "+Inf", "listWebsites")] == 36
    assert seen["mockserver_request_duration_seconds_sum", (CONTRACT, "getUsage")] >= 0.03
    assert seen["mockserver_journal_entries", ()] == 38
    assert seen["mockserver_test_spaces", ()] == 1
    assert seen["mockserver_connections", ()] >= 1
    assert [name for name, _ in seen if name == "mockserver_build_info"]


def test_no_label_holds_what_a_client_chooses(alone: Server) -> None:
    for number in range(50):
        alone.get(f"/nothing/{number}", f"key{number}")
        alone.get(f"{WEBSITES}/{number}", PRO)
        alone.request(f"VERB{number}", WEBSITES, PRO)
        alone.get(WEBSITES, PRO, headers={"X-Test-Id": f"test{number}"})
    labels = {value for _, values in scraped(alone) for value in values}
    assert not [value for value in labels if value.startswith(("key", "nothing", "VERB", "test", "/"))]
    assert PRO not in labels


def test_what_is_refused_before_it_is_a_request_is_counted_by_its_reason(alone: Server) -> None:
    with pytest.raises(httpx.HTTPError):
        httpx.get(alone.url.replace("http:", "https:"), verify=False)
    alone.get(WEBSITES, PRO, headers={f"X-{number}": "1" for number in range(200)})
    seen = scraped(alone)
    assert seen["mockserver_connections_refused_total", ("not-http",)] == 1
    assert seen["mockserver_connections_refused_total", ("head",)] == 1


def test_openmetrics_is_spoken_to_who_accepts_it(alone: Server) -> None:
    alone.get(WEBSITES, PRO)
    answer = alone.get("/__mock/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    families = {family.name for family in openmetrics_families(answer.text)}  # type: ignore[no-untyped-call]
    assert {"mockserver_requests", "mockserver_request_duration_seconds", "mockserver_journal_entries"} <= families


def test_metrics_can_be_read_while_the_state_is_away() -> None:
    with running_redis() as started, serving("--quiet", *shared(started)) as running:
        assert scraped(running)["mockserver_state_up", ()] == 1
        started.kill()
        assert running.get(WEBSITES, PRO).status_code == 503
        seen = scraped(running)
    assert seen["mockserver_state_up", ()] == 0
    assert seen["mockserver_requests_total", (CONTRACT, "listWebsites", "503")] == 1


def test_every_worker_tells_the_sum_of_all_and_of_those_that_have_ended(redis: RedisServer) -> None:
    with serving("--quiet", "--workers", "3", *shared(redis)) as running:
        running_now = {running.get("/__mock/health").json()["process"] for _ in range(60)}
        for _ in range(40):
            assert running.get("/no/such/path").status_code == 404
        name = ("mockserver_requests_total", ("", "", "404"))
        until = time.monotonic() + 20
        while {scraped(running).get(name) for _ in range(12)} != {40}:
            assert time.monotonic() < until
        assert len(running_now) > 1
        os.kill(running_now.pop(), signal.SIGKILL)
        while {scraped(running).get(name) for _ in range(12)} != {40}:
            assert time.monotonic() < until
