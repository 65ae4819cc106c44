"""The tracking sequence sends nothing that could spoil what it looks at."""

from __future__ import annotations

import json

import pytest

from apicontract import bundled
from contract_tests.model.purposes import BAD_INPUT, PAGE_VIEW
from contract_tests.plan.tracking import tracking

CONTRACTS = [name for name in sorted(bundled().files) if bundled().load(name).tracking("event")]


@pytest.mark.parametrize("contract", CONTRACTS)
def test_bad_input_has_not_the_session_of_the_page_view_so_that_a_server_may_accept_it(contract: str) -> None:
    loaded = bundled().load(contract)
    event = loaded.tracking("event")
    assert event
    assert event.tracking
    session = event.tracking.session
    steps = list(tracking(loaded, "ABC", 1))
    [good] = [json.loads(step.body) for step in steps if step.purpose == PAGE_VIEW]
    bad = [step.body for step in steps if step.purpose.startswith(BAD_INPUT)]
    assert len(bad) >= 5
    assert good[session]
    assert not [body for body in bad if good[session].encode() in body]
