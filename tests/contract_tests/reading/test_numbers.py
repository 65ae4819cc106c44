"""Numbers in headers are ASCII digits, and not too many of them."""

from __future__ import annotations

import pytest

from contract_tests.reading.numbers import decimal, whole


@pytest.mark.parametrize("text", [None, "", "²", "٣", "1_000", "+5", "0x1", "5" * 5000, "nan", "inf", "1e5", "1, 2"])
def test_what_python_alone_takes_for_a_number_is_none(text: str | None) -> None:
    assert (whole(text), decimal(text)) == (None, None)


def test_digits_are_a_number() -> None:
    assert (whole("30"), whole(" 7 "), whole("-1"), whole("1.5")) == (30, 7, -1, None)
    assert (decimal("30"), decimal("1.5"), decimal("-1")) == (30.0, 1.5, -1.0)
