"""What bodies say about the limits of their key."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from contract_tests.checks import limits
from contract_tests.model.exchange import Exchange
from tests.contract_tests.checks.recorded import ANNOUNCED, Expected, asked, case, outcomes


def usage(**body: object) -> Exchange:
    return asked("/v1/usage", 200, body, headers=ANNOUNCED)


TABLE = [
    case(
        "the body agrees with the headers",
        [usage(requests_per_minute=30, monthly_requests=5, plan="pro")],
        {
            "CT601:showLimits:requests_per_minute agrees": True,
            "CT601:showLimits:monthly_requests agrees": True,
            "CT601:showLimits:named plan": True,
        },
    ),
    case("another limit", [usage(requests_per_minute=60)], {"CT601:showLimits:requests_per_minute agrees": False}),
    case(
        "another use of the minute",
        [usage(requests_this_minute=7)],
        {
            "CT601:showLimits:requests_this_minute agrees": False,
        },
    ),
    case(
        "another rest of the month",
        [usage(monthly_remaining=9_995)],
        {
            "CT601:showLimits:monthly_remaining agrees": True,
        },
    ),
    case("another plan", [usage(plan="free")], {"CT601:showLimits:named plan": False}),
    case("a plan that the contract does not know", [usage(plan="gold")], {}),
]


@pytest.mark.parametrize(("exchanges", "expected"), TABLE)
def test_a_body_tells_the_limits_of_its_key_as_the_headers_do(
    exchanges: Sequence[Exchange], expected: Expected
) -> None:
    assert outcomes(limits.judge, exchanges, expected) == expected
