"""Paging as a state machine: every page is the expected slice of the list."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from mockserver.dataset.activity import Activity
from tests.apis.calls import NEW, call

SITE = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
LISTS = {"listVisitors": ("visitors", 1000), "listReplaySessions": ("sessions", 200)}
EVENT = {"url": "/pricing", "device_type": "desktop", "browser": "Chrome", "os": "macOS", "user_agent": "test"}


class Reader(RuleBasedStateMachine):
    """Reads pages of a list. `whole`: the list read in the largest pages; tracking visitors prepends to it."""

    operation = "listVisitors"

    @initialize()
    def read_all(self) -> None:
        self.activity = Activity()
        self.tracked = 0
        self.offset, self.limit = 0, 50
        self.whole = self.everything()

    def page(self, offset: int, limit: int) -> tuple[list[Any], dict[str, Any]]:
        body = call(NEW, self.operation, SITE, activity=self.activity, range="24h", offset=offset, limit=limit)
        return body[LISTS[self.operation][0]], body["pagination"]

    def everything(self) -> list[Any]:
        most = LISTS[self.operation][1]
        found: list[Any] = []
        while True:
            items, pagination = self.page(len(found), most)
            found += items
            if not pagination["has_more"]:
                return found

    @rule(limit=st.integers(1, 200))
    def choose_a_size(self, limit: int) -> None:
        self.limit = limit

    @rule()
    def go_on(self) -> None:
        self.offset += self.limit

    @rule(share=st.floats(0, 1.1))
    def jump(self, share: float) -> None:
        self.offset = int(len(self.whole) * share)

    @rule()
    def jump_to_the_end(self) -> None:
        self.offset = max(0, len(self.whole) - self.limit)

    @rule()
    def somebody_comes(self) -> None:
        self.tracked += 1
        body = {**EVENT, "session_id": f"session-{self.tracked:04d}"}
        call(NEW, "trackEvent", "ZV_abc123xyz", activity=self.activity, body=body)
        grown = self.everything()
        new = 1 if self.operation == "listVisitors" else 0
        before = [item["id"] for item in self.whole]
        known = set(before)
        assert [item["id"] for item in grown if item["id"] in known] == before
        assert len(grown) == len(before) + new
        self.whole = grown

    @invariant()
    def the_page_is_the_slice(self) -> None:
        if not hasattr(self, "whole"):
            return
        items, pagination = self.page(self.offset, self.limit)
        assert items == self.whole[self.offset : self.offset + self.limit]
        more = self.offset + self.limit < len(self.whole)
        assert pagination == {"limit": self.limit, "offset": self.offset, "has_more": more}


@pytest.mark.parametrize("operation", LISTS)
def test_every_page_is_the_slice_it_should_be(operation: str) -> None:
    case = type("Case", (Reader,), {"operation": operation}).TestCase  # type: ignore[attr-defined]
    case.settings = settings(max_examples=8, stateful_step_count=12, deadline=None)
    case().runTest()


def test_no_record_stands_twice_in_the_whole_list() -> None:
    for operation in LISTS:
        reader = type("Case", (Reader,), {"operation": operation})()
        reader.activity = Activity()
        ids = [item["id"] for item in reader.everything()]
        assert len(ids) == len(set(ids)) > 200
