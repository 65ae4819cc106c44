"""`/__mock/metrics`: Prometheus metrics of all workers, from any of them."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockserver.control.space import own_version
from mockserver.engine.mock import Mock
from mockserver.journal.metrics import BOUNDS, DECISIONS, decisions, seconds, times
from mockserver.state.space import StateError

if TYPE_CHECKING:
    from prometheus_client.core import Metric


JSON = Any
Gauges = Mapping[str, tuple[str, float]]


def metrics_route(mock: Mock) -> Route:
    """Return the metrics route, which covers all spaces."""

    async def endpoint(request: Request) -> Response:
        from prometheus_client import CollectorRegistry
        from prometheus_client.exposition import choose_encoder

        registry = CollectorRegistry(auto_describe=False)
        registry.register(MetricsCollector(mock, await _state(mock)))
        encode, media_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(registry), headers={"content-type": media_type})

    return Route("/__mock/metrics", endpoint, methods=["GET"])


async def _state(mock: Mock) -> Gauges:
    """Return the gauges of the state; if it is unreachable, only `state_up`."""
    journal = mock.space.journal
    try:
        held = await journal.size() if journal is not None else 0
        tests = await mock.store.count_tests(mock.tests)
    except StateError:
        return {"state_up": ("Whether the state is reachable.", 0)}
    return {
        "state_up": ("Whether the state is reachable.", 1),
        "journal_entries": ("Entries in the journal of the server's own space.", held),
        "test_spaces": ("Spaces of tests.", tests.held),
    }


class MetricsCollector:
    """A Prometheus collector of one snapshot. No label has values chosen by clients."""

    def __init__(self, mock: Mock, state: Gauges) -> None:
        own = mock.metrics.snapshot() | {"refused": mock.connections.refused, "open": len(mock.connections.open)}
        self._all: list[JSON] = mock.metrics.all_workers(own)
        self._mock, self._given = mock, state

    def collect(self) -> Iterator[Metric]:
        """Yield the metric families (the interface of `prometheus_client` collectors)."""
        rows = list(_summed(row for worker in self._all for row in worker["rows"]).items())
        yield from self._answers(rows)
        yield self._counter("faults", "Injected faults, by type.", "fault", "faults")
        yield self._counter("connections_refused", "Connections closed by the server, by reason.", "reason", "refused")
        yield from self._state()

    def _answers(self, rows: Sequence[tuple[tuple[str, str, int], list[float]]]) -> Iterator[Metric]:
        from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

        requests = CounterMetricFamily(
            "mockserver_requests",
            "Answered requests; status 0 if no response was sent, empty operation if none matched.",
            labels=("contract", "operation", "status"),
        )
        durations = HistogramMetricFamily(
            "mockserver_request_duration_seconds",
            "Seconds from the request head to the last byte of the answer.",
            labels=("contract", "operation"),
        )
        limiter = CounterMetricFamily(
            "mockserver_limiter_decisions", "Decisions of the rate limiter.", labels=("contract", "decision")
        )
        by_operation = _summed([contract, operation, 0, row] for (contract, operation, _), row in rows)
        for (contract, operation, status), row in sorted(rows):
            requests.add_metric((contract, operation, str(status)), times(row)[-1])
        for (contract, operation, _), row in sorted(by_operation.items()):
            named = zip([*map(str, BOUNDS), "+Inf"], times(row), strict=True)
            durations.add_metric((contract, operation), list(named), seconds(row))
        for contract in sorted({contract for (contract, _, _), _ in rows if contract}):
            said = Counter(dict.fromkeys(DECISIONS, 0.0))
            for (owner, _, _), row in rows:
                if owner == contract:
                    said.update(dict(decisions(row)))
            for decision, count in said.items():
                limiter.add_metric((contract, decision), count)
        yield from (requests, durations, limiter)

    def _counter(self, name: str, text: str, label: str, member: str) -> Metric:
        from prometheus_client.core import CounterMetricFamily

        family = CounterMetricFamily(f"mockserver_{name}", text, labels=(label,))
        summed = sum((Counter(worker.get(member, {})) for worker in self._all), Counter[str]())
        for value, count in sorted(summed.items()):
            family.add_metric((value,), count)
        return family

    def _state(self) -> Iterator[Metric]:
        from prometheus_client.core import GaugeMetricFamily

        connections = ("Open connections.", sum(worker.get("open", 0) for worker in self._all))
        for name, (text, value) in {"connections": connections, **self._given}.items():
            yield GaugeMetricFamily(f"mockserver_{name}", text, value=value)
        build = GaugeMetricFamily("mockserver_build_info", "Version of the server.", labels=("version", "python"))
        build.add_metric((own_version(), platform.python_version()), 1)
        yield build
        contracts = GaugeMetricFamily("mockserver_contract_info", "Served contracts.", labels=("contract",))
        for api in self._mock.apis:
            contracts.add_metric((api.contract.selector,), 1)
        yield contracts


def _summed(rows: Iterable[Sequence[JSON]]) -> dict[tuple[str, str, int], list[float]]:
    found: dict[tuple[str, str, int], list[float]] = {}
    for contract, operation, status, row in rows:
        name = (contract, operation, status)
        found[name] = [mine + more for mine, more in zip(found[name], row, strict=True)] if name in found else row
    return found
