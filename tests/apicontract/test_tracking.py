from __future__ import annotations

from typing import Any

import pytest

from apicontract import bundled
from tests.documents import contract_of

OK = {"responses": {"200": {"description": "done"}}}


@pytest.mark.parametrize(
    ("extension", "message"),
    [
        ({"kind": "page"}, "needs a `kind`, one of event, live, heartbeat; found 'page'"),
        ("event", "needs a `kind`"),
        ({"kind": "live"}, "needs `seconds`, a number above 0"),
        ({"kind": "live", "seconds": "5m"}, "needs `seconds`, a number above 0"),
    ],
)
def test_a_wrong_extension_is_refused_with_its_operation(extension: Any, message: str) -> None:
    (operation,) = contract_of({"/live": {"get": {**OK, "x-tracking": extension}}}).broken
    assert operation.broken is not None
    assert operation.path == "/live"
    assert message in operation.broken.reason


def test_an_operation_is_found_by_what_it_does_to_the_live_count() -> None:
    contract = contract_of(
        {
            "/a": {"post": {**OK, "x-tracking": {"kind": "event", "session": "visit", "page_view": {"type": "view"}}}},
            "/b": {"get": {**OK, "x-tracking": {"kind": "live", "seconds": 60}}},
        }
    )
    event, live = contract.tracking("event"), contract.tracking("live")
    assert event is not None
    assert event.tracking is not None
    assert (event.path, event.tracking.session, event.tracking.page_view) == ("/a", "visit", {"type": "view"})
    assert live is not None
    assert live.tracking is not None
    assert (live.path, live.tracking.seconds) == ("/b", 60.0)
    assert contract.tracking("heartbeat") is None


@pytest.mark.parametrize("selector", ["zenovay@2026-02", "zenovay@2025-01"])
def test_five_minutes_of_silence_end_a_session_which_no_document_of_the_first_level_says(selector: str) -> None:
    live = bundled().load(selector).tracking("live")
    assert live is not None
    assert live.tracking is not None
    assert live.tracking.seconds == 300
    assert live.tracking.provenance.level in ("supplement", "inferred")
