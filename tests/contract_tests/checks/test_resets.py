"""The instants at which windows end."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from contract_tests.checks import limits
from contract_tests.model.exchange import Exchange
from tests.contract_tests.checks.recorded import START, Expected, case, outcomes, row

TABLE = [
    case("within the window", [row(reset=int(START) + 50)], {"CT605::minute.reset": True}),
    case("in the past", [row(reset=int(START) - 90)], {"CT605:listShops:minute.reset": False}),
    case("too far ahead", [row(reset=int(START) + 900)], {"CT605:listShops:minute.reset": False}),
    case("in milliseconds", [row(reset=int(START + 50) * 1000)], {"CT605:listShops:minute.reset": False}),
    case("a duration", [row(reset=50)], {"CT605:listShops:minute.reset": False}),
    case("no number", [row(reset="soon")], {"CT605:listShops:minute.reset": False}),
]


@pytest.mark.parametrize(("exchanges", "expected"), TABLE)
def test_a_reset_is_at_most_one_window_ahead(exchanges: Sequence[Exchange], expected: Expected) -> None:
    assert outcomes(limits.judge, exchanges, expected) == expected
