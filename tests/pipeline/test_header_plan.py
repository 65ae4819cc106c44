"""Declared headers: compiled once for each quota window, with the figures and the ID of each request."""

from __future__ import annotations

import os
import uuid
from dataclasses import replace

from apicontract.catalogue import bundled
from mockserver.limits.quota import Quota
from mockserver.pipeline.headers import HeaderPlan, request_id

DECLARED = next(
    header
    for operation in bundled().load("zenovay@2026-02").operations
    for response in operation.responses.values()
    for header in response.headers
)
QUOTA = Quota("pro", 30, 3, 1_770_465_660.0, 1_000, 40, 1_772_323_200.0, 400)
SOURCES = {
    "X-Limit": ("minute.limit", ""),
    "X-Left": ("minute.remaining", ""),
    "X-Reset": ("minute.reset", "rfc3339"),
    "X-100%": ("month.used", ""),
    "X-Month": ("month.limit", ""),
    "Retry-After": ("retry-after", ""),
}


def plan(sources: dict[str, tuple[str, str]]) -> HeaderPlan:
    return HeaderPlan(
        tuple(replace(DECLARED, name=name, source=source, unit=unit) for name, (source, unit) in sources.items())
    )


def test_headers_follow_the_quota_from_request_to_request_and_from_minute_to_minute() -> None:
    made = plan(SOURCES)
    month = b"x-month: 1000\r\n"
    first = b"x-limit: 30\r\nx-left: 27\r\nx-reset: 2026-02-07T12:01:00Z\r\nx-100%: 40\r\n"
    assert made.fill(QUOTA) == first + month
    assert (
        made.fill(QUOTA._replace(minute_used=4, month_used=41))
        == first.replace(b"27", b"26").replace(b"40", b"41") + month
    )
    later = made.fill(QUOTA._replace(minute_reset=QUOTA.minute_reset + 60))
    assert later == first.replace(b"12:01", b"12:02") + month
    assert made.fill(QUOTA._replace(month_limit=None)) == first
    assert made.fill(QUOTA._replace(retry_after=7)) == first + month + b"retry-after: 7\r\n"
    assert made.fill(QUOTA) == first + month


def test_without_a_quota_no_rate_limit_header_is_sent() -> None:
    assert plan(SOURCES).fill(None) == b""
    assert plan({"X-Request-Id": ("request-id", "")}).fill(None).startswith(b"x-request-id: ")


def test_request_ids_are_uuids_of_version_4_and_all_different() -> None:
    ids = [uuid.UUID(request_id().decode()) for _ in range(1_000)]
    assert len(set(ids)) == 1_000
    assert {(one.version, one.variant) for one in ids} == {(4, uuid.RFC_4122)}


def test_workers_that_are_forked_give_different_request_ids() -> None:
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, b" ".join(request_id() for _ in range(50)))
        os._exit(0)
    os.waitpid(child, 0)
    theirs = set(os.read(read, 10_000).split())
    assert len(theirs) == 50
    assert not theirs & {request_id() for _ in range(50)}
    os.close(read)
    os.close(write)
