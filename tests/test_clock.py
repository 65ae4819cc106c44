"""Instants as text: the texts that a busy server keeps are those of the instant, whatever came before."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.clock import ClockText, rfc3339
from mockserver.form import EARLIEST, LATEST

MOMENTS = st.integers(int(EARLIEST * 1000), int(LATEST * 1000)).map(lambda milliseconds: milliseconds / 1000)
NEAR = st.integers(0, 2_500).map(lambda milliseconds: 1_770_465_620 + milliseconds / 1000)


@given(instants=st.lists(st.one_of(MOMENTS, NEAR), min_size=1, max_size=20))
def test_every_text_is_that_of_its_instant(instants: list[float]) -> None:
    text = ClockText()
    for instant in instants:
        expected = rfc3339(instant)
        assert text.plain(instant) == expected
        assert text.quoted(instant) == b'"%b"' % expected.encode()
        assert (
            text.http_date(instant)
            == formatdate(datetime.fromisoformat(expected).timestamp() // 1, usegmt=True).encode()
        )


@given(instant=MOMENTS)
def test_a_text_says_when_to_the_millisecond(instant: float) -> None:
    assert abs(datetime.fromisoformat(rfc3339(instant)).timestamp() - instant) < 0.001


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (0.0, "1970-01-01T00:00:00.000Z"),
        (datetime(2026, 2, 7, 12, 0, 20, 999_000, UTC).timestamp(), "2026-02-07T12:00:20.999Z"),
        (1_770_465_620.9999999, "2026-02-07T12:00:21.000Z"),
    ],
)
def test_instants_at_the_edge_of_a_second(instant: float, text: str) -> None:
    assert rfc3339(instant) == ClockText().plain(instant) == text
