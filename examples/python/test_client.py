"""The fixture `mockserver` comes with the package. Nothing sleeps: the client waits by turning the mock's clock."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from client import Analytics, QuotaUsedUpError

from mockserver.testing import Mock


@pytest.fixture
def client(mockserver: Mock) -> Iterator[Analytics]:
    made = Analytics(mockserver.url, "zv_demo_pro", sleep=mockserver.clock.advance)
    yield made
    made.close()


def test_it_survives_a_429_storm_a_connection_reset_and_a_month_end(mockserver: Mock, client: Analytics) -> None:
    mockserver.limits.set("zv_demo_pro", remaining=0)
    assert client.websites()
    mockserver.faults.add("CONNECTION_RESET_BY_PEER", times=2)
    assert client.websites()
    mockserver.limits.set("zv_demo_pro", monthly_remaining=0)
    with pytest.raises(QuotaUsedUpError):
        client.websites()
    mockserver.clock.set("next-month")
    assert client.websites()
    mockserver.assert_client(honours_retry_after=True, backs_off=True, stops_at_quota=True)


def test_it_waits_for_retry_after(mockserver: Mock, client: Analytics) -> None:
    mockserver.scenario("retry-after-2s")
    assert client.websites()
    assert [request.status for request in mockserver.requests(operation="listWebsites")][-2:] == [429, 200]
    mockserver.assert_client(honours_retry_after=True)


@pytest.mark.parametrize("left", range(1, 6))
def test_tests_do_not_meet(mockserver: Mock, client: Analytics, left: int) -> None:
    mockserver.limits.set("zv_demo_pro", remaining=left)
    for _ in range(left):
        client.websites()
    mockserver.assert_requested(times=left, status=200)
