"""Metrics of answered requests by operation and status, with response times, rate-limit decisions and faults.

Counting updates a dict and a list; names are added when metrics are read. Workers write their counts into a shared
folder, so that each of them can report the sum, including workers that have ended.
"""

from __future__ import annotations

import asyncio
import os
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import Any

import orjson

from apicontract.errors import RATE_LIMITED
from mockserver.faults.fault import Fault
from mockserver.pipeline.answer import Answer
from mockserver.pipeline.request import Request

JSON = Any
BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the histogram buckets in seconds; a last bucket has no bound."""
DECISIONS = ("allowed", "refused_minute", "refused_month")
_ALLOWED, _MINUTE, _MONTH = range(len(BOUNDS) + 1, len(BOUNDS) + 4)
_SECONDS = _MONTH + 1
_DELAY = 0.1


class Metrics:
    """The metrics of one process."""

    def __init__(self) -> None:
        self._rows: dict[tuple[int, int], list[float]] = {}
        self._named: dict[tuple[int, int], tuple[str, str, int]] = {}
        self._faults: Counter[str] = Counter()

    def count(self, request: Request, answer: Answer, fault: Fault | None) -> None:
        """Count an answered request, after its last byte was sent."""
        seconds = perf_counter() - request.started
        row = self._rows.get((id(request.resolved.endpoint), answer.status))
        if row is None:
            row = self._new_row(request, answer.status)
        row[bisect_left(BOUNDS, seconds)] += 1
        row[_SECONDS] += seconds
        quota = answer.quota
        if quota is not None and not answer.judged.dry:
            refused = quota.refused
            row[_ALLOWED if not refused else _MINUTE if refused == RATE_LIMITED else _MONTH] += 1
        if fault is not None:
            self._faults[fault.word or "DELAY"] += 1

    def snapshot(self) -> JSON:
        """Return all counts as JSON."""
        rows = [[*self._named[name], row] for name, row in self._rows.items()]
        return {"rows": rows, "faults": self._faults}

    def all_workers(self, own: Mapping[str, JSON]) -> list[JSON]:
        """Return the snapshots of all workers; `own` is that of this worker, with additional counts."""
        return [own]

    def close(self) -> None:
        """Do nothing: counts of a single process end with it."""

    def _new_row(self, request: Request, status: int) -> list[float]:
        endpoint = request.resolved.endpoint
        name = (id(endpoint), status)
        contract, operation = ("", "") if endpoint is None else (endpoint.api.contract.selector, endpoint.operation.id)
        self._named[name] = (contract, operation, status)
        row = self._rows[name] = [0.0] * (_SECONDS + 1)
        return row


class SharedMetrics(Metrics):
    """Metrics of several workers: each writes its counts to `folder`, 0.1 s after a change."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._due = False

    def count(self, request: Request, answer: Answer, fault: Fault | None) -> None:
        """Count an answered request, after its last byte was sent."""
        super().count(request, answer, fault)
        if not self._due:
            self._due = True
            asyncio.get_running_loop().call_later(_DELAY, self.close)

    def close(self) -> None:
        """Write the counts atomically for other workers."""
        self._due = False
        path = self._folder / f"{os.getpid()}.json"
        new = path.with_suffix(".new")
        with suppress(OSError):  # the folder is deleted when the server ends
            new.write_bytes(orjson.dumps(self.snapshot()))
            new.replace(path)

    def all_workers(self, own: Mapping[str, JSON]) -> list[JSON]:
        """Return the snapshots of all workers; `own` is that of this worker, with additional counts."""
        others = [path for path in self._folder.glob("*.json") if path.stem != str(os.getpid())]
        return [own, *(orjson.loads(path.read_bytes()) for path in others)]


def times(row: list[float]) -> list[float]:
    """Return the cumulative counts of the histogram buckets."""
    total = 0.0
    return [total := total + count for count in row[: len(BOUNDS) + 1]]


def seconds(row: list[float]) -> float:
    """Return the sum of all response times."""
    return row[_SECONDS]


def decisions(row: list[float]) -> Iterable[tuple[str, float]]:
    """Return the number of rate-limit decisions by kind."""
    return zip(DECISIONS, row[_ALLOWED : _MONTH + 1], strict=True)
